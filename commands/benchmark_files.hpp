#pragma once
#include "domain/benchmark.hpp"
#include "events/document.hpp"

#include <map>

/// Observations in the files that providers publish. Rows that are not understood become rejects
/// with their line; the good ones stay.
///
/// JSON, by the series' provider:
/// - fred: the answer of FRED's series/observations, `observations` of `date`, `value` and
///   `realtime_start`, which is the vintage; or of output type 2, `SERIES_YYYYMMDD` a vintage.
/// - census: a list of lists whose first is the header, as api.census.gov answers. Parameter
///   `value` names the column of values, `time` that of periods (`time` or `YEAR`) or `period`
///   gives the one period of all rows, and `where=COLUMN:VALUE`, repeated, says which rows count.
/// - ibisworld: `data` (or `observations`, `values`) of `year` or `period`, `value` and, where the
///   list has several metrics, `metric`, of which the parameter `metric` names one; `industry` and
///   other members may be there. `updated` (or `published`) is the vintage.
/// - bls: the answer of the public data API, version 2: `Results.series[].data[]` of `year`,
///   `period` (M01, Q01, A01) and `value`. Averages of the year among months are passed over.
/// - manual: `observations` of `period`, `value` and, where known, `vintage` and `p10` to `p90`.
///
/// CSV: of fred as it downloads, `observation_date,SERIES` or, with vintages,
/// `observation_date,SERIES_YYYYMMDD,…`; of all others a header of `period` and `value` and, where
/// known, `vintage` and `p10` to `p90`.
///
/// A value that is empty, null or `.` is missing. Without a vintage of its own a row has that of
/// the parameter `vintage`, else today.
namespace commands {

struct FileOptions {
    std::string value, time, period, metric;
    std::vector<std::pair<std::string, std::string>> where;  ///< column, value
    domain::Date vintage;
};

/// Reads the parameters named above.
domain::Result<FileOptions> file_options_from(
    const std::multimap<std::string, std::string>& parameters, domain::Date today);

/// What a file held, before it is known what of it is new.
struct ObservationFile {
    std::string format;  ///< fred-json, alfred-csv …
    std::vector<domain::benchmark::Row> rows;
    int missing{};
    std::vector<domain::benchmark::Reject> rejects;
    bool too_many{};  ///< more than rows_max; what follows was not read
};

/// Refuses a file that is none of its provider's, or of another series.
domain::Result<ObservationFile> observations_from_json(events::Node root,
                                                       const domain::benchmark::Definition& series,
                                                       const FileOptions& options);
domain::Result<ObservationFile> observations_from_csv(std::string_view text,
                                                      const domain::benchmark::Definition& series,
                                                      const FileOptions& options);

}  // namespace commands
