#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"
#include "src/cli/output.hpp"
#include "src/runtime/config.hpp"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <span>

/// A command of the program: what it is called, what it takes, and the function behind it. One
/// table feeds the parser, the help texts and the completion.
namespace cli {

inline constexpr std::string_view version = "0.1.0";

/// Exit codes; `cairn help exit-codes` explains them, so they never change.
enum Exit {
    ok = 0,
    failed = 1,
    usage = 2,
    difference = 3,
    auth = 4,
    not_found = 5,
    conflict = 6,
    unavailable = 7,
    partial = 8,
    confirmation = 9,
};

/// What a command answers when it was done.
struct Answer {
    Data data;
    int exit_code = ok;
    std::vector<std::string> notes{};  ///< for people, on stderr
};

/// Why it was not done. Made from a refusal, whose kind gives the exit code.
struct Failure {
    domain::Refusal refusal;
    int exit_code;
    std::string hint{};

    Failure(domain::Refusal why);
    Failure(const domain::Reason& why, std::string detail, std::string hint_text)
        : Failure{domain::Refusal{why, std::move(detail)}} {
        hint = std::move(hint_text);
    }
};
using Outcome = std::expected<Answer, Failure>;
template <class T>
using Checked = std::expected<T, Failure>;

inline constexpr domain::Reason not_there{domain::Reason::Kind::missing, "not-found",
                                          "There is no such thing"};
inline constexpr domain::Reason bad_usage{domain::Reason::Kind::invalid, "usage",
                                          "The command was not understood"};
inline constexpr domain::Reason not_confirmed{domain::Reason::Kind::conflict, "not-confirmed",
                                              "This needs a confirmation"};
inline constexpr domain::Reason interrupted{domain::Reason::Kind::unavailable, "interrupted",
                                            "Stopped by a signal"};

/// Global flags, as they were given.
struct Globals {
    Format output = Format::table;
    std::string colour = "auto";
    int verbose{};
    bool quiet{};
    bool yes{};
    bool no_input{};
};

/// All that a handler sees of the world around it, and its only way to say something.
class Context {
public:
    runtime::Config config;
    Globals globals;
    std::map<std::string, std::string, std::less<>> values;  ///< flags and arguments, by name
    std::vector<std::string> words;                          ///< of an argument that repeats
    Printer* printer{};
    bool terminal{};  ///< stderr is one

    bool has(std::string_view name) const { return values.contains(name); }
    std::string text(std::string_view name, std::string_view fallback = {}) const;
    /// A flag whose value is N was checked by the parser.
    std::int64_t number(std::string_view name, std::int64_t fallback) const;
    /// A flag or an argument that was checked to be a UUID.
    std::optional<domain::Uuid> uuid(std::string_view name) const;

    /// A line for people on stderr; not with --quiet.
    void say(const std::string& message) const;
    /// Only with --verbose.
    void explain(const std::string& message) const;
    /// Asks before something moderately dangerous; refuses when nobody can answer.
    Checked<void> confirm(const std::string& question) const;
    /// Before something that cannot be taken back: --confirm must be exactly `name`.
    Checked<void> confirm_name(const std::string& what, std::string_view name) const;
};

using Handler = Outcome (*)(Context&);

/// mild: says what it did. moderate: asks, or needs --yes. severe: needs --confirm NAME.
enum class Danger { none, mild, moderate, severe };

struct Flag {
    std::string_view name;   ///< --limit, or -o,--output
    std::string_view value;  ///< N, UUID, a|b, another word; empty: a switch
    std::string_view help;
    bool required = false;
};
struct Argument {
    std::string_view name;  ///< EVENT, or with what is checked: EVENT:UUID, SHELL:bash|zsh
    std::string_view help;
    bool required = true;
    bool repeats = false;
};

struct Command {
    std::string_view path;  ///< events tail
    std::string_view summary;
    std::array<std::string_view, 2> examples;
    std::span<const Argument> arguments;
    std::span<const Flag> flags;
    Danger danger = Danger::none;
    Handler run{};
    bool needs_config = true;
    bool hidden = false;
};

/// Every command, in the order of the help.
std::span<const Command> commands();
/// Flags that every command takes, with their short forms: `-o,--output`.
std::span<const Flag> global_flags();
/// The command whose path is exactly `path`; null when there is none.
const Command* find_command(std::string_view path);

}  // namespace cli
