// The whole API on one page.
#include "projections/benchmark_query.hpp"
#include "projections/audit_query.hpp"
#include "projections/trail_query.hpp"
#include "projections/directory_query.hpp"
#include "projections/effect_tree.hpp"
#include "projections/goal_history.hpp"
#include "projections/goal_query.hpp"
#include "projections/metric_query.hpp"
#include "projections/metric_series.hpp"
#include "projections/watch_query.hpp"
#include "src/http/consumers.hpp"
#include "src/http/route.hpp"

namespace http {
namespace {

using enum Access;
namespace benchmark = commands::benchmark;
namespace goal = commands::goal;
namespace milestone = commands::milestone;
namespace action_item = commands::action_item;
namespace alert_rule = commands::alert_rule;
namespace anomaly = commands::anomaly;
namespace closure = commands::closure;
namespace location = commands::location;
namespace metric = commands::metric;
namespace metric_batch = commands::metric_batch;
namespace tenant = commands::tenant;
namespace user = commands::user;
namespace goals = projections::goal_board;
namespace benchmarks = projections::benchmark;
namespace directory = projections::directory;
namespace metrics = projections::metric;
namespace actions = projections::action_board;
namespace watch = projections::watch_board;
namespace audit = projections::audit;

constexpr std::string_view goal_needs[]{"goal_board", "action_board"};
constexpr std::string_view board_needs[]{"goal_board"};
constexpr std::string_view people_needs[]{"directory"};
constexpr std::string_view action_needs[]{"action_board"};
constexpr std::string_view rows_media[]{"application/json", "application/x-ndjson"};
constexpr std::string_view csv_media[]{"text/csv"};
constexpr std::string_view csv_parameters[]{"at",       "value", "metric",    "metric_key",
                                            "location", "unit",  "dimension", "delimiter"};
/// Points repeat their words: 16 limits hold 10,000 rows of 1.6 KiB.
constexpr std::size_t points_unpack = 16;
constexpr std::string_view metric_needs[]{"metric_board"};
constexpr std::string_view metric_filters[]{"archived"};
constexpr std::string_view series_filters[]{
    "grain", "from", "to", "location", "dimension", "compare", "moving_average"};
constexpr std::string_view several_filters[]{"metric",   "grain",     "from",    "to",
                                             "location", "dimension", "compare", "moving_average"};
constexpr std::string_view mover_filters[]{"to", "days"};
constexpr std::string_view points_filters[]{"from", "to", "location"};
constexpr std::string_view quality_filters[]{"from", "to"};
constexpr std::string_view quality_needs[]{"metric_board", "watch_board"};
constexpr std::string_view watch_needs[]{"watch_board"};
constexpr std::string_view anomaly_filters[]{"metric", "location", "kind", "severity",
                                             "status", "from",     "to"};
constexpr std::string_view rule_filters[]{"metric"};
constexpr std::string_view alert_filters[]{"rule", "status"};
constexpr std::string_view closure_filters[]{"location", "from", "to"};
constexpr std::string_view benchmark_needs[]{"benchmark_board"};
constexpr std::string_view comparison_needs[]{"benchmark_board", "metric_board"};
constexpr std::string_view benchmark_filters[]{"provider", "retired"};
constexpr std::string_view observation_filters[]{"from", "to", "as_of"};
constexpr std::string_view comparison_filters[]{"period", "as_of"};
constexpr std::string_view peer_filters[]{"period"};
constexpr std::string_view file_media[]{"application/json", "text/csv"};
constexpr std::string_view file_parameters[]{"value", "time",   "period",
                                             "where", "metric", "vintage"};
constexpr std::string_view goal_filters[]{"status", "lifecycle",        "health",           "owner",
                                          "metric", "target_date[gte]", "target_date[lte]", "sort"};
constexpr std::string_view user_filters[]{"role"};
constexpr std::string_view action_filters[]{"status", "assignee", "goal"};

constexpr std::string_view checkpoint_filters[]{"format"};
constexpr std::string_view inclusion_filters[]{"event", "position"};
constexpr std::string_view consistency_filters[]{"from", "to"};
constexpr std::string_view event_parameters[]{"type",  "stream", "correlation", "from",
                                              "after", "limit",  "cursor"};
constexpr std::string_view event_media[]{"application/json", "application/x-ndjson",
                                         "application/cloudevents-batch+json", "text/event-stream"};
constexpr std::string_view trail_filters[]{"actor", "subject", "action",     "outcome",
                                           "from",  "to",      "correlation"};

constexpr std::string_view a_goal = "/v1/goals/{id}";
constexpr std::string_view this_goal = "/v1/goals/{goal}";

const Route table[]{
    // ---- Tenants and people.
    {"POST", "/v1/tenants", open,
     Command{"tenant.register", tenant::register_tenant, "TenantRegistration",
             R"({"name":"Harbour Street Kitchen","country":"US","currency":"USD",)"
             R"("time_zone":"America/New_York","owner":{"email":"owner@example.com",)"
             R"("display_name":"A. Owner"}})",
             "/v1/tenant"},
     "Register a tenant and its owner; the answer carries a first access token"},
    {"GET", "/v1/tenant", read, Read{"tenant.get", directory::tenant, people_needs, {}, "Tenant"},
     "The caller's tenant"},
    {"PUT", "/v1/tenant", manage,
     Command{"tenant.change-profile", tenant::change_profile, "TenantProfile",
             R"({"name":"Harbour Street Kitchen & Shop","country":"US","currency":"USD",)"
             R"("time_zone":"America/New_York"})"},
     "Replace the tenant's profile"},
    {"GET", "/v1/me", read, Read{"me.get", directory::me, people_needs, {}, "User"}, "The caller"},
    {"GET", "/v1/users", read,
     Read{"user.list", directory::users, people_needs, user_filters, "User", {}, true},
     "The members of the tenant"},
    {"POST", "/v1/users", manage,
     Command{"user.register", user::register_user, "UserRegistration",
             R"({"email":"cook@example.com","display_name":"B. Cook","role":"staff"})",
             "/v1/users/{id}", "/v1/users/{id}"},
     "Add a person to the tenant"},
    {"GET", "/v1/users/{user}", read, Read{"user.get", directory::user, people_needs, {}, "User"},
     "One member"},
    {"PATCH", "/v1/users/{user}", manage,
     Command{"user.change-profile",
             user::change_profile,
             "UserProfile",
             R"({"display_name":"B. Baker"})",
             {},
             "/v1/users/{user}"},
     "Change what is given of a person's profile"},
    {"DELETE", "/v1/users/{user}", manage, Command{"user.deactivate", user::deactivate, "", ""},
     "Deactivate a person"},
    {"PUT", "/v1/users/{user}/role", manage,
     Command{"tenant.change-role", tenant::change_role, "RoleChange", R"({"role":"manager"})"},
     "Change a member's role"},
    {"DELETE", "/v1/users/{user}/role", manage,
     Command{"tenant.remove-member", tenant::remove_member, "", ""},
     "Remove a member from the tenant"},

    // ---- Goals.
    {"POST", "/v1/goals", write,
     Command{"goal.draft", goal::draft, "GoalInput",
             R"({"title":"More regulars","specific":{"description":"Turn one-time guests into )"
             R"(regulars with a loyalty card.","focus_area":"sales"},"measurable":)"
             R"({"metric":"regular_guests","direction":"increase","baseline":"120",)"
             R"("target_value":"200","unit":"count"},"achievable":{"feasibility_score":7,)"
             R"("reasoning":"The card costs little."},"relevant":{"business_impact":)"
             R"("Regulars spend twice as much."},"time_bound":{"start_date":"2026-01-01",)"
             R"("target_date":"2030-12-31","milestones":[{"title":"150 regulars",)"
             R"("due":"2028-06-30","target":"150"}]}})",
             a_goal, a_goal},
     "Draft a goal"},
    {"GET", "/v1/goals", read,
     Read{"goal.list", goals::list, board_needs, goal_filters, "GoalSummary", {}, true},
     "A page of goals"},
    {"GET", "/v1/goals/{goal}", read,
     Read{"goal.get", goals::get, goal_needs, {}, "Goal", goals::as_of},
     "One goal, now or ?as_of= a version, a @position or an instant"},
    {"PATCH", "/v1/goals/{goal}", write,
     Command{"goal.update",
             goal::update,
             "GoalUpdate",
             R"({"specific":{"description":"Turn one-time guests into regulars.",)"
             R"("focus_area":"sales"}})",
             {},
             this_goal},
     "Replace the groups that are given; an active goal's measure and timeframe need a reason"},
    {"PUT", "/v1/goals/{goal}/measurable", write,
     Command{"goal.set-measure",
             goal::set_measure,
             "Measurable",
             R"({"metric":"regular_guests","direction":"increase","baseline":"120",)"
             R"("target_value":"220","unit":"count"})",
             {},
             this_goal},
     "Set what is measured"},
    {"PUT", "/v1/goals/{goal}/time-bound", write,
     Command{"goal.set-timeframe",
             goal::set_timeframe,
             "TimeBound",
             R"({"start_date":"2026-01-01","target_date":"2030-06-30"})",
             {},
             this_goal},
     "Set when it starts and ends"},
    {"POST", "/v1/goals/{goal}/assess", write,
     Command{"goal.assess", goal::assess, "", "", {}, this_goal},
     "Judge the goal by the SMART rules"},
    {"POST", "/v1/goals/{goal}/activate", write,
     Command{"goal.activate", goal::activate, "Activation", "{}", {}, this_goal},
     "Commit to the goal, with an expected path"},
    {"POST", "/v1/goals/{goal}/check-ins", contribute,
     Command{"goal.check-in", goal::check_in, "CheckIn",
             R"({"value":"131","confidence":8,"notes":"The card is popular at lunch."})",
             "/v1/goals/{goal}#{command}", this_goal},
     "Check in: a value, a confidence, notes"},
    {"GET", "/v1/goals/{goal}/check-ins", read,
     Read{"goal.check-ins", goals::check_ins, board_needs, {}, "CheckInShown", {}, true},
     "A page of check-ins, newest first"},
    {"POST", "/v1/goals/{goal}/milestones", write,
     Command{"milestone.add", milestone::add, "MilestoneInput",
             R"({"title":"180 regulars","due":"2029-06-30","target":"180"})",
             "/v1/goals/{goal}#{command}", this_goal},
     "Add a milestone"},
    {"PATCH", "/v1/goals/{goal}/milestones/{milestone}", write,
     Command{"milestone.reschedule",
             milestone::reschedule,
             "Rescheduling",
             R"({"due":"2029-09-30"})",
             {},
             this_goal},
     "Reschedule a milestone"},
    {"POST", "/v1/goals/{goal}/milestones/{milestone}/complete", write,
     Command{"milestone.complete", milestone::complete, "", "", {}, this_goal},
     "Complete a milestone"},
    {"DELETE", "/v1/goals/{goal}/milestones/{milestone}", write,
     Command{"milestone.remove", milestone::remove, "", "", {}, this_goal}, "Remove a milestone"},
    {"POST", "/v1/goals/{goal}/action-items", contribute,
     Command{"action-item.add", action_item::add, "ActionItemInput",
             R"({"title":"Print the cards","due":"2027-02-01"})", "/v1/goals/{goal}#{command}",
             this_goal},
     "Add an action item"},
    {"PATCH", "/v1/goals/{goal}/action-items/{item}", contribute,
     Command{"action-item.reschedule",
             action_item::reschedule,
             "Rescheduling",
             R"({"due":"2027-03-01"})",
             {},
             this_goal},
     "Reschedule an action item"},
    {"POST", "/v1/goals/{goal}/action-items/{item}/start", contribute,
     Command{"action-item.start", action_item::start, "", "", {}, this_goal},
     "Start an action item"},
    {"POST", "/v1/goals/{goal}/action-items/{item}/complete", contribute,
     Command{"action-item.complete", action_item::complete, "", "", {}, this_goal},
     "Complete an action item"},
    {"DELETE", "/v1/goals/{goal}/action-items/{item}", contribute,
     Command{"action-item.cancel", action_item::cancel, "", "", {}, this_goal},
     "Cancel an action item"},
    {"POST", "/v1/goals/{goal}/complete", write,
     Command{"goal.complete",
             goal::complete,
             "Completion",
             R"({"final_value":"205","learnings":"Lunch guests come back, evening ones do not."})",
             {},
             this_goal},
     "Close the goal with its outcome"},
    {"POST", "/v1/goals/{goal}/abandon", write,
     Command{"goal.abandon",
             goal::abandon,
             "ReasonGiven",
             R"({"reason":"We changed course."})",
             {},
             this_goal},
     "Give the goal up"},
    {"POST", "/v1/goals/{goal}/reopen", write,
     Command{"goal.reopen",
             goal::reopen,
             "ReasonGiven",
             R"({"reason":"Closed too early."})",
             {},
             this_goal},
     "Open a closed goal again"},
    {"DELETE", "/v1/goals/{goal}", write,
     Command{"goal.archive", goal::archive, "", "", {}, this_goal},
     "Archive a goal; nothing is lost"},
    {"GET", "/v1/goals/{goal}/history", read,
     LogRead{"goal.history", goals::history, "Event", true}, "The goal's events, oldest first"},

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
     "The newest day of every metric"},
    {"GET", "/v1/metrics/movers", read,
     Read{"metric.movers", metrics::movers, metric_needs, mover_filters, "MetricMovers"},
     "What moved most: the last days beside as many before them"},
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
             points_unpack},
     "Take points in, up to 10,000: good rows land, bad ones are listed with line and reason"},
    {"POST", "/v1/metrics/import", contribute,
     Command{"metric.import", metric_batch::import, "MetricPoints",
             "at,metric,value\n2026-01-06,revenue,4310.20\n2026-01-07,revenue,3877.00\n",
             "/v1/metrics/batches/{id}", "/v1/metrics/batches/{id}", csv_media, csv_parameters,
             points_unpack},
     "Take points in from CSV; parameters name the columns, validate_only previews"},
    {"GET", "/v1/metrics/batches", read,
     Read{"metric.batches", metrics::batches, metric_needs, {}, "MetricBatch", {}, true},
     "A page of batches, newest first"},
    {"GET", "/v1/metrics/batches/{batch}", read,
     Read{"metric.batch", metrics::batch, metric_needs, {}, "MetricBatch"},
     "One batch with its counts"},
    {"GET", "/v1/metrics/batches/{batch}/rejects", read,
     Read{"metric.rejects", metrics::rejects, metric_needs, {}, "MetricReject", {}, true},
     "The rows of a batch that were not taken"},
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
     "Gaps, late and replaced points of a metric"},
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
             R"({"name":"Food cost","metric":"food_cost","comparison":"above","threshold":"0.32",)"
             R"("grain":"week","for_periods":2,"severity":"critical"})",
             "/v1/alert-rules/{id}", "/v1/alert-rules/{id}"},
     "Tell when complete periods of a metric are beyond a threshold, or missing"},
    {"GET", "/v1/alert-rules/{rule}", read,
     Read{"alert-rule.get", watch::rule, watch_needs, {}, "AlertRule"}, "One alert rule"},
    {"PUT", "/v1/alert-rules/{rule}", write,
     Command{"alert-rule.replace",
             alert_rule::replace,
             "AlertRuleInput",
             R"({"name":"Food cost","metric":"food_cost","comparison":"above","threshold":"0.30"})",
             {},
             "/v1/alert-rules/{rule}"},
     "Replace an alert rule"},
    {"DELETE", "/v1/alert-rules/{rule}", write,
     Command{"alert-rule.remove", alert_rule::remove, "", ""},
     "Remove an alert rule; an alert of it that is raised is resolved"},
    {"GET", "/v1/alerts", read,
     Read{"alert.list", watch::alerts, watch_needs, alert_filters, "Alert", {}, true},
     "A page of alerts, the newest first"},
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
     "What is known of each period, or was on the day as_of"},
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
    // ---- Events.
    {"GET", "/v1/events", read,
     Talk{"event.feed", run_events, "EventPage", event_parameters, {}, {}, event_media},
     "The tenant's events: pages, lines, CloudEvents, a live stream by Accept, or a web socket"},

    {"GET", "/v1/consumers", read, Talk{"consumer.list", list_consumers, "ConsumerList"},
     "The tenant's durable consumers"},
    {"PUT", "/v1/consumers/{consumer}", write,
     Talk{"consumer.put",
          put_consumer,
          "Consumer",
          {},
          "ConsumerInput",
          R"({"filter":{"types":["goal.*"]},"start":"beginning","lease_seconds":30,)"
          R"("failures_max":5})"},
     "Make a durable consumer, or change its settings; where it began stays"},
    {"GET", "/v1/consumers/{consumer}", read, Talk{"consumer.get", get_consumer, "Consumer"},
     "One consumer and how far it has come"},
    {"DELETE", "/v1/consumers/{consumer}", write,
     Talk{"consumer.delete", delete_consumer, "Nothing"}, "Forget a consumer and its cursor"},
    {"POST", "/v1/consumers/{consumer}/fetch", contribute,
     Talk{"consumer.fetch", fetch_events, "Deliveries", {}, "FetchInput", R"({"max":10,"wait":5})"},
     "Take events under a lease: of one stream in order, and to one member at a time"},
    {"POST", "/v1/consumers/{consumer}/ack", contribute,
     Talk{"consumer.ack",
          ack_events,
          "Acked",
          {},
          "AckInput",
          R"({"lease":"01890a5d-ac96-774b-bcce-b302099a8057","positions":["12"]})"},
     "Say that events of a lease are done; all of it without positions"},
    {"POST", "/v1/consumers/{consumer}/nack", contribute,
     Talk{"consumer.nack",
          nack_events,
          "Nacked",
          {},
          "NackInput",
          R"({"lease":"01890a5d-ac96-774b-bcce-b302099a8057","positions":["12"],)"
          R"("delay_seconds":60,"reason":"smtp-refused"})"},
     "Give events back, for a later time if wished; after too many failures one is parked"},
    {"GET", "/v1/consumers/{consumer}/parked", read,
     Talk{"consumer.parked", list_parked, "ParkedList"},
     "Events that failed too often; what follows in their streams waits with them"},
    {"POST", "/v1/consumers/{consumer}/parked/retry", contribute,
     Talk{"consumer.retry", retry_parked, "Count", {}, "PositionsInput", R"({"positions":["12"]})"},
     "Try parked events again; all of them without positions"},
    {"POST", "/v1/consumers/{consumer}/parked/skip", write,
     Talk{"consumer.skip", skip_parked, "Count", {}, "PositionsInput", R"({"positions":["12"]})"},
     "Give parked events up: what waits behind them goes on"},

    // ---- What is to be done.
    {"GET", "/v1/action-items", read,
     Read{"action-item.list", actions::list, action_needs, action_filters, "ActionItem", {}, true},
     "A page of action items over all goals"},

    // ---- Proofs about the log.
    {"GET", "/v1/audit/checkpoint", read,
     Read{"audit.checkpoint", audit::checkpoint, {}, checkpoint_filters, "Checkpoint"},
     "The newest signed checkpoint of the tenant's lane; ?format=note as C2SP writes it"},
    {"GET", "/v1/audit/keys", read, Read{"audit.keys", audit::keys, {}, {}, "CheckpointKeys"},
     "The keys that sign checkpoints, each vouched for by the one before"},
    {"GET", "/v1/audit/proofs/inclusion", read,
     Read{"audit.inclusion", audit::inclusion, {}, inclusion_filters, "InclusionProof"},
     "That an event of the tenant, by id or position, is in the newest checkpoint's tree"},
    {"GET", "/v1/audit/proofs/consistency", read,
     Read{"audit.consistency", audit::consistency, {}, consistency_filters, "ConsistencyProof"},
     "That the tree of ?to= events begins with that of ?from="},
    // ---- Who did and read what.
    {"GET", "/v1/audit/entries", manage,
     Read{.name = "audit.entries",
          .query = projections::audit::entries,
          .filters = trail_filters,
          .schema = "AuditEntry",
          .pages = true,
          .csv = true,
          .lines = true,
          .audited = true},
     "A page of the audit trail, the newest first; also as text/csv and application/x-ndjson"},
    {"GET", "/v1/correlations/{correlation}", manage,
     Read{.name = "audit.correlation",
          .query = projections::correlation,
          .schema = "EffectTree",
          .audited = true},
     "What a request set off, as a tree: its command, the events, the commands that they caused"},
};

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace http
