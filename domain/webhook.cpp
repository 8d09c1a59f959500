#include "domain/webhook.hpp"

#include "domain/base/words.hpp"

#include <algorithm>

namespace domain::webhook {
namespace {

// Order matters: each word stands at the place of its enumerator.
constexpr Words<3> causes{"asked", "gone", "failing"};
static_assert(causes.size() == static_cast<std::size_t>(Cause::failing) + 1);

/// Lower-case words with dots, dashes and underscores, as types and streams are named.
bool is_name(std::string_view text) {
    constexpr std::size_t name_max = 100;
    return !text.empty() && text.size() <= name_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
}

bool is_type(std::string_view text) {
    if (text.ends_with(".*")) text.remove_suffix(2);
    return is_name(text);
}

void check_patterns(std::vector<Fault>& faults, std::string_view name,
                    const std::vector<std::string>& patterns, bool (*fits)(std::string_view)) {
    const auto pointer = "#/filter/" + std::string{name};
    if (patterns.size() > patterns_max)
        faults.push_back({pointer, "too-many", "Use at most 50 of them."});
    if (!std::ranges::all_of(patterns, fits))
        faults.push_back({pointer, "format", "Use names like goal.drafted, goal.* or goal."});
}

std::vector<Fault> faults_of(const Definition& d) {
    std::vector<Fault> faults;
    if (d.url.empty() || d.url.size() > url_bytes_max)
        faults.push_back({"#/url", "range", "Give an address of at most 2,048 bytes."});
    if (d.description.size() > description_bytes_max)
        faults.push_back({"#/description", "too-long", "Use at most 500 bytes of UTF-8."});
    check_patterns(faults, "types", d.filter.types, &is_type);
    check_patterns(faults, "streams", d.filter.streams, &is_name);
    return faults;
}

Decision<Event> create(const State& state, const Create& c) {
    if (state.exists) return {};
    if (auto faults = faults_of(c.definition); !faults.empty())
        return std::unexpected(Refusal{invalid_webhook, {}, std::move(faults)});
    return std::vector<Event>{Created{c.webhook, c.definition, c.secret}};
}

Decision<Event> change(const State& state, const Change& c) {
    const auto& now = state.definition;
    const Definition next{c.url.value_or(now.url), c.description.value_or(now.description),
                          c.filter.value_or(now.filter)};
    if (auto faults = faults_of(next); !faults.empty())
        return std::unexpected(Refusal{invalid_webhook, {}, std::move(faults)});
    if (next == now) return {};
    return std::vector<Event>{Changed{state.webhook, next}};
}

Decision<Event> switched(const State& state, bool enabled, Event fact) {
    if (state.enabled == enabled) return {};
    return std::vector<Event>{std::move(fact)};
}

Decision<Event> disable(const State& state, const Disable& c) {
    if (c.url && *c.url != state.definition.url) return {};
    return switched(state, false, Disabled{state.webhook, c.cause});
}

Decision<Event> rotate(const State& state, const RotateSecret& c) {
    if (state.secret == c.secret) return {};
    return std::vector<Event>{SecretRotated{state.webhook, c.secret}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    if (!state.exists && !std::holds_alternative<Create>(command)) return refuse(unknown);
    return std::visit(
        Match{
            [&](const Create& c) { return create(state, c); },
            [&](const Change& c) { return change(state, c); },
            [&](const Enable&) { return switched(state, true, Enabled{state.webhook}); },
            [&](const Disable& c) { return disable(state, c); },
            [&](const RotateSecret& c) { return rotate(state, c); },
            [&](const Delete&) -> Decision<Event> {
                return std::vector<Event>{Deleted{state.webhook}};
            },
        },
        command);
}

State evolve(State state, const Event& event) {
    std::visit(
        Match{
            [&](const Created& e) { state = {true, true, e.webhook, e.definition, e.secret, {}}; },
            [&](const Changed& e) { state.definition = e.definition; },
            [&](const Enabled&) {
                state.enabled = true;
                state.cause.reset();
            },
            [&](const Disabled& e) {
                state.enabled = false;
                state.cause = e.cause;
            },
            [&](const SecretRotated& e) { state.secret = e.secret; },
            [&](const Deleted&) { state.exists = false; },
        },
        event);
    return state;
}

std::optional<double> pause_after(int attempts, std::optional<int> asked, double jitter) {
    constexpr double jitter_share = 0.1;
    const auto index = static_cast<std::size_t>(std::max(attempts, 1)) - 1;
    if (index >= pauses_seconds.size()) return std::nullopt;
    const double pause = pauses_seconds[index] * (1 + jitter_share * jitter);
    return std::max<double>(pause, std::min(asked.value_or(0), asked_pause_seconds_max));
}

std::string origin_of(std::string_view url) {
    const auto scheme = url.find("://");
    const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
    return std::string{url.substr(0, url.find_first_of("/?#", host))};
}

std::string_view to_text(Cause cause) { return word_of(causes, cause); }
std::optional<Cause> cause_from(std::string_view text) { return value_of<Cause>(causes, text); }

}  // namespace domain::webhook
