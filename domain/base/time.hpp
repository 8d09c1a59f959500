#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Dates and instants without <chrono> in a header; nobody in domain/ asks what time it is.
namespace domain {

/// A calendar day: days since 1970-01-01, in the tenant's own calendar.
struct Date {
    std::int32_t days{};
    auto operator<=>(const Date&) const = default;
};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
struct Instant {
    std::int64_t micros{};
    auto operator<=>(const Instant&) const = default;
};

inline constexpr std::int64_t second_micros = 1'000'000;
inline constexpr std::int64_t hour_micros = 3600 * second_micros;
inline constexpr std::int64_t day_micros = 24 * hour_micros;

/// The first moment of `day` in UTC.
inline Instant midnight(Date day) { return {day.days * day_micros}; }
/// The day in UTC.
inline Date utc_day(Instant at) {
    const auto day = at.micros / day_micros;
    return {static_cast<std::int32_t>(at.micros % day_micros < 0 ? day - 1 : day)};
}

inline Date operator+(Date date, int days) { return {date.days + days}; }
inline int operator-(Date late, Date early) { return late.days - early.days; }

/// `YYYY-MM-DD`, years 1970 to 9999.
std::string to_text(Date date);
/// Accepts exactly `YYYY-MM-DD` and a day that exists, years 1970 to 9999.
std::optional<Date> date_from(std::string_view text);

/// RFC 3339 in UTC with six fractional digits and `Z`.
std::string to_text(Instant instant);
/// Accepts RFC 3339 with `Z` or a numeric offset and up to six fractional digits.
std::optional<Instant> instant_from(std::string_view text);

/// The day at `instant` in the IANA zone `zone`; empty when the zone is unknown.
std::optional<Date> day_in_zone(Instant instant, std::string_view zone);
/// Whether `zone` is a name of the IANA time zone database.
bool is_time_zone(std::string_view zone);

}  // namespace domain
