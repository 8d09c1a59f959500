#pragma once
#include "src/cli/command.hpp"

/// From the words of the shell to a command and its values.
namespace cli {

using Words = std::vector<std::string>;

struct Parsed {
    const Command* command{};
    Globals globals;
    std::map<std::string, std::string, std::less<>> values;
    Words words;
    std::optional<std::string> config_file;
    std::vector<runtime::FlagValue> overrides;  ///< settings that flags stand for
    std::optional<std::string> help;            ///< the path that help was asked about
    bool version{};
};

/// The name that a flag's value is found under: `output` for -o,--output.
std::string_view name_of(const Flag& flag);
/// An argument's name, and what its value must be; both may be asked of EVENT:UUID.
std::string_view name_of(const Argument& argument);
std::string_view check_of(const Argument& argument);

/// The commands and groups directly under `path`, each once.
std::vector<std::string_view> children(std::string_view path);

/// Refuses with the nearest known word when one is not known. `output` is what CAIRN_OUTPUT says.
Checked<Parsed> parse(const Words& words, const std::string& output);
/// The output format as far as it can be told from words that do not parse.
Format format_in(const Words& words);

}  // namespace cli
