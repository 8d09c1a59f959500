#pragma once
#include "domain/base/decider.hpp"
#include "events/note.hpp"

#include <filesystem>
#include <map>

/// What was signed last of each lane, kept where the owner of the database cannot write: the
/// database alone could lose it and sign something else in its place.
namespace postgres {

/// By origin, so that the heads of another log in the same directory are left alone.
using SignedHeads = std::map<std::string, events::Checkpoint>;

/// The file beside the keys that sign.
std::filesystem::path signed_heads_file(const std::filesystem::path& secrets);
/// None when there is no file; refused when it is not what save_signed_heads() wrote.
domain::Result<SignedHeads> load_signed_heads(const std::filesystem::path& secrets);
/// Replaces the file as a whole: a line a lane of origin, size and root.
domain::Result<void> save_signed_heads(const std::filesystem::path& secrets,
                                       const SignedHeads& heads);

}  // namespace postgres
