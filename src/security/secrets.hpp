#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"
#include "events/personal.hpp"

#include <array>
#include <filesystem>
#include <map>

/// Secrets that live in files outside PostgreSQL, made at the first start with mode 0600.
namespace security {

inline constexpr domain::Reason secrets_unsafe{domain::Reason::Kind::unavailable, "secrets-unsafe",
                                               "The directory of secrets is not fit for use"};

using Key = std::array<unsigned char, 32>;

/// The keys that wrap data keys, by epoch. Destroying an epoch makes every backup of what it
/// wrapped unreadable.
struct KeyEpochs {
    std::map<int, Key> keys;
    int newest() const { return keys.rbegin()->first; }
};

struct Secrets {
    KeyEpochs wrapping;
    Key signing_seed{};  ///< Ed25519, for access tokens
    KeyEpochs sealing;   ///< from which the keys that sign checkpoints are derived
    Key root{};          ///< from which purpose keys are derived
    /// A key of its own for one purpose; `context` has exactly 8 characters.
    Key derive(std::string_view context) const;
};

/// Reads `directory`, making what is missing. Refuses files that others can read.
domain::Result<Secrets> load_secrets(const std::filesystem::path& directory);

/// Reads a file of keys, making it with a first one when it is missing.
domain::Result<KeyEpochs> load_keys(const std::filesystem::path& file);
/// The keys that sign checkpoints, as they are now.
domain::Result<KeyEpochs> load_sealing(const std::filesystem::path& directory);
/// Replaces them: a new epoch is added by next_sealing(), or an old one is left out.
domain::Result<void> save_sealing(const std::filesystem::path& directory, const KeyEpochs& keys);
/// `keys` and a new epoch.
KeyEpochs next_sealing(KeyEpochs keys);

/// A file of the directory of secrets; refused when others may read it.
domain::Result<std::string> read_secret(const std::filesystem::path& file);
/// Replaces it durably, as a whole, readable by its owner alone.
domain::Result<void> write_secret(const std::filesystem::path& file, const std::string& text);

/// HMAC-SHA-512/256.
std::array<unsigned char, 32> mac(const Key& key, std::string_view message);
/// The first 16 bytes of mac(), as an id.
domain::Uuid mac_id(const Key& key, std::string_view message);

/// base64url without padding.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace security
