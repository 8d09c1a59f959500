#include "src/cli/command.hpp"

#include <charconv>
#include <cstdio>
#include <unistd.h>

namespace cli {
namespace {

int exit_code_of(domain::Reason::Kind kind) {
    using Kind = domain::Reason::Kind;
    switch (kind) {
        case Kind::malformed:
        case Kind::invalid: return usage;
        case Kind::unauthorised:
        case Kind::forbidden: return auth;
        case Kind::missing: return not_found;
        case Kind::conflict:
        case Kind::stale: return conflict;
        case Kind::overloaded:
        case Kind::unavailable: return unavailable;
        case Kind::defect: return failed;
    }
    std::unreachable();
}

void to_stderr(const std::string& message) {
    const auto line = message + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

Failure::Failure(domain::Refusal why)
    : refusal{std::move(why)}, exit_code{exit_code_of(refusal.why.kind)} {
    if (refusal.why == not_confirmed) exit_code = confirmation;
}

std::string Context::text(std::string_view name, std::string_view fallback) const {
    const auto found = values.find(name);
    return found == values.end() ? std::string{fallback} : found->second;
}

std::int64_t Context::number(std::string_view name, std::int64_t fallback) const {
    const auto found = values.find(name);
    if (found == values.end()) return fallback;
    std::int64_t value = fallback;
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
}

std::optional<domain::Uuid> Context::uuid(std::string_view name) const {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : domain::uuid_from(found->second);
}

void Context::say(const std::string& message) const {
    if (!globals.quiet) to_stderr(message);
}

void Context::explain(const std::string& message) const {
    if (globals.verbose > 0) to_stderr(message);
}

Checked<void> Context::confirm(const std::string& question) const {
    if (globals.yes) return {};
    if (globals.no_input || ::isatty(STDIN_FILENO) == 0)
        return std::unexpected(Failure{not_confirmed, question, "repeat with --yes"});
    std::fprintf(stderr, "%s [y/N] ", question.c_str());
    const int answer = std::getchar();
    if (answer == 'y' || answer == 'Y') return {};
    return std::unexpected(Failure{not_confirmed, "the answer was no", ""});
}

Checked<void> Context::confirm_name(const std::string& what, std::string_view name) const {
    if (text("confirm") == name) return {};
    return std::unexpected(
        Failure{not_confirmed, what,
                "this cannot be taken back; repeat with --confirm " + std::string{name}});
}

}  // namespace cli
