#include "projections/metric_window.hpp"

#include "domain/base/business_day.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Date;
using domain::Instant;

constexpr std::int64_t buckets_max = 5'000;
constexpr int days_default = 30;

Instant start_of(const Window& window, Instant at) {
    return bucket_of(window.grain, at, utc_day(at), window.week_start).start;
}

int months_in(Grain grain) { return grain == Grain::quarter ? 3 : 1; }

/// Of hours, days and weeks, which all have one length.
std::int64_t micros_in(Grain grain) {
    if (grain == Grain::hour) return domain::hour_micros;
    return grain == Grain::day ? domain::day_micros : 7 * domain::day_micros;
}

/// Whole weeks that are at least so long.
std::int64_t weeks_of(std::int64_t micros) {
    constexpr auto week = 7 * domain::day_micros;
    return (micros + week - 1) / week * week;
}

std::int64_t buckets_in(const Window& window) {
    if (window.grain <= Grain::week)
        return (window.to.micros - window.from.micros) / micros_in(window.grain);
    std::int64_t count = 0;
    for (auto at = window.from; at < window.to; at = next_of(window, at)) ++count;
    return count;
}

constexpr std::string_view too_early = "reaches before 1970";

domain::Result<Window> moved_by(Window window, std::int64_t micros) {
    window.from.micros -= micros;
    window.to.micros -= micros;
    if (window.from < Instant{}) return std::unexpected(wrong_parameter("compare", too_early));
    return window;
}

/// Months differ in length, so both ends move by buckets.
domain::Result<Window> moved(Window window, std::int64_t buckets) {
    window.to = before(window, window.to, buckets);
    window.from = before(window, window.from, buckets);
    if (window.from < Instant{}) return std::unexpected(wrong_parameter("compare", too_early));
    return window;
}

std::optional<Grain> grain_from(std::string_view text) {
    constexpr std::string_view words[]{"hour", "day", "week", "month", "quarter"};
    for (int i = 0; i < grains_count; ++i) {
        if (words[i] == text) return static_cast<Grain>(i);
    }
    return std::nullopt;
}

int week_start_of(pqxx::transaction_base& tx, const Ask& ask) {
    const auto rows = tx.exec("select week_start from board.tenant where tenant = $1",
                              pqxx::params{domain::to_text(ask.tenant)});
    return rows.empty() ? 1 : rows[0][0].as<int>();
}

}  // namespace

std::optional<Instant> moment_from(const std::string& text) {
    if (const auto day = domain::date_from(text)) return midnight(*day);
    return domain::instant_from(text);
}

Instant next_of(const Window& window, Instant bucket) {
    switch (window.grain) {
        case Grain::hour: return {bucket.micros + domain::hour_micros};
        case Grain::day: return {bucket.micros + domain::day_micros};
        case Grain::week: return {bucket.micros + 7 * domain::day_micros};
        case Grain::month: return midnight(domain::month_of(utc_day(bucket) + 31));
        case Grain::quarter: return midnight(domain::quarter_of(utc_day(bucket) + 92));
    }
    std::unreachable();
}

Instant before(const Window& window, Instant bucket, std::int64_t buckets) {
    if (window.grain <= Grain::week) return {bucket.micros - buckets * micros_in(window.grain)};
    const auto months = static_cast<int>(buckets) * months_in(window.grain);
    return midnight(domain::months_after(utc_day(bucket), -months));
}

domain::Result<Window> window_from(pqxx::transaction_base& tx, const Ask& ask) {
    const auto grain = grain_from(first_filter(ask, "grain", "day"));
    if (!grain)
        return std::unexpected(
            wrong_parameter("grain", "must be hour, day, week, month or quarter"));
    Window window{*grain, {}, {}, 1};
    if (*grain == Grain::week) window.week_start = week_start_of(tx, ask);
    const auto to = moment_from(first_filter(ask, "to", domain::to_text(ask.today + 1)));
    if (!to) return std::unexpected(wrong_parameter("to", "must be a date or an RFC 3339 time"));
    const auto from =
        moment_from(first_filter(ask, "from", domain::to_text(utc_day(*to) + -days_default)));
    if (!from)
        return std::unexpected(wrong_parameter("from", "must be a date or an RFC 3339 time"));
    if (*from >= *to) return std::unexpected(wrong_parameter("to", "must be after from"));
    window.from = start_of(window, *from);
    window.to = start_of(window, *to);
    if (window.to < *to) window.to = next_of(window, window.to);
    const auto step = next_of(window, window.from).micros - window.from.micros;
    if ((window.to.micros - window.from.micros) / step > buckets_max)
        return std::unexpected(wrong_parameter("from", "asks for more than 5000 periods"));
    return window;
}

domain::Result<Window> compared(const Window& window, const std::string& how) {
    const bool by_day = window.grain <= Grain::week;
    const auto length = window.to.micros - window.from.micros;
    if (how == "previous") return moved(window, buckets_in(window));
    if (how == "same_weekday" && by_day) return moved_by(window, weeks_of(length));
    if (how == "year_ago" && by_day) return moved_by(window, 364 * domain::day_micros);
    if (how == "year_ago") return moved(window, window.grain == Grain::month ? 12 : 4);
    return std::unexpected(wrong_parameter(
        "compare", "must be previous, same_weekday (for hours, days and weeks) or year_ago"));
}

std::vector<Instant> same_hours(const Window& window, const domain::BusinessDays& clock, int days) {
    std::vector<Instant> hours;
    for (auto at = window.from; at < window.to; at = next_of(window, at))
        hours.push_back(start_of(window, clock.same_time(at, -days)));
    return hours;
}

std::optional<domain::BusinessDays> clock_of(pqxx::transaction_base& tx, const Ask& ask) {
    const auto rows = tx.exec(
        "select coalesce(l.time_zone, t.time_zone) from board.tenant t left join board.location l "
        "on l.tenant = t.tenant and l.key = $2 where t.tenant = $1",
        pqxx::params{domain::to_text(ask.tenant), first_filter(ask, "location")});
    if (rows.empty() || rows[0][0].is_null()) return std::nullopt;
    return domain::BusinessDays::in(rows[0][0].view(), 0);
}

std::string text_of(Grain grain, Instant at) {
    return grain == Grain::hour ? domain::to_text(at) : domain::to_text(utc_day(at));
}

}  // namespace projections::metric
