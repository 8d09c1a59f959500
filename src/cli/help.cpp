#include "src/cli/help.hpp"

#include "src/cli/handlers.hpp"
#include "src/cli/parse.hpp"

#include <algorithm>

namespace cli {
namespace {

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size() + 2), ' ');
    return text;
}

/// `text` in lines of at most 98 columns, every line behind the first indented by `indent`.
std::string wrapped(std::string_view text, std::size_t indent) {
    constexpr std::size_t columns = 98;
    std::string out;
    std::size_t at = indent;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        if (at > indent && at + 1 + word.size() > columns) {
            out += "\n" + std::string(indent, ' ');
            at = indent;
        }
        if (at > indent) {
            out += ' ';
            ++at;
        }
        out += word;
        at += word.size();
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return out;
}

std::string flag_line(const Flag& flag) {
    constexpr std::size_t column = 26;
    std::string left = "  ";
    if (flag.name.starts_with("--")) left += "    ";
    for (const char c : flag.name) left += c == ',' ? std::string{", "} : std::string{c};
    if (!flag.value.empty()) left += " " + std::string{flag.value};
    const auto help = std::string{flag.help} + (flag.required ? " (required)" : "");
    const std::string before =
        left.size() + 2 > column ? left + "\n" + std::string(column, ' ') : padded(left, column);
    return before + wrapped(help, column) + "\n";
}

std::string_view danger_line(Danger danger) {
    switch (danger) {
        case Danger::none:
        case Danger::mild: return "";
        case Danger::moderate:
            return "\nAsks before it destroys anything; without a terminal it needs --yes.\n";
        case Danger::severe:
            return "\nCannot be taken back: it needs --confirm with the exact name.\n";
    }
    std::unreachable();
}

std::string usage_line(const Command& command) {
    std::string line = "Usage: cairn " + std::string{command.path};
    for (const auto& argument : command.arguments) {
        auto name = std::string{name_of(argument)} + (argument.repeats ? "…" : "");
        line += argument.required ? " " + name : " [" + name + "]";
    }
    return line + " [FLAGS]\n";
}

std::string command_help(const Command& command) {
    std::string out = std::string{command.summary} + ".\n\nExamples:\n";
    for (const auto example : command.examples) {
        if (!example.empty()) out += "  $ " + std::string{example} + "\n";
    }
    out += "\n" + usage_line(command) + std::string{danger_line(command.danger)};
    if (!command.arguments.empty()) out += "\nArguments:\n";
    for (const auto& argument : command.arguments) {
        const auto check = check_of(argument);
        out += "  " + padded(std::string{name_of(argument)}, 24) + std::string{argument.help};
        if (check.find('|') != std::string_view::npos) out += ": " + std::string{check};
        out += "\n";
    }
    if (!command.flags.empty()) out += "\nFlags:\n";
    for (const auto& flag : command.flags) out += flag_line(flag);
    out += "\nFlags of every command:\n";
    for (const auto& flag : global_flags()) out += flag_line(flag);
    return out + "\nExit codes: cairn help exit-codes\n";
}

std::string list_of(std::string_view path) {
    std::string out;
    for (const auto& command : commands()) {
        const bool inside =
            path.empty() || (command.path.starts_with(path) && command.path.size() > path.size() &&
                             command.path[path.size()] == ' ');
        if (command.hidden || !inside) continue;
        out += "  " + padded(std::string{command.path}, 31) + std::string{command.summary} + "\n";
    }
    return out;
}

std::string program_help() {
    std::string out =
        "Cairn keeps goals as events in PostgreSQL, and read models up with them.\n\n"
        "Examples:\n  $ cairn dev\n  $ cairn events tail --type 'goal.*'\n\nCommands:\n" +
        list_of("") + "\nFlags of every command:\n";
    for (const auto& flag : global_flags()) out += flag_line(flag);
    return out + "\nMore about one: cairn help COMMAND. Exit codes: cairn help exit-codes\n";
}

std::string group_help(std::string_view path) {
    std::string out = "Examples:\n";
    int count = 0;
    for (const auto& command : commands()) {
        if (command.path.starts_with(path) && count++ < 2)
            out += "  $ " + std::string{command.examples[0]} + "\n";
    }
    return out + "\nCommands:\n" + list_of(path) + "\nMore about one: cairn help " +
           std::string{path} + " COMMAND\n";
}

}  // namespace

std::string help_text(std::string_view path) {
    if (path.empty()) return program_help();
    const auto* command = find_command(path);
    return command == nullptr ? group_help(path) : command_help(*command);
}

Table exit_codes() {
    const auto row = [](std::int64_t code, const char* name, const char* when) {
        return Row{code, std::string{name}, std::string{when}};
    };
    return {{"code", "name", "when"},
            {row(ok, "ok", "done; also an empty list"),
             row(failed, "failed", "anything that has no code of its own"),
             row(usage, "usage", "an unknown command or flag, a wrong value or configuration"),
             row(difference, "difference", "a check ran and found a difference"),
             row(auth, "auth", "credentials are missing, expired or not enough"),
             row(not_found, "not-found", "the thing that was named does not exist"),
             row(conflict, "conflict", "a version conflict, or a lock that another one holds"),
             row(unavailable, "unavailable", "the server or the database cannot be reached"),
             row(partial, "partial", "some items failed; the others are done"),
             row(confirmation, "confirmation", "it would destroy data and was not confirmed"),
             row(130, "interrupted", "stopped by SIGINT; what was done stays done"),
             row(143, "terminated", "stopped by SIGTERM; what was done stays done")}};
}

Outcome help(Context& context) {
    std::string path;
    for (const auto& word : context.words) path += (path.empty() ? "" : " ") + word;
    if (path == "exit-codes") return Answer{exit_codes()};
    if (path.empty()) return Answer{Text{help_text("")}};
    for (const auto& command : commands()) {
        if (command.path == path || command.path.starts_with(path + " "))
            return Answer{Text{help_text(path)}};
    }
    std::vector<std::string_view> known{"exit-codes"};
    for (const auto& command : commands()) known.push_back(command.path);
    const auto near = runtime::nearest(path, known, 2);
    return std::unexpected(
        Failure{bad_usage, "no help about '" + path + "'",
                near.empty() ? "see cairn help" : "did you mean " + std::string{near} + "?"});
}

}  // namespace cli
