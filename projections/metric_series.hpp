#pragma once
#include "domain/base/decimal.hpp"
#include "projections/metric_rollup.hpp"
#include "projections/query.hpp"

/// Values over time: from roll-ups, with gaps filled as the metric says, and compared.
namespace projections::metric {

/// Filters: grain (hour, day, week, month, quarter; default day), from and to (dates, or instants
/// for hours; `to` is not included), location, dimension (name:value, repeated), compare
/// (previous, same_weekday, year_ago), moving_average (2 to 90 periods: the period and those before
/// it, also those before `from`; the mean of the values there are, null when there is none).
domain::Result<Answer> series(pqxx::transaction_base& tx, const Ask& ask);

/// The same of up to 20 metrics, named by the filter `metric`, as of one moment.
domain::Result<Answer> several(pqxx::transaction_base& tx, const Ask& ask);

/// Business days from `from` up to, not including, `to`, and their one value.
struct Span {
    domain::Date from, to;
    std::optional<domain::Decimal> value{};
};
/// Gives each span its value; empty where there is none. Refuses a value that no exact decimal
/// holds. A metric with points needs one statement for all.
domain::Result<void> find_values(pqxx::transaction_base& tx, const Ask& ask, std::string_view name,
                                 std::vector<Span>& spans);
/// The value of one span.
domain::Result<std::optional<domain::Decimal>> value_over(pqxx::transaction_base& tx,
                                                          const Ask& ask, std::string_view name,
                                                          domain::Date from, domain::Date to);

/// What a period without points is.
enum class EmptyPeriods {
    filled,    ///< as the metric's policy says
    left_out,  ///< whatever the policy: only points count
};
/// Values of complete periods of `grain` that begin from `from` up to, not including, `to`, which
/// must begin periods; what accumulates has what each period added. Periods without a value are
/// left out. Refuses a value that no exact decimal holds. The filters `location` and `dimension`
/// hold.
domain::Result<std::map<domain::Date, domain::Decimal>> values_between(
    pqxx::transaction_base& tx, const Ask& ask, std::string_view name, Grain grain,
    domain::Date from, domain::Date to, EmptyPeriods empty = EmptyPeriods::filled);

}  // namespace projections::metric
