#pragma once
#include <string>

namespace runtime {

/// SHA-256 of the running program's file, in hex: what one build has folded, another never goes on
/// with.
std::string program_digest();

}  // namespace runtime
