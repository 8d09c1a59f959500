#pragma once
#include "domain/base/business_day.hpp"
#include "domain/base/decider.hpp"
#include "events/personal.hpp"

#include <algorithm>
#include <map>

namespace pqxx {
class transaction_base;
}

/// Questions that read models answer. A query runs in a transaction that sees one tenant.
namespace projections {

struct Ask {
    domain::TenantId tenant;
    domain::UserId user;
    domain::Date today;  ///< the tenant's business day
    events::Keys& keys;
    std::map<std::string, std::string, std::less<>> path;
    /// Filters as typed: `status`, `target_date[lte]`; a repeated one has several values.
    std::map<std::string, std::vector<std::string>, std::less<>> filters;
    int limit = 50;
    bool csv{};          ///< the caller asks for text/csv
    bool lines{};        ///< the caller asks for application/x-ndjson
    std::string cursor;  ///< where the page begins, as an earlier Answer said; empty: at the start
    domain::WallClock clock{};  ///< the tenant's; UTC where only `today` matters

    /// The business day of a moment in the past; of what is yet to come nothing is known but today.
    domain::Date day_of(domain::Instant moment) const {
        if (utc_day(moment) > today + 1) return today;
        return std::min(clock.day_of(moment), today);
    }
};

struct Answer {
    std::string json;                     ///< the resource, or the items of a page as a list
    std::optional<std::int64_t> version;  ///< of the one stream behind it
    std::string next;                     ///< where the next page begins; empty: there is none
    bool is_page{};
    std::string_view media = "application/json";
    /// Of the last event that an answer about the past includes; otherwise read models answer.
    std::optional<std::int64_t> past_position{};
};

using Query = domain::Result<Answer> (*)(pqxx::transaction_base&, const Ask&);

inline constexpr domain::Reason not_found{domain::Reason::Kind::missing, "not-found",
                                          "There is no such thing"};
inline constexpr domain::Reason invalid_parameter{
    domain::Reason::Kind::malformed, "invalid-parameter", "A query parameter has a wrong value"};

/// The first value of a filter; `otherwise` when it is not given.
std::string first_filter(const Ask& ask, std::string_view name, std::string otherwise = {});
/// The id named `name` in the path; a malformed one is as missing as a foreign one.
domain::Result<domain::Uuid> id_in_path(const Ask& ask, std::string_view name);
domain::Refusal wrong_parameter(std::string_view name, std::string_view what);

/// A personal value as JSON: the text, null when there is none, or {"erased":true}.
domain::Result<std::string> shown(const Ask& ask, const events::Place& place,
                                  std::string_view envelope);

}  // namespace projections
