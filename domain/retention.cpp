#include "domain/retention.hpp"

#include "domain/base/business_day.hpp"

#include <algorithm>

namespace domain::retention {
namespace {

using tenant::PlanTier;

constexpr int slack_days = 2;
constexpr Date everything{};

Date months_before(Date day, int months) {
    return std::max(months_after(day, -months), everything);
}

/// The longer of two; empty is the longest.
std::optional<int> longer(std::optional<int> a, std::optional<int> b) {
    return a && b ? std::optional{std::max(*a, *b)} : std::nullopt;
}

}  // namespace

// The last place to begin a day is UTC-12, and its business may close at noon.
Date youngest_day(Instant now) {
    return {static_cast<std::int32_t>(std::max<std::int64_t>(now.micros / day_micros - 1, 0))};
}

Terms terms_of(PlanTier tier) {
    switch (tier) {
        case PlanTier::starter: return {12, 24, 60};
        case PlanTier::pro: return {24, 36, 120};
        case PlanTier::enterprise: return {60, 72, std::nullopt};
    }
    std::unreachable();
}

tenant::History due(const tenant::State& state, Instant now) {
    const auto today = youngest_day(now);
    auto terms = terms_of(state.plan_tier);
    for (std::size_t i = 0; i < state.promised_until.size(); ++i) {
        if (today > state.promised_until[i]) continue;
        const auto former = terms_of(static_cast<PlanTier>(i));
        terms = {std::max(terms.points, former.points), std::max(terms.hours, former.hours),
                 longer(terms.days, former.days)};
    }
    return {months_before(today, terms.points), months_before(today, terms.hours),
            terms.days ? quarter_of(months_before(today, *terms.days)) : everything};
}

Instant points_gone_before(Date day) {
    return {(static_cast<std::int64_t>(day.days) - slack_days) * day_micros};
}

}  // namespace domain::retention
