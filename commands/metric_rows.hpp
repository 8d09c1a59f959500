#pragma once
#include "commands/metric_lookup.hpp"
#include "domain/metric_batch.hpp"
#include "events/document.hpp"

/// Rows of points as clients send them, before and after they are checked.
namespace commands {

/// What rows share: which metric, where, and along which dimensions.
struct RowSource {
    std::string metric, location, unit;
    std::map<std::string, std::string> dimensions;
    auto operator<=>(const RowSource&) const = default;
};

struct Row {
    std::uint32_t source{};
    int line{};  ///< of the input, from 1
    std::string at;
    std::optional<domain::Decimal> value;  ///< empty: no exact decimal
};

/// Input that is understood row by row; what is not becomes a reject with its line.
struct Rows {
    std::vector<RowSource> sources;
    std::vector<Row> rows;
    std::vector<domain::metric_batch::Reject> rejects;
    int lines{};         ///< of the input so far
    int lines_before{};  ///< of a longer input, of which this is a part
    bool too_many{};

    Keys metrics() const;
    Keys locations() const;
};

/// `{"points":[{"metric","at","value","location","dimensions","unit"}…]}`, or grouped:
/// `{"series":[{"metric","location","dimensions","unit","points":[["at","value"]…]}…]}`.
Rows rows_from(events::Node body, std::vector<domain::Fault>& faults);
/// One JSON object a line; lines are counted on from `lines_before`.
Rows rows_from_ndjson(std::string_view text, int lines_before);

/// Rows against definitions and calendars: one part a metric, points in order.
domain::metric_batch::Ingest checked(Rows rows, const Metrics& metrics, Calendars& calendars,
                                     domain::BatchId batch, domain::metric::Source source,
                                     domain::Instant now);

}  // namespace commands
