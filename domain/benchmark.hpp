#pragma once
#include "domain/base/decider.hpp"
#include "domain/benchmark_words.hpp"

#include <variant>

/// An external series to hold a metric against. What was known when is kept: a later vintage of a
/// period stands beside the earlier, and nothing is ever overwritten.
namespace domain::benchmark {

// ---- Facts.
struct Registered {
    BenchmarkId benchmark;
    Definition definition;
    bool operator==(const Registered&) const = default;
};
/// A row that was not taken, and why. What it held is not kept.
struct Reject {
    int line{};  ///< of the file, or of the list in it, from 1
    std::string code;
    std::string detail;
    bool operator==(const Reject&) const = default;
};
/// What one file brought: observations by period, then by vintage; no two share both.
struct ObservationsImported {
    ImportId import;
    std::string format;  ///< fred-json, alfred-csv …
    std::vector<Observation> observations;
    int received{};  ///< rows of the file
    int known{};     ///< of them, those that an earlier file held, vintage and all
    int missing{};   ///< of them, those without a value
    int rejected{};
    std::vector<Reject> rejects;  ///< the first of them
    bool operator==(const ObservationsImported&) const = default;
};
struct Mapped {
    MetricId metric;
    Mapping mapping;
    bool operator==(const Mapped&) const = default;
};
struct Unmapped {
    MetricId metric;
    bool operator==(const Unmapped&) const = default;
};
struct Retired {
    Date on;
    bool operator==(const Retired&) const = default;
};
using Event = std::variant<Registered, ObservationsImported, Mapped, Unmapped, Retired>;

struct State {
    bool exists{};
    bool retired{};
    BenchmarkId benchmark;
    Definition definition;
    std::map<Date, std::map<Date, Figures>> known;  ///< by period, then by vintage
    std::size_t observations{};
    std::map<MetricId, Mapping> mappings;
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Register {
    BenchmarkId benchmark;
    Definition definition;
};
/// A row of a file as it was read.
struct Row {
    int line{};
    Observation observation;
};
struct Import {
    ImportId import;
    std::string format;
    std::vector<Row> rows;
    int missing{};
    std::vector<Reject> rejects;
    Date today;
};
struct Map {
    MetricId metric;
    std::string metric_unit;
    Mapping mapping;
};
struct Unmap {
    MetricId metric;
};
struct Retire {
    Date today;
};
using Command = std::variant<Register, Import, Map, Unmap, Retire>;

// ---- Reasons to say no.
inline constexpr Reason unknown{Reason::Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason already_registered{Reason::Kind::conflict, "benchmark-already-registered",
                                           "The series of this provider is registered already"};
inline constexpr Reason retired{Reason::Kind::conflict, "benchmark-retired",
                                "A retired benchmark takes nothing more"};
inline constexpr Reason full{Reason::Kind::conflict, "benchmark-full",
                             "The benchmark has as many observations as one may have"};
inline constexpr Reason nothing_good{Reason::Kind::invalid, "no-valid-observations",
                                     "None of the observations can be taken"};
inline constexpr Reason invalid_benchmark{Reason::Kind::invalid, "validation-failed",
                                          "The request is understood and not valid"};

inline constexpr std::size_t external_id_bytes_max = 100;
inline constexpr std::size_t title_bytes_max = 200;
inline constexpr std::size_t geo_bytes_max = 60;
inline constexpr std::size_t attribution_bytes_max = 500;
inline constexpr std::size_t rows_max = 10'000;           ///< of one file
inline constexpr std::size_t observations_max = 200'000;  ///< of one series, all vintages
inline constexpr std::size_t rejects_kept_max = 1'000;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

/// 2 to 6 digits.
bool is_naics(std::string_view text);

struct Benchmark {
    using Event = benchmark::Event;
    using State = benchmark::State;
    using Command = benchmark::Command;
    static constexpr std::string_view category = "benchmark";
};

}  // namespace domain::benchmark
