#pragma once
#include "domain/benchmark_words.hpp"

/// Days, weeks, months, quarters and years as providers write them.
namespace domain::benchmark {

/// From the first day up to, not including, the other.
struct Period {
    Frequency length{};
    Date from, to;
    bool operator==(const Period&) const = default;
};

/// `YYYY`, `YYYY-MM`, `YYYY-Qn` or `YYYY-MM-DD`, years 1800 to 9999; series reach further back than
/// the dates of a business.
std::optional<Period> period_from(std::string_view text);

/// The first day of the period of `frequency` that `text` names: in its own form, or by its first
/// day written as a date. A week is named by any day, which is kept.
std::optional<Date> period_start(std::string_view text, Frequency frequency);

/// The period of `length` that `day` is in; a week begins on `day` itself.
Period period_at(Date day, Frequency length);

/// `2024`, `2024-03`, `2024-Q1`, or the date of the first day.
std::string to_text(const Period& period);

}  // namespace domain::benchmark
