#include "events/catalog.hpp"
#include "projections/projection.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/parse.hpp"

#include <algorithm>

namespace cli {
namespace {

constexpr std::string_view bash_script =
    R"sh(# Completion of cairn for bash: source <(cairn completion bash)
_cairn() {
    local word about
    COMPREPLY=()
    while IFS=$'\t' read -r word about; do
        COMPREPLY+=("$word")
    done < <(cairn __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _cairn cairn
)sh";

constexpr std::string_view zsh_script = R"sh(#compdef cairn
# Completion of cairn for zsh: source <(cairn completion zsh), or a file _cairn in $fpath.
_cairn() {
    local -a found
    local word about
    while IFS=$'\t' read -r word about; do
        found+=("${word//:/\\:}:$about")
    done < <(cairn __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( ${#found} )); then _describe cairn found; else _files; fi
}
if [[ $funcstack[1] == _cairn ]]; then _cairn "$@"; else compdef _cairn cairn; fi
)sh";

constexpr std::string_view fish_script =
    R"sh(# Completion of cairn for fish: cairn completion fish | source
function __cairn_complete
    set -l words (commandline -opc)
    cairn __complete -- $words[2..-1] "$(commandline -ct)" 2>/dev/null
end
complete -c cairn -a '(__cairn_complete)'
)sh";

struct Candidate {
    std::string word, about;
};
using Candidates = std::vector<Candidate>;

void add_choices(Candidates& out, std::string_view choices) {
    if (choices.find('|') == std::string_view::npos) return;
    while (true) {
        const auto bar = choices.find('|');
        out.push_back({std::string{choices.substr(0, bar)}, ""});
        if (bar == std::string_view::npos) return;
        choices.remove_prefix(bar + 1);
    }
}

const Flag* flag_spelled(const Command* command, std::string_view word) {
    const auto flags = command == nullptr ? std::span<const Flag>{} : command->flags;
    for (const auto list : {flags, global_flags()}) {
        for (const auto& flag : list) {
            const auto long_form = "--" + std::string{name_of(flag)};
            if (word == long_form ||
                (flag.name.size() > 2 && flag.name[1] != '-' && word == flag.name.substr(0, 2)))
                return &flag;
        }
    }
    return nullptr;
}

Candidates flag_candidates(const Command* command) {
    Candidates out;
    const auto flags = command == nullptr ? std::span<const Flag>{} : command->flags;
    for (const auto list : {flags, global_flags()}) {
        for (const auto& flag : list)
            out.push_back({"--" + std::string{name_of(flag)}, std::string{flag.help}});
    }
    return out;
}

Candidates value_candidates(const Flag& flag) {
    Candidates out;
    add_choices(out, flag.value);
    if (name_of(flag) == "type") {
        for (const auto& form : events::all_forms()) out.push_back({std::string{form.type}, ""});
    }
    return out;
}

Candidates argument_candidates(const Command& command, std::size_t index) {
    Candidates out;
    if (command.arguments.empty()) return out;
    const auto& argument = command.arguments[std::min(index, command.arguments.size() - 1)];
    add_choices(out, check_of(argument));
    const auto name = name_of(argument);
    if (name == "NAME") {
        for (const auto& projection : projections::catalog())
            out.push_back({std::string{projection.name}, "projection"});
    } else if (name == "KEY") {
        for (const auto& setting : runtime::settings())
            out.push_back({std::string{setting.key}, std::string{setting.help}});
    } else if (name == "TOPIC") {
        out.push_back({"exit-codes", "what the exit codes mean"});
        for (const auto child : children("")) out.push_back({std::string{child}, ""});
    }
    return out;
}

Candidates command_candidates(const std::string& path) {
    Candidates out;
    for (const auto child : children(path)) {
        const auto full = path.empty() ? std::string{child} : path + " " + std::string{child};
        const auto* command = find_command(full);
        out.push_back(
            {std::string{child}, command == nullptr ? "" : std::string{command->summary}});
    }
    return out;
}

/// The candidates for the last of `words`, whatever it begins with.
Candidates candidates(const Words& words) {
    std::string path;
    std::size_t arguments = 0;
    const Command* command = nullptr;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const auto& word = words[i];
        if (word.starts_with('-')) {
            const auto* flag = flag_spelled(command, word);
            if (flag == nullptr || flag->value.empty()) continue;
            if (i + 2 == words.size()) return value_candidates(*flag);
            ++i;
        } else if (command != nullptr && !std::ranges::contains(children(path), word)) {
            ++arguments;
        } else {
            path += (path.empty() ? "" : " ") + word;
            command = find_command(path);
        }
    }
    if (!words.empty() && words.back().starts_with('-')) return flag_candidates(command);
    auto found = command == nullptr || arguments == 0 ? command_candidates(path) : Candidates{};
    if (command != nullptr)
        std::ranges::move(argument_candidates(*command, arguments), std::back_inserter(found));
    return found;
}

}  // namespace

Outcome complete(Context& context) {
    const auto begun = context.words.empty() ? std::string{} : context.words.back();
    std::string lines;
    for (const auto& one : candidates(context.words)) {
        if (one.word.starts_with(begun)) lines += one.word + "\t" + one.about + "\n";
    }
    return Answer{Text{std::move(lines)}};
}

Outcome completion(Context& context) {
    const auto shell = context.text("SHELL");
    return Answer{Text{std::string{shell == "bash"  ? bash_script
                                   : shell == "zsh" ? zsh_script
                                                    : fish_script}}};
}

}  // namespace cli
