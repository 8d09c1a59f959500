#include "src/cli/parse.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace cli {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool spelled(const Flag& flag, std::string_view word) {
    const auto forms = split(flag.name, ',');
    return std::ranges::find(forms, word.substr(0, word.find('='))) != forms.end();
}

Failure unknown_word(const std::string& what, std::string_view word,
                     std::span<const std::string_view> candidates, const std::string& help) {
    const auto near = runtime::nearest(word, candidates, 2);
    return {bad_usage, what + " '" + std::string{word} + "'",
            near.empty() ? "see " + help : "did you mean " + std::string{near} + "?"};
}

/// The path of the command that the words name, without looking at its flags.
struct Named {
    std::string path;
    bool complete{};  ///< a command, not a group of them
};
Checked<Named> named_command(const Words& words) {
    Named named;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        if (word.starts_with('-') && word.size() > 1) {
            for (const auto& flag : global_flags()) {
                if (spelled(flag, word) && !flag.value.empty() &&
                    word.find('=') == std::string::npos)
                    ++i;
            }
            continue;
        }
        const auto known = children(named.path);
        const bool is_known = std::ranges::find(known, word) != known.end();
        if (!is_known && named.complete) return named;
        if (!is_known)
            return std::unexpected(
                unknown_word("unknown command", word, known,
                             "cairn " + named.path + (named.path.empty() ? "" : " ") + "--help"));
        named.path += (named.path.empty() ? "" : " ") + word;
        named.complete = find_command(named.path) != nullptr;
        // A command may have others below it: audit trail, audit trail verify.
        if (named.complete && children(named.path).empty()) return named;
    }
    return named;
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 18 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether `value` is what `check` asks for; the failure names what it was for.
Checked<void> checked(std::string_view what, std::string_view check, const std::string& value) {
    const auto label = std::string{what};
    if (check == "N" && !is_number(value))
        return std::unexpected(
            Failure{bad_usage, label + " takes a number, not '" + value + "'", ""});
    if (check == "UUID" && !domain::uuid_from(value))
        return std::unexpected(
            Failure{bad_usage, label + " takes a UUID, not '" + value + "'", ""});
    if (check.find('|') == std::string_view::npos) return {};
    const auto choices = split(check, '|');
    if (std::ranges::find(choices, value) != choices.end()) return {};
    const auto near = runtime::nearest(value, choices, 2);
    return std::unexpected(Failure{bad_usage,
                                   label + " takes " + std::string{check} + ", not '" + value + "'",
                                   near.empty() ? "" : "did you mean " + std::string{near} + "?"});
}

Format format_from(std::string_view text) {
    if (text == "json") return Format::json;
    if (text == "jsonl") return Format::jsonl;
    if (text == "csv") return Format::csv;
    if (text == "none") return Format::none;
    return Format::table;
}

using Values = std::map<std::string, std::string, std::less<>>;

/// Declares one command to CLI11 and receives its values.
class Declared {
public:
    Declared(CLI::App& root, const Command& command) {
        CLI::App* at = &root;
        for (const auto name : split(command.path, ' ')) at = at->add_subcommand(std::string{name});
        for (const auto& flag : global_flags()) add(root, flag);
        for (const auto& flag : command.flags) add(*at, flag);
        for (const auto& argument : command.arguments) add(*at, argument);
    }
    Values values;
    Words words;
    int verbose = 0;

private:
    void add(CLI::App& app, const Flag& flag) {
        const auto name = std::string{name_of(flag)};
        if (flag.value.empty()) {
            app.add_flag_function(std::string{flag.name}, [this, name](std::int64_t times) {
                values[name] = "true";
                if (name == "verbose") verbose = static_cast<int>(times);
            });
            return;
        }
        auto* option = app.add_option_function<std::string>(
            std::string{flag.name}, [this, name](const std::string& text) { values[name] = text; });
        if (flag.required) option->required();
    }
    void add(CLI::App& app, const Argument& argument) {
        const auto name = std::string{name_of(argument)};
        CLI::Option* option = nullptr;
        if (argument.repeats) option = app.add_option(name, words);
        else
            option = app.add_option_function<std::string>(
                name, [this, name](const std::string& text) { values[name] = text; });
        if (argument.required) option->required();
    }
};

/// What CLI11 did not like, in our words and with the nearest flag.
Failure explained(const CLI::ParseError& error, const CLI::App& app, const Command& command) {
    const auto help = "cairn " + std::string{command.path} + " --help";
    const auto rest = app.remaining(true);
    for (const auto& word : rest) {
        if (!word.starts_with('-')) continue;
        std::vector<std::string_view> known;
        for (const auto flags : {command.flags, global_flags()}) {
            for (const auto& flag : flags)
                for (const auto form : split(flag.name, ',')) known.push_back(form);
        }
        return unknown_word("unknown flag", word.substr(0, word.find('=')), known, help);
    }
    if (!rest.empty())
        return {bad_usage, "unexpected argument '" + rest.front() + "'", "see " + help};
    return {bad_usage, error.what(), "see " + help};
}

