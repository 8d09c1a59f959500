// External series and peers.
#include "projections/benchmark_query.hpp"
#include "src/http/consumers.hpp"
#include "src/http/route_parts.hpp"

namespace http {
namespace {

using enum Access;
namespace benchmark = commands::benchmark;
namespace benchmarks = projections::benchmark;

constexpr std::string_view benchmark_needs[]{"benchmark_board"};
constexpr std::string_view comparison_needs[]{"benchmark_board", "metric_board"};
constexpr std::string_view benchmark_filters[]{"provider", "retired"};
constexpr std::string_view observation_filters[]{"from", "to", "as_of"};
constexpr std::string_view comparison_filters[]{"period", "as_of"};
constexpr std::string_view peer_filters[]{"period"};
constexpr std::string_view file_media[]{"application/json", "text/csv"};
constexpr std::string_view file_parameters[]{"value", "time",   "period",
                                             "where", "metric", "vintage"};

const Route benchmark_table[]{
    // ---- Benchmarks and peers.
    {"POST", "/v1/benchmarks", write,
     Command{"benchmark.register", benchmark::register_series, "BenchmarkInput",
             R"({"provider":"fred","external_id":"CPIAUCSL","title":"Consumer prices","unit":)"
             R"("index","frequency":"month","geo":"US","licence":{"redistribute":true,)"
             R"("cloud_model_use":true,"attribution":"U.S. BLS, via FRED"}})",
             "/v1/benchmarks/{id}", "/v1/benchmarks/{id}"},
     "Register an external series, with what its licence allows"},
    {"GET", "/v1/benchmarks", read,
     Read{"benchmark.list",
          benchmarks::list,
          benchmark_needs,
          benchmark_filters,
          "Benchmark",
          {},
          true},
     "A page of external series"},
    {"GET", "/v1/benchmarks/{benchmark}", read,
     Read{"benchmark.get", benchmarks::get, benchmark_needs, {}, "Benchmark"},
     "One series with its licence"},
    {"POST", "/v1/benchmarks/{benchmark}/import", contribute,
     Command{"benchmark.import", benchmark::import, "BenchmarkFile",
             R"({"observations":[{"realtime_start":"2024-02-13","realtime_end":"9999-12-31",)"
             R"("date":"2024-01-01","value":"308.417"}]})",
             "/v1/benchmarks/{benchmark}/imports/{command}",
             "/v1/benchmarks/{benchmark}/imports/{command}", file_media, file_parameters},
     "Take in a file as its provider publishes it; later vintages stand beside earlier ones"},
    {"GET", "/v1/benchmarks/{benchmark}/observations", read,
     Read{"benchmark.observations",
          benchmarks::observations,
          benchmark_needs,
          observation_filters,
          "BenchmarkObservations",
          {},
          false,
          true},
     "What is known of each period, or was on the day as_of: as JSON the newest 5,000 and whether "
     "there are more, as CSV all"},
    {"GET", "/v1/benchmarks/{benchmark}/imports", read,
     Read{"benchmark.imports",
          benchmarks::imports,
          benchmark_needs,
          {},
          "BenchmarkImport",
          {},
          true},
     "A page of the files that brought something, newest first"},
    {"GET", "/v1/benchmarks/{benchmark}/imports/{import}", read,
     Read{"benchmark.import.get", benchmarks::import, benchmark_needs, {}, "BenchmarkImport"},
     "One file with its counts"},
    {"GET", "/v1/benchmarks/{benchmark}/imports/{import}/rejects", read,
     Read{"benchmark.rejects",
          benchmarks::rejects,
          benchmark_needs,
          {},
          "BenchmarkReject",
          {},
          true},
     "The rows of a file that were not taken"},
    {"GET", "/v1/metrics/{metric}/benchmarks", read,
     Read{"benchmark.mappings",
          benchmarks::mappings,
          comparison_needs,
          {},
          "BenchmarkMapping",
          {},
          true},
     "The benchmarks that a metric is held against"},
    {"PUT", "/v1/metrics/{metric}/benchmarks/{benchmark}", write,
     Command{"benchmark.map", benchmark::map, "BenchmarkMappingInput",
             R"({"transform":"mean","factor":"1.5","factor_unit":"USD/index"})"},
     "Hold a metric against a benchmark; units are checked"},
    {"DELETE", "/v1/metrics/{metric}/benchmarks/{benchmark}", write,
     Command{"benchmark.unmap", benchmark::unmap, "", ""},
     "Hold it against that benchmark no more"},
    {"GET", "/v1/metrics/{metric}/benchmark", read,
     Read{"benchmark.compare", benchmarks::comparison, comparison_needs, comparison_filters,
          "BenchmarkComparison"},
     "A metric's period beside its benchmarks: difference, percentile, vintage, licence"},
    {"DELETE", "/v1/benchmarks/{benchmark}", write,
     Command{"benchmark.retire", benchmark::retire, "", ""},
     "Retire a series; what was imported stays"},
    {"GET", "/v1/tenant/cohort", read,
     Read{"cohort.get", benchmarks::cohort, benchmark_needs, {}, "Cohort"},
     "Whether the tenant shares with its peers"},
    {"PUT", "/v1/tenant/cohort", manage,
     Command{"cohort.put", commands::cohort::put, "CohortInput",
             R"({"share":true,"naics":"722511"})"},
     "Let the tenant's metrics count anonymously among its peers', or no longer"},
    {"GET", "/v1/metrics/{metric}/peers", read,
     Read{"benchmark.peers", benchmarks::peers, comparison_needs, peer_filters, "PeerComparison"},
     "A metric among at least ten peers: percentiles only, nobody's value"},
};

}  // namespace

std::span<const Route> benchmark_routes() { return benchmark_table; }

}  // namespace http
