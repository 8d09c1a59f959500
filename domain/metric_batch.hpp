#pragma once
#include "domain/base/decider.hpp"
#include "domain/metric_words.hpp"

#include <map>
#include <variant>

/// Points of metrics arrive in batches: a batch is one stream, with one fact per metric in it.
namespace domain::metric_batch {

using metric::Source;

/// What besides the metric tells two points of one moment apart.
struct Series {
    std::string location;                           ///< a location's key; empty: the whole business
    std::map<std::string, std::string> dimensions;  ///< channel = web
    auto operator<=>(const Series&) const = default;
};

/// One value at one moment of one series.
struct Point {
    std::uint32_t series{};  ///< an index into the fact's series
    Instant at;
    Date day;  ///< the business day, decided when it was taken in
    Decimal value;
    bool operator==(const Point&) const = default;
};

// ---- Facts.
/// Points by series, then by time; no two of one series share a moment.
struct Ingested {
    MetricId metric;
    BatchId batch;
    Source source{};
    std::string unit;
    std::vector<Series> series;
    std::vector<Point> points;
    int received{};   ///< rows taken, before duplicates went
    int duplicate{};  ///< rows that a later row of the same batch replaced
    bool operator==(const Ingested&) const = default;
};
/// A row that was not taken, and why. What it held is not kept.
struct Reject {
    int line{};          ///< of the input, from 1
    std::string metric;  ///< the key as it was sent, at most 60 bytes
    std::string code;    ///< unknown-metric, wrong-unit, out-of-range …
    std::string detail;
    bool operator==(const Reject&) const = default;
};
/// Alone in its batch where a stretch of a longer input has no good row.
struct RowsRejected {
    BatchId batch;
    int rejected{};
    std::vector<Reject> rejects;     ///< all, by line; of early batches the first 1,000
    std::optional<Source> source{};  ///< unknown of early ones, whose points say it
    bool operator==(const RowsRejected&) const = default;
};
/// The points of the batch count no more; what they had replaced counts again.
struct Reverted {
    BatchId batch;
    std::string reason;
    bool operator==(const Reverted&) const = default;
};
using Event = std::variant<Ingested, RowsRejected, Reverted>;

/// What a batch holds of one metric: all but the points themselves.
struct Taken {
    Source source{};
    std::string unit;
    int series{};
    int points{};
    int received{};
    int duplicate{};
    bool operator==(const Taken&) const = default;
};
struct State {
    bool exists{};
    bool reverted{};
    BatchId batch;
    std::map<MetricId, Taken> taken;
    int rejected{};
    std::string reason;  ///< why it was reverted
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Ingest {
    BatchId batch;
    std::vector<Ingested> parts;  ///< one a metric
    std::vector<Reject> rejects;
    Source source{};
    bool in_parts{};  ///< a stretch of a longer input, which goes on whatever is in this one
};
struct Revert {
    std::string reason;
};
using Command = std::variant<Ingest, Revert>;

// ---- Reasons to say no.
inline constexpr Reason unknown{Reason::Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason nothing_good{Reason::Kind::invalid, "no-valid-points",
                                     "None of the points can be taken"};
inline constexpr Reason invalid_reason{Reason::Kind::invalid, "validation-failed",
                                       "The request is understood and not valid"};

inline constexpr std::size_t points_max = 10'000;
inline constexpr std::size_t reason_bytes_max = 500;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

/// Whether every point names a series that is there.
bool is_whole(const Ingested& fact);

/// Sorts by series and time and keeps the last of those that share both. The number dropped.
int settle(std::vector<Point>& points);

struct Batch {
    using Event = metric_batch::Event;
    using State = metric_batch::State;
    using Command = metric_batch::Command;
    static constexpr std::string_view category = "metric-batch";
};

}  // namespace domain::metric_batch
