#include "domain/base/time.hpp"

#include <chrono>
#include <cstdio>

namespace domain {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

/// Reads exactly `count` digits at `at`; negative when one is not a digit.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/// The fraction after the seconds in microseconds, and the place after it; negative if malformed.
std::pair<int, std::size_t> fraction_from(std::string_view text, std::size_t at) {
    if (at >= text.size() || text[at] != '.') return {0, at};
    int micros = 0;
    std::size_t length = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++length) {
        if (length >= 6) return {-1, at};
        micros = micros * 10 + (text[at] - '0');
    }
    if (length == 0) return {-1, at};
    for (; length < 6; ++length) micros *= 10;
    return {micros, at};
}

/// The offset from UTC in seconds; empty if malformed.
std::optional<int> offset_from(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) return {};
    const int hours = digits(text, 1, 2);
    const int minutes = digits(text, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return {};
    return (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

const std::chrono::time_zone* zone_named(std::string_view name) {
    for (const auto& zone : std::chrono::get_tzdb().zones) {
        if (zone.name() == name) return &zone;
    }
    for (const auto& link : std::chrono::get_tzdb().links) {
        if (link.name() == name) return zone_named(link.target());
    }
    return nullptr;
}

}  // namespace

std::string to_text(Date date) {
    const year_month_day day{sys_days{std::chrono::days{date.days}}};
    char text[16];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return text;
}

std::optional<Date> date_from(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    const int day = digits(text, 8, 2);
    if (year < 1970 || month < 1 || day < 1) return std::nullopt;
    const year_month_day date{std::chrono::year{year},
                              std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) return std::nullopt;
    return Date{static_cast<std::int32_t>(sys_days{date}.time_since_epoch().count())};
}

std::string to_text(Instant instant) {
    auto seconds = instant.micros / 1'000'000;
    auto micros = instant.micros % 1'000'000;
    if (micros < 0) {
        micros += 1'000'000;
        --seconds;
    }
    auto day = seconds / 86'400;
    auto second = seconds % 86'400;
    if (second < 0) {
        second += 86'400;
        --day;
    }
    char text[24];
    std::snprintf(text, sizeof text, "T%02d:%02d:%02d.%06dZ", static_cast<int>(second / 3600),
                  static_cast<int>(second / 60 % 60), static_cast<int>(second % 60),
                  static_cast<int>(micros));
    return to_text(Date{static_cast<std::int32_t>(day)}) + text;
}

std::optional<Instant> instant_from(std::string_view text) {
    if (text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
    const auto date = date_from(text.substr(0, 10));
    const int hour = digits(text, 11, 2);
    const int minute = digits(text, 14, 2);
    const int second = digits(text, 17, 2);
    if (!date || text[13] != ':' || text[16] != ':') return std::nullopt;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return std::nullopt;
    const auto [micros, end] = fraction_from(text, 19);
    if (micros < 0) return std::nullopt;
    const auto offset = offset_from(text.substr(end));
    if (!offset) return std::nullopt;
    const std::int64_t seconds =
        std::int64_t{date->days} * 86'400 + hour * 3600 + minute * 60 + second - *offset;
    return Instant{seconds * 1'000'000 + micros};
}

std::optional<Date> day_in_zone(Instant instant, std::string_view zone) {
    const auto* found = zone_named(zone);
    if (found == nullptr) return std::nullopt;
    const std::chrono::sys_time<std::chrono::microseconds> time{
        std::chrono::microseconds{instant.micros}};
    const auto local = std::chrono::floor<std::chrono::days>(found->to_local(time));
    return Date{static_cast<std::int32_t>(local.time_since_epoch().count())};
}

bool is_time_zone(std::string_view zone) { return zone_named(zone) != nullptr; }

}  // namespace domain
