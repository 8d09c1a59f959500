#pragma once
#include "domain/base/decider.hpp"

#include <filesystem>
#include <span>

/// PostgreSQL refuses to run as root, and nothing of ours needs to.
namespace runtime {

inline constexpr domain::Reason privileges_kept{domain::Reason::Kind::unavailable,
                                                "privileges-kept",
                                                "The program cannot give up root's rights"};

/// As root: hands `directories` (made when missing) to the user `cairn`, or to `nobody` when there
/// is none, and becomes that user for good. As anybody else: nothing.
domain::Result<void> give_up_root(std::span<const std::filesystem::path> directories);

}  // namespace runtime
