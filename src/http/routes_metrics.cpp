// Metrics, and what stands out in them.
#include "projections/metric_query.hpp"
#include "projections/metric_series.hpp"
#include "projections/watch_query.hpp"
#include "src/http/route_parts.hpp"

namespace http {
namespace {

using enum Access;
namespace alert_rule = commands::alert_rule;
namespace anomaly = commands::anomaly;
namespace closure = commands::closure;
namespace location = commands::location;
namespace metric = commands::metric;
namespace metric_batch = commands::metric_batch;
namespace metrics = projections::metric;
namespace watch = projections::watch_board;

constexpr std::string_view rows_media[]{"application/json", "application/x-ndjson"};
constexpr std::string_view csv_media[]{"text/csv"};
constexpr std::string_view csv_parameters[]{"at",       "value", "metric",    "metric_key",
                                            "location", "unit",  "dimension", "delimiter"};
constexpr std::size_t points_unpack = 16;
/// 10,000 points with all that one can name: a series of its own each, eight dimensions, a unit.
constexpr std::size_t points_values_max = 200'000;
constexpr std::string_view metric_needs[]{"metric_board"};
constexpr std::string_view metric_filters[]{"archived"};
constexpr std::string_view series_filters[]{
    "grain", "from", "to", "location", "dimension", "compare", "moving_average"};
constexpr std::string_view several_filters[]{"metric",   "grain",     "from",    "to",
                                             "location", "dimension", "compare", "moving_average"};
constexpr std::string_view mover_filters[]{"to", "days"};
constexpr std::string_view points_filters[]{"from", "to", "location"};
constexpr std::string_view quality_filters[]{"from", "to", "location"};
constexpr std::string_view quality_needs[]{"metric_board", "watch_board"};
constexpr std::string_view watch_needs[]{"watch_board"};
constexpr std::string_view anomaly_filters[]{"metric", "location", "kind", "severity",
                                             "status", "from",     "to"};
constexpr std::string_view rule_filters[]{"metric"};
constexpr std::string_view alert_filters[]{"rule", "status"};
constexpr std::string_view closure_filters[]{"location", "from", "to"};

const Route metric_table[]{
    // ---- Metrics.
    {"GET", "/v1/locations", read,
     Read{"location.list", metrics::locations, metric_needs, {}, "Location", {}, true},
     "The places of the business"},
    {"PUT", "/v1/locations/{location}", manage,
     Command{"location.put", location::put, "LocationInput", R"({"name":"Main street"})"},
     "Open a location under a key of its own, or change it"},
    {"DELETE", "/v1/locations/{location}", manage,
     Command{"location.close", location::close, "", ""}, "Close a location; its points stay"},
    {"POST", "/v1/metrics", write,
     Command{"metric.define", metric::define, "MetricInput",
             R"({"key":"revenue","name":"Revenue","unit":"USD","dimensions":["channel"]})",
             "/v1/metrics/{id}", "/v1/metrics/{id}"},
     "Define a metric; its key, like its id, is its address from then on"},
    {"GET", "/v1/metrics", read,
     Read{"metric.list", metrics::list, metric_needs, metric_filters, "Metric", {}, true},
     "A page of metrics by key"},
    {"GET", "/v1/metrics/query", read,
     Read{"metric.query",
          metrics::several,
          metric_needs,
          several_filters,
          "MetricSeriesList",
          {},
          false,
          true},
     "Series of up to 20 metrics at once, named by metric=KEY"},
    {"GET", "/v1/metrics/latest", read,
     Read{"metric.latest", metrics::latest, metric_needs, {}, "MetricLatest", {}, true},
     "The newest day of every metric with the value that its series has there; null if none"},
    {"GET", "/v1/metrics/movers", read,
     Read{"metric.movers", metrics::movers, metric_needs, mover_filters, "MetricMovers"},
     "What moved most: the last complete days beside as many before them, derived metrics too"},
    {"GET", "/v1/metrics/{metric}", read,
     Read{"metric.get", metrics::get, metric_needs, {}, "Metric"}, "One metric, by its key or id"},
    {"PATCH", "/v1/metrics/{metric}", write,
     Command{"metric.revise",
             metric::revise,
             "MetricRevision",
             R"({"name":"Sales","good_direction":"up"})",
             {},
             "/v1/metrics/{metric}"},
     "Change what is given of a definition; key, unit and whether it takes points stay"},
    {"POST", "/v1/metrics/points", contribute,
     Command{"metric.ingest",
             metric_batch::ingest,
             "MetricPoints",
             R"({"series":[{"metric":"revenue","dimensions":{"channel":"web"},"points":)"
             R"([["2026-01-05T12:00:00Z","412.50"],["2026-01-05T13:00:00Z","388.10"]]}]})",
             "/v1/metrics/batches/{id}",
             "/v1/metrics/batches/{id}",
             rows_media,
             {},
             points_unpack,
             true,
             points_values_max},
     "Take points in, up to 10,000, or NDJSON of any length as a batch each 10,000 lines: good "
     "rows "
     "land, bad ones are listed with line and reason"},
    {"POST", "/v1/metrics/import", contribute,
     Command{"metric.import", metric_batch::import, "MetricPoints",
             "at,metric,value\n2026-01-06,revenue,4310.20\n2026-01-07,revenue,3877.00\n",
             "/v1/metrics/batches/{id}", "/v1/metrics/batches/{id}", csv_media, csv_parameters,
             points_unpack},
     "Take points in from CSV, up to 10,000 rows: a longer file is refused whole, and loaded with "
     "cairn metrics import; parameters name the columns, validate_only previews"},
    {"GET", "/v1/metrics/batches", read,
     Read{"metric.batches", metrics::batches, metric_needs, {}, "MetricBatch", {}, true},
     "A page of batches, newest first"},
    {"GET", "/v1/metrics/batches/{batch}", read,
     Read{"metric.batch", metrics::batch, metric_needs, {}, "MetricBatch"},
     "One batch with its counts"},
    {"GET", "/v1/metrics/batches/{batch}/rejects", read,
     Read{"metric.rejects", metrics::rejects, metric_needs, {}, "MetricReject", {}, true},
     "All rows of a batch that were not taken, by line and reason"},
    {"POST", "/v1/metrics/batches/{batch}/revert", write,
     Command{"metric.revert",
             metric_batch::revert,
             "BatchReversal",
             R"({"reason":"Loaded twice."})",
             {},
             "/v1/metrics/batches/{batch}"},
     "Take a batch back: what its points had replaced counts again"},
    {"GET", "/v1/metrics/{metric}/series", read,
     Read{"metric.series",
          metrics::series,
          metric_needs,
          series_filters,
          "MetricSeries",
          {},
          false,
          true},
     "Values by hour, business day, week, month or quarter, gaps filled, compared on request"},
    {"GET", "/v1/metrics/{metric}/revisions", read,
     LogRead{"metric.revisions", metrics::revisions, "MetricRevisionShown", true},
     "What was changed of a definition, by whom and when, oldest first"},
    {"POST", "/v1/metrics/{metric}/formula/preview", read,
     Question{
         "metric.preview-formula", metric::preview, "FormulaPreview",
         R"({"formula":"revenue / covers","from":"2026-01-01","to":"2026-02-01"})",
         Read{"metric.preview-formula", metrics::preview, metric_needs, {}, "FormulaPreviewed"}},
     "What a formula would give beside what the metric gives now; nothing is changed"},
    {"GET", "/v1/metrics/{metric}/points", read,
     Read{"metric.points",
          metrics::points,
          metric_needs,
          points_filters,
          "MetricPoint",
          {},
          true,
          true},
     "A page of the points themselves, as long as the tenant's plan keeps them"},
    {"GET", "/v1/metrics/{metric}/quality", read,
     Read{"metric.quality", metrics::quality, quality_needs, quality_filters, "MetricQuality"},
     "Gaps of a metric, its late points, and those sent again: with another value, or the same"},
    {"DELETE", "/v1/metrics/{metric}", write, Command{"metric.archive", metric::archive, "", ""},
     "Archive a metric; nothing is lost"},

    // ---- What stands out.
    {"GET", "/v1/anomalies", read,
     Read{"anomaly.list", watch::anomalies, watch_needs, anomaly_filters, "Anomaly", {}, true},
     "A page of days that did not look like the days around them, the newest first"},
    {"GET", "/v1/anomalies/{anomaly}", read,
     Read{"anomaly.get", watch::anomaly, watch_needs, {}, "Anomaly"}, "One anomaly"},
    {"POST", "/v1/anomalies/{anomaly}/explain", contribute,
     Command{"anomaly.explain",
             anomaly::explain,
             "AnomalyNote",
             R"({"note":"The till was out of order until five."})",
             {},
             "/v1/anomalies/{anomaly}"},
     "Say what happened on the day"},
    {"POST", "/v1/anomalies/{anomaly}/dismiss", contribute,
     Command{"anomaly.dismiss",
             anomaly::dismiss,
             "AnomalyNote",
             R"({"note":"A quiet day, nothing else."})",
             {},
             "/v1/anomalies/{anomaly}"},
     "Say that nothing is behind it; it is told again only when the day's value changes"},
    {"GET", "/v1/closures", read,
     Read{"closure.list", watch::closures, watch_needs, closure_filters, "Closure", {}, true},
     "A page of the days on which nothing is expected"},
    {"POST", "/v1/closures", write,
     Command{"closure.plan", closure::plan, "ClosureInput",
             R"({"from":"2026-12-25","to":"2026-12-26","reason":"Christmas"})"},
     "Close a location, or without one the whole business, for some days"},
    {"DELETE", "/v1/closures/{closure}", write, Command{"closure.cancel", closure::cancel, "", ""},
     "Open on these days after all"},
    {"GET", "/v1/alert-rules", read,
     Read{"alert-rule.list", watch::rules, watch_needs, rule_filters, "AlertRule", {}, true},
     "A page of alert rules"},
    {"POST", "/v1/alert-rules", write,
     Command{"alert-rule.set", alert_rule::set, "AlertRuleInput",
             R"({"name":"Busy weeks","metric":"revenue","comparison":"above","threshold":"5000",)"
             R"("grain":"week","for_periods":2,"severity":"critical"})",
             "/v1/alert-rules/{id}", "/v1/alert-rules/{id}"},
     "Tell when complete periods of a metric are beyond a threshold, or missing"},
    {"GET", "/v1/alert-rules/{rule}", read,
     Read{"alert-rule.get", watch::rule, watch_needs, {}, "AlertRule"}, "One alert rule"},
    {"PUT", "/v1/alert-rules/{rule}", write,
     Command{"alert-rule.replace",
             alert_rule::replace,
             "AlertRuleInput",
             R"({"name":"Busy weeks","metric":"revenue","comparison":"above","threshold":"4000"})",
             {},
             "/v1/alert-rules/{rule}"},
     "Replace an alert rule"},
    {"DELETE", "/v1/alert-rules/{rule}", write,
     Command{"alert-rule.remove", alert_rule::remove, "", ""},
     "Remove an alert rule; an alert of it that is raised is resolved"},
    {"GET", "/v1/alerts", read,
     Read{"alert.list", watch::alerts, watch_needs, alert_filters, "Alert", {}, true},
     "A page of alerts, the newest first"},
};

}  // namespace

std::span<const Route> metric_routes() { return metric_table; }

}  // namespace http
