#pragma once
#include "domain/base/decider.hpp"
#include "events/recorded.hpp"

#include <map>
#include <span>

/// Folding a stream by hand.
namespace projections {

inline constexpr std::string_view sealed_text = "‹sealed›";
inline constexpr domain::Reason no_fold{domain::Reason::Kind::invalid, "unknown-category",
                                        "Streams of this category have no state to show"};

/// The state after `past`, which is one stream's events from the first, as a JSON object.
/// Personal values are ‹sealed›.
domain::Result<std::string> state_json(std::span<const events::Recorded> past);

/// The members of a JSON value by their pointers, lists by their index, as JSON texts.
std::map<std::string, std::string> flat_members(std::string_view json);

}  // namespace projections
