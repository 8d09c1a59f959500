#include "domain/benchmark_period.hpp"

#include "domain/base/business_day.hpp"

#include <charconv>
#include <chrono>

namespace domain::benchmark {
namespace {

constexpr int year_min = 1800, year_max = 9999;
constexpr int days_in_week = 7;

/// All of `text` as a number of exactly `digits` digits.
std::optional<int> number_from(std::string_view text, std::size_t digits) {
    int value = 0;
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    const bool plain = text.size() == digits && text.front() >= '0' && text.front() <= '9';
    if (!plain || error != std::errc{} || at != end) return std::nullopt;
    return value;
}

std::optional<Date> date_of(int year, int month, int day) {
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (year < year_min || year > year_max || !date.ok()) return std::nullopt;
    return Date{static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count())};
}

/// 1 to 12.
int month_number(Date day) {
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day.days}}};
    return static_cast<int>(static_cast<unsigned>(date.month()));
}

int months_in(Frequency length) {
    switch (length) {
        case Frequency::month: return 1;
        case Frequency::quarter: return 3;
        case Frequency::year: return 12;
        default: return 0;
    }
}

}  // namespace

Period period_at(Date day, Frequency length) {
    if (length == Frequency::day) return {length, day, day + 1};
    if (length == Frequency::week) return {length, day, day + days_in_week};
    auto from = length == Frequency::month ? month_of(day) : quarter_of(day);
    if (length == Frequency::year) from = months_after(month_of(day), 1 - month_number(day));
    return {length, from, months_after(from, months_in(length))};
}

std::optional<Period> period_from(std::string_view text) {
    constexpr std::size_t year_bytes = 4, quarter_bytes = 7, month_bytes = 7, date_bytes = 10;
    const auto year = number_from(text.substr(0, year_bytes), year_bytes);
    if (!year) return std::nullopt;
    const auto at = [&](int month, int day, Frequency length) -> std::optional<Period> {
        const auto from = date_of(*year, month, day);
        if (!from) return std::nullopt;
        return period_at(*from, length);
    };
    if (text.size() == year_bytes) return at(1, 1, Frequency::year);
    if (text[year_bytes] != '-') return std::nullopt;
    if (text.size() == quarter_bytes && text[5] == 'Q') {
        const auto quarter = number_from(text.substr(6), 1);
        if (!quarter || *quarter < 1 || *quarter > 4) return std::nullopt;
        return at(*quarter * 3 - 2, 1, Frequency::quarter);
    }
    const auto month = number_from(text.substr(5, 2), 2);
    if (!month) return std::nullopt;
    if (text.size() == month_bytes) return at(*month, 1, Frequency::month);
    if (text.size() != date_bytes || text[7] != '-') return std::nullopt;
    const auto day = number_from(text.substr(8), 2);
    return day ? at(*month, *day, Frequency::day) : std::nullopt;
}

std::optional<Date> period_start(std::string_view text, Frequency frequency) {
    const auto named = period_from(text);
    if (!named) return std::nullopt;
    if (named->length == frequency) return named->from;
    if (named->length != Frequency::day) return std::nullopt;
    if (period_at(named->from, frequency).from != named->from) return std::nullopt;
    return named->from;
}

std::string to_text(const Period& period) {
    const auto date = domain::to_text(period.from);
    switch (period.length) {
        case Frequency::year: return date.substr(0, 4);
        case Frequency::month: return date.substr(0, 7);
        case Frequency::quarter:
            return date.substr(0, 5) + "Q" + std::to_string((month_number(period.from) + 2) / 3);
        default: return date;
    }
}

}  // namespace domain::benchmark
