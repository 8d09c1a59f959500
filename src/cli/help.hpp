#pragma once
#include "src/cli/command.hpp"

/// Help texts, made from the table of commands.
namespace cli {

/// Of a command, of a group, or of the whole program when `path` is empty.
std::string help_text(std::string_view path);
/// code, name and when, for `cairn help exit-codes`.
Table exit_codes();

}  // namespace cli
