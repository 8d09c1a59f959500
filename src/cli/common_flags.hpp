#pragma once
#include "src/cli/command.hpp"

/// Flags that several nouns have, in the same words.
namespace cli {

inline constexpr Flag tenant_flag{"--tenant", "UUID", "Only this tenant"};
inline constexpr Flag tenant_needed{"--tenant", "UUID", "The tenant", true};
inline constexpr Flag limit_flag{"--limit", "N", "At most so many rows (default 50)"};

}  // namespace cli
