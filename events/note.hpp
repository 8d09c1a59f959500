#pragma once
#include "events/merkle.hpp"

/// Signed notes and checkpoints as C2SP writes them (signed-note, tlog-checkpoint,
/// tlog-cosignature), with Ed25519.
namespace events {

using PublicKey = std::array<std::uint8_t, 32>;
using SigningSeed = std::array<unsigned char, 32>;

/// What a signature line was made by; the byte is part of the key's id.
enum class NoteAlgorithm : std::uint8_t {
    plain = 1,     ///< over the text
    cosigned = 4,  ///< cosignature/v1: over a time and the text
};

/// `— name base64(key id, signature)`.
struct SignatureLine {
    std::string name;
    std::array<std::uint8_t, 4> key_id{};
    std::string bytes;
    bool operator==(const SignatureLine&) const = default;
};
std::string to_text(const SignatureLine& line);

struct Note {
    std::string text;  ///< ends with a newline
    std::vector<SignatureLine> lines;
};
std::string to_text(const Note& note);
/// Empty for anything that to_text() could not have written.
std::optional<Note> note_from(std::string_view text);

/// A name and the key that goes with it.
struct NoteKey {
    std::string name;
    PublicKey key{};
    bool operator==(const NoteKey&) const = default;
};
/// `name+id+base64(algorithm, key)`, the form of golang.org/x/mod/sumdb/note.
std::string verifier_text(const NoteKey& key, NoteAlgorithm algorithm);
std::optional<NoteKey> note_key_from(std::string_view verifier);

PublicKey public_key_of(const SigningSeed& seed);
SignatureLine sign(const Note& note, const std::string& name, const SigningSeed& seed);
/// A cosignature says: at this time, this is the largest consistent tree that I know.
SignatureLine cosign(const Note& note, const std::string& name, const SigningSeed& seed,
                     std::int64_t unix_seconds);

/// Whether `key` has signed the note's text.
bool is_signed_by(const Note& note, const NoteKey& key);
/// When `key` has cosigned it, in seconds since 1970; empty when it has not.
std::optional<std::int64_t> cosigned_at(const Note& note, const NoteKey& key);

/// The head of a tree, as a note's text.
struct Checkpoint {
    std::string origin;
    std::int64_t size{};
    Hash root{};
};
std::string to_text(const Checkpoint& checkpoint);
/// Three lines and no others.
std::optional<Checkpoint> checkpoint_from(std::string_view text);

/// Standard base64 with padding; exactly one text for any bytes.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
std::optional<Hash> hash_from_base64(std::string_view text);
std::string to_base64(const Hash& hash);
/// A decimal without sign and leading zeros.
std::optional<std::int64_t> count_from(std::string_view text);

}  // namespace events
