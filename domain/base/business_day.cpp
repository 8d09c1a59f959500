#include "domain/base/business_day.hpp"

#include <algorithm>
#include <chrono>

namespace domain {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t minute_micros = 60'000'000;

year_month_day calendar(Date day) { return sys_days{std::chrono::days{day.days}}; }

Date date_of(std::chrono::year year, unsigned month) {
    const year_month_day first{year, std::chrono::month{month}, std::chrono::day{1}};
    return {static_cast<std::int32_t>(sys_days{first}.time_since_epoch().count())};
}

}  // namespace

struct BusinessDays::Body {
    const std::chrono::time_zone* zone{};
    std::int64_t cutoff_micros{};
    // The period between two clock changes that was asked for last.
    std::int64_t begin{}, end{}, offset_micros{};
};

std::optional<BusinessDays> BusinessDays::in(std::string_view zone, int cutoff_minutes) {
    if (!is_time_zone(zone)) return std::nullopt;
    auto body = std::make_unique<Body>();
    body->zone = std::chrono::locate_zone(zone);
    body->cutoff_micros = cutoff_minutes * minute_micros;
    return BusinessDays{std::move(body)};
}

BusinessDays::BusinessDays(std::unique_ptr<Body> body) : body_{std::move(body)} {}
BusinessDays::BusinessDays(BusinessDays&&) noexcept = default;
BusinessDays& BusinessDays::operator=(BusinessDays&&) noexcept = default;
BusinessDays::~BusinessDays() = default;

Date BusinessDays::day_of(Instant instant) {
    auto& b = *body_;
    if (instant.micros < b.begin || instant.micros >= b.end) {
        using std::chrono::microseconds;
        const auto info =
            b.zone->get_info(std::chrono::sys_time<microseconds>{microseconds{instant.micros}});
        // A zone without earlier or later changes has ends beyond what microseconds can count.
        constexpr std::chrono::sys_seconds far{std::chrono::seconds{253'402'300'800}};
        b.begin = microseconds{std::max(info.begin, std::chrono::sys_seconds{}).time_since_epoch()}
                      .count();
        b.end = microseconds{std::min(info.end, far).time_since_epoch()}.count();
        b.offset_micros = microseconds{info.offset}.count();
    }
    return utc_day({instant.micros + b.offset_micros - b.cutoff_micros});
}

Instant BusinessDays::start_of(Date day) const {
    using std::chrono::microseconds;
    const std::chrono::local_time<microseconds> local{
        microseconds{day.days * day_micros + body_->cutoff_micros}};
    const auto time = body_->zone->to_sys(local, std::chrono::choose::earliest);
    return {microseconds{time.time_since_epoch()}.count()};
}

Instant BusinessDays::same_time(Instant instant, int days) const {
    using std::chrono::microseconds;
    const std::chrono::sys_time<microseconds> now{microseconds{instant.micros}};
    const auto local = body_->zone->to_local(now) + std::chrono::days{days};
    const auto time = body_->zone->to_sys(local, std::chrono::choose::earliest);
    return {microseconds{time.time_since_epoch()}.count()};
}

Date business_today(std::string_view zone, int cutoff_minutes, Instant now) {
    if (auto days = BusinessDays::in(zone, cutoff_minutes)) return days->day_of(now);
    return utc_day(now);
}

Date complete_before(Date newest, Date today) {
    constexpr int grace_days = 2;
    return std::min(std::max(newest, today + -grace_days), today);
}

Date week_of(Date day, int week_start) {
    constexpr int weekday_of_1970 = 4;  // a Thursday
    const int weekday = ((day.days + weekday_of_1970) % 7 + 7) % 7;
    return day + -((weekday - week_start + 7) % 7);
}

Date month_of(Date day) {
    const auto date = calendar(day);
    return date_of(date.year(), static_cast<unsigned>(date.month()));
}

Date months_after(Date day, int months) {
    auto date = calendar(day) + std::chrono::months{months};
    if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
    return {static_cast<std::int32_t>(sys_days{date}.time_since_epoch().count())};
}

Date quarter_of(Date day) {
    const auto date = calendar(day);
    return date_of(date.year(), (static_cast<unsigned>(date.month()) - 1) / 3 * 3 + 1);
}

}  // namespace domain