Checked<void> check_values(const Command& command, const Values& values) {
    for (const auto flags : {command.flags, global_flags()}) {
        for (const auto& flag : flags) {
            const auto found = values.find(name_of(flag));
            if (found == values.end() || flag.value.empty()) continue;
            if (auto good = checked(flag.name, flag.value, found->second); !good) return good;
        }
    }
    for (const auto& argument : command.arguments) {
        const auto found = values.find(name_of(argument));
        if (found == values.end()) continue;
        const auto name = name_of(argument);
        if (auto good = checked(name, check_of(argument), found->second); !good) return good;
    }
    return {};
}

/// The settings that flags stand for.
std::vector<runtime::FlagValue> overrides(const Values& values) {
    std::vector<runtime::FlagValue> found;
    const auto add = [&](std::string_view flag, std::string_view key, std::string_view before) {
        const auto value = values.find(flag);
        if (value == values.end()) return;
        found.push_back(
            {std::string{key}, std::string{before} + value->second, "--" + std::string{flag}});
    };
    add("data-dir", "data_dir", "");
    add("db", "database.url", "");
    add("port", "http.listen", "127.0.0.1:");
    add("listen", "http.listen", "");
    add("admin-listen", "http.admin_listen", "");
    add("roles", "serve.roles", "");
    return found;
}

Globals globals_of(const Declared& declared, const std::string& output) {
    const auto& values = declared.values;
    Globals globals;
    globals.verbose = declared.verbose;
    globals.quiet = values.contains("quiet");
    globals.yes = values.contains("yes");
    globals.no_input = values.contains("no-input");
    globals.output = format_from(output);
    if (values.contains("json")) globals.output = Format::json;
    if (const auto found = values.find("output"); found != values.end())
        globals.output = format_from(found->second);
    if (const auto found = values.find("color"); found != values.end())
        globals.colour = found->second;
    return globals;
}

/// Everything behind `--` is for the completion, also what looks like a flag.
Parsed completing(const Words& words) {
    Parsed parsed;
    parsed.command = find_command("__complete");
    parsed.words = {words.begin() + (words.size() > 1 && words[1] == "--" ? 2 : 1), words.end()};
    return parsed;
}

}  // namespace

std::vector<std::string_view> children(std::string_view path) {
    std::vector<std::string_view> names;
    for (const auto& command : commands()) {
        auto rest = command.path;
        if (command.hidden) continue;
        if (!path.empty()) {
            if (!rest.starts_with(path) || rest.size() <= path.size() || rest[path.size()] != ' ')
                continue;
            rest.remove_prefix(path.size() + 1);
        }
        const auto name = rest.substr(0, rest.find(' '));
        if (names.empty() || names.back() != name) names.push_back(name);
    }
    return names;
}

std::string_view name_of(const Flag& flag) {
    auto last = split(flag.name, ',').back();
    last.remove_prefix(2);
    return last;
}

std::string_view name_of(const Argument& argument) {
    return argument.name.substr(0, argument.name.find(':'));
}

std::string_view check_of(const Argument& argument) {
    const auto colon = argument.name.find(':');
    return colon == std::string_view::npos ? std::string_view{} : argument.name.substr(colon + 1);
}

Format format_in(const Words& words) {
    auto format = Format::table;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        if (word == "--json") format = Format::json;
        else if ((word == "-o" || word == "--output") && i + 1 < words.size())
            format = format_from(words[i + 1]);
        else if (word.starts_with("--output=")) format = format_from(word.substr(9));
        else if (word.starts_with("-o")) format = format_from(word.substr(2));
    }
    return format;
}

Checked<Parsed> parse(const Words& words, const std::string& output) {
    if (!words.empty() && words.front() == "__complete") return completing(words);
    Parsed parsed;
    auto named = named_command(words);
    if (!named) return std::unexpected(std::move(named.error()));
    const auto asks = [&](std::string_view a, std::string_view b) {
        return std::ranges::any_of(words, [&](const auto& word) { return word == a || word == b; });
    };
    if (asks("-h", "--help") || (words.empty() && !named->complete)) {
        parsed.help = named->path;
        return parsed;
    }
    if (asks("--version", "--version")) {
        parsed.version = true;
        parsed.globals.output = format_in(words);
        return parsed;
    }
    if (!named->complete)
        return std::unexpected(
            Failure{bad_usage,
                    "a command is missing" + (named->path.empty() ? "" : " after " + named->path),
                    "see cairn " + named->path + (named->path.empty() ? "" : " ") + "--help"});
    parsed.command = find_command(named->path);
    CLI::App app;
    app.set_help_flag();
    app.fallthrough();
    app.allow_windows_style_options(false);
    Declared declared{app, *parsed.command};
    try {
        app.parse(Words{words.rbegin(), words.rend()});
    } catch (const CLI::ParseError& error) {
        return std::unexpected(explained(error, app, *parsed.command));
    }
    if (auto good = check_values(*parsed.command, declared.values); !good)
        return std::unexpected(std::move(good.error()));
    parsed.globals = globals_of(declared, output);
    if (declared.values.contains("config")) parsed.config_file = declared.values["config"];
    parsed.overrides = overrides(declared.values);
    parsed.values = std::move(declared.values);
    parsed.words = std::move(declared.words);
    return parsed;
}

}  // namespace cli
