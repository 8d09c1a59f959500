#pragma once
#include "domain/base/decider.hpp"
#include "domain/goal.hpp"
#include "events/recorded.hpp"

#include <map>
#include <optional>
#include <span>

/// Folding a stream by hand.
namespace projections {

inline constexpr std::string_view sealed_text = "‹sealed›";
inline constexpr domain::Reason no_fold{domain::Reason::Kind::invalid, "unknown-category",
                                        "Streams of this category have no state to show"};

/// The state after `past`, which is one stream's events from the first, as a JSON object.
/// Personal values are ‹sealed›.
domain::Result<std::string> state_json(std::span<const events::Recorded> past);

/// The same of a goal that is folded already.
std::string state_json(const domain::goal::State& state, std::int64_t version);

/// The members of a JSON value by their pointers, lists by their index, as JSON texts.
std::map<std::string, std::string> flat_members(std::string_view json);

/// A member whose value is not the same in two JSON values; without a value where it is missing.
struct Difference {
    std::string pointer;
    std::optional<std::string> from, to;
};
std::vector<Difference> differences(std::string_view before, std::string_view after);
/// They as a JSON list of {pointer, from, to}.
std::string differences_json(std::string_view before, std::string_view after);

}  // namespace projections
