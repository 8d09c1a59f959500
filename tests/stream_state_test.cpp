// Every stream has a state to show, whatever its category, and none shows what only its owner may
// know.
#include "domain/benchmark.hpp"
#include "events/catalog.hpp"
#include "events/document.hpp"
#include "projections/stream_state.hpp"
#include "tests/support/no_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace stream_state_test {
namespace {

using Past = std::vector<events::Recorded>;
namespace benchmark = domain::benchmark;

const domain::Uuid id{{7}};

std::string category_of(std::string_view type) {
    return std::string{type.substr(0, type.find('.'))};
}

/// The example of a stored form as the next event of its stream.
events::Recorded golden(std::string_view type, std::size_t version) {
    const auto form = *events::form_of(type);
    std::ifstream file{std::filesystem::path{REPOSITORY} / "tests/golden" /
                       (std::string{type} + ".v" + std::to_string(form.schema) + ".json")};
    std::stringstream text;
    text << file.rdbuf();
    events::Recorded event;
    event.stream = {category_of(type), id};
    event.version = static_cast<std::int64_t>(version);
    event.type = type;
    event.schema = form.schema;
    event.data = text.str();
    while (event.data.ends_with('\n')) event.data.pop_back();
    return event;
}

Past past_of(const std::vector<std::string_view>& types) {
    Past past;
    for (const auto type : types) past.push_back(golden(type, past.size() + 1));
    return past;
}

/// The members after what every state begins with.
std::string after(const std::vector<std::string_view>& types) {
    const auto state = projections::state_json(past_of(types));
    if (!state) return std::string{state.error().why.slug};
    const auto version = "\"version\":" + std::to_string(types.size()) + ",";
    const auto at = state->find(version);
    return at == std::string::npos ? *state : state->substr(at + version.size());
}

TEST(StreamState, EveryCategoryHasOne) {
    std::map<std::string, Past> streams;
    for (const auto& form : events::all_forms()) {
        auto& past = streams[category_of(form.type)];
        past.push_back(golden(form.type, past.size() + 1));
    }
    EXPECT_GE(streams.size(), 13u);
    for (const auto& [category, past] : streams) {
        for (std::size_t count = 1; count <= past.size(); ++count) {
            const auto state = projections::state_json(std::span{past}.first(count));
            ASSERT_TRUE(state) << category << " " << count << ": " << state.error().why.slug;
            EXPECT_NE(state->find(":\"" + domain::to_text(id) +
                                  "\",\"version\":" + std::to_string(count) + ","),
                      std::string::npos)
                << category << " does not begin with what it is of: " << *state;
            EXPECT_TRUE(events::Document::parse(*state)) << *state;
        }
    }
}

TEST(StreamState, OfACategoryThatNobodyFoldsIsRefused) {
    auto past = past_of({"closure.planned"});
    past.front().stream.category = "recipe";
    EXPECT_EQ(projections::state_json(past).error().why, projections::no_fold);
    EXPECT_EQ(projections::state_json({}).error().why, projections::no_fold);
}

TEST(StreamState, OfAnEventThatDoesNotDecodeIsADefect) {
    auto past = past_of({"closure.planned", "closure.cancelled"});
    past.back().schema = 99;
    EXPECT_EQ(projections::state_json(past).error().why, events::unreadable);
}

TEST(StreamState, AnAlertRule) {
    const std::string rule = R"("name":"Food cost","metric":"food_cost","location":"main",)"
                             R"("comparison":"above","threshold":"0.30","grain":"week",)"
                             R"("for_periods":2,"severity":"critical",)";
    EXPECT_EQ(after({"alert-rule.set"}),
              rule + R"("raised":false,"removed":false,"judged_to":"2026-01-11"})");
    EXPECT_EQ(after({"alert-rule.set", "alert-rule.raised"}),
              rule + R"("raised":true,"removed":false,"judged_to":"2026-02-09"})");
    EXPECT_EQ(
        after({"alert-rule.set", "alert-rule.raised", "alert-rule.resolved", "alert-rule.removed"}),
        rule + R"("raised":false,"removed":true,"judged_to":"2026-02-16"})");
}

TEST(StreamState, AnAnomalyWithItsNoteSealed) {
    const std::string finding = R"("metric":"revenue","location":"main","on":"2026-02-01",)"
                                R"("kind":"dip","severity":"critical","observed":"0",)"
                                R"("expected":"4537.12","low":"3920.00","high":"5210.44",)"
                                R"("score":"-140.31",)";
    EXPECT_EQ(after({"anomaly.detected"}), R"("status":"open",)" + finding + R"("note":null})");
    EXPECT_EQ(after({"anomaly.detected", "anomaly.explained"}),
              R"("status":"explained",)" + finding + R"("note":"‹sealed›"})");
    EXPECT_EQ(after({"anomaly.detected", "anomaly.dismissed", "anomaly.withdrawn"}),
              R"("status":"withdrawn",)" + finding + R"("note":"‹sealed›"})");
    EXPECT_EQ(after({"anomaly.detected", "anomaly.explained", "anomaly.detected"}),
              R"("status":"open",)" + finding + R"("note":null})")
        << "found anew, nothing was said of it";
}

TEST(StreamState, ABenchmarkWithEveryVintage) {
    const std::string series =
        R"("provider":"fred","external_id":"CPIAUCSL","title":"Consumer prices, all urban",)"
        R"("unit":"index","frequency":"month","naics":"722511","geo":"US","licence":)"
        R"({"redistribute":true,"cloud_model_use":true,"attribution":)"
        R"("U.S. Bureau of Labor Statistics via FRED"},)";
    const std::string observations =
        R"("observations":{"2024-01-01":{"2024-05-07":{"value":"308.417","p10":"1","p25":"2.5",)"
        R"("p50":"3","p75":"4","p90":"5.25"}},"2024-02-01":{"2024-05-07":{"value":"-0.05"}},)"
        R"("2024-03-03":{"2024-06-07":{"value":"312","p25":"3","p75":"5"}}}})";
    EXPECT_EQ(after({"benchmark.registered"}),
              series + R"("retired":false,"mappings":{},"observations":{}})");
    EXPECT_EQ(
        after({"benchmark.registered", "benchmark.mapped", "benchmark.observations-imported"}),
        series +
            R"("retired":false,"mappings":{"01a1fbf3-4a80-7736-b7bd-2fb5b811b5d2":)"
            R"({"transform":"mean","adjustment":"inflation","deflator":)"
            R"("01a1fbf3-4a80-7736-b7bd-2fb5b811b5e1","factor":"0.001",)"
            R"("factor_unit":"USD/index"}},)" +
            observations);
    EXPECT_EQ(after({"benchmark.registered", "benchmark.mapped", "benchmark.observations-imported",
                     "benchmark.unmapped", "benchmark.retired"}),
              series + R"("retired":true,"mappings":{},)" + observations);
}

TEST(StreamState, AClosure) {
    const std::string days = R"("location":"main","from":"2026-12-25","to":"2026-12-26",)"
                             R"("reason":"Christmas",)";
    EXPECT_EQ(after({"closure.planned"}), days + R"("cancelled":false})");
    EXPECT_EQ(after({"closure.planned", "closure.cancelled"}), days + R"("cancelled":true})");
}

TEST(StreamState, ACohort) {
    EXPECT_EQ(after({"cohort.joined"}), R"("share":true,"naics":"722511","country":"US"})");
    EXPECT_EQ(after({"cohort.joined", "cohort.left"}),
              R"("share":false,"naics":null,"country":null})");
}

TEST(StreamState, ALocation) {
    EXPECT_EQ(after({"location.opened"}),
              R"("key":"main","name":"Main street","time_zone":"America/New_York",)"
              R"("day_cutoff_minutes":240,"closed":false})");
    EXPECT_EQ(after({"location.opened", "location.changed", "location.closed"}),
              R"("key":"main","name":"Main street 4","time_zone":null,)"
              R"("day_cutoff_minutes":null,"closed":true})");
}

TEST(StreamState, AMetricWithTheFormulasThatHold) {
    EXPECT_EQ(after({"metric.defined"}),
              R"("key":"revenue","name":"Revenue","kind":"simple","unit":"USD",)"
              R"("additivity":"full","aggregation":"sum","good_direction":"up",)"
              R"("gap_policy":"gap","dimensions":["channel"],"precision":2,"formula":null,)"
              R"("minimum":"-1000.00","maximum":null,"formulas":[],"revision":1,)"
              R"("archived":false})");
    EXPECT_EQ(after({"metric.defined", "metric.revised", "metric.archived"}),
              R"("key":"average_check","name":"Average check","kind":"ratio",)"
              R"("unit":"USD/count","additivity":"none","aggregation":"mean",)"
              R"("good_direction":"neutral","gap_policy":"carry","dimensions":[],)"
              R"("precision":2,"formula":"revenue / covers","minimum":null,"maximum":"500",)"
              R"("formulas":[{"from":"2026-03-01","formula":"revenue / covers"}],"revision":2,)"
              R"("archived":true})");
}

TEST(StreamState, ABatchByMetric) {
    const std::string taken =
        R"("metrics":{"01a1fbf3-4a80-7736-b7bd-2fb5b811b5d2":{"source":"api","unit":"USD",)"
        R"("series":2,"points":4,"received":5,"duplicate":1}},)";
    EXPECT_EQ(after({"metric-batch.ingested"}),
              taken + R"("rejected":0,"reverted":false,"reason":null})");
    EXPECT_EQ(
        after({"metric-batch.ingested", "metric-batch.rows-rejected", "metric-batch.reverted"}),
        taken + R"("rejected":4,"reverted":true,"reason":"Loaded twice."})");
}

TEST(StreamState, AWebhookWithTheOriginOfItsAddressOnly) {
    const std::string definition =
        R"("url":"https://example.com","description":"The till","filter":)"
        R"({"types":["goal.*","metric-batch.ingested"],"streams":["goal"]},)";
    const std::string secret = R"("secret_id":"01a1fbf3-4a80-7736-b7bd-2fb5b811b5e4"})";
    EXPECT_EQ(after({"webhook.created"}),
              definition + R"("status":"enabled","disabled_cause":null,)" + secret);
    EXPECT_EQ(after({"webhook.created", "webhook.disabled"}),
              definition + R"("status":"disabled","disabled_cause":"failing",)" + secret);
    EXPECT_EQ(after({"webhook.created", "webhook.disabled", "webhook.enabled"}),
              definition + R"("status":"enabled","disabled_cause":null,)" + secret);
    EXPECT_EQ(after({"webhook.created", "webhook.deleted"}),
              definition + R"("status":"deleted","disabled_cause":null,)" + secret);
}

TEST(StreamState, AListOfWebhooks) {
    EXPECT_EQ(after({"webhook-list.added"}),
              R"("webhooks":["01a1fbf3-4a80-7736-b7bd-2fb5b811b5e3"]})");
    EXPECT_EQ(after({"webhook-list.added", "webhook-list.removed"}), R"("webhooks":[]})");
}

/// `count` days from `first` on, as one file brought them.
events::Recorded imported(int first, int count, std::int64_t version) {
    support::NoKeys keys;
    auto event = golden("benchmark.observations-imported", static_cast<std::size_t>(version));
    benchmark::ObservationsImported fact{.format = "manual-csv", .observations = {}};
    for (int day = first; day < first + count; ++day)
        fact.observations.push_back(
            {domain::Date{} + day, domain::Date{} + 20'000, {domain::Decimal::whole(day)}});
    const auto encoded =
        events::codec<benchmark::Event>().encode(fact, {keys, {}, event.stream, version});
    event.data = encoded ? encoded->data : "";
    return event;
}

TEST(StreamState, MoreObservationsThanARequestMayHaveValuesAreCompared) {
    constexpr int count = 10'000;
    auto past = past_of({"benchmark.registered"});
    past.push_back(imported(0, count, 2));
    past.push_back(imported(count, count, 3));
    const auto before = projections::state_json(std::span{past}.first(1));
    const auto now = projections::state_json(past);
    ASSERT_TRUE(before) << before.error().detail;
    ASSERT_TRUE(now) << now.error().detail;
    ASSERT_FALSE(events::Document::parse(*now)) << "it is no longer long enough to show anything";
    const auto found = projections::differences(*before, *now);
    EXPECT_EQ(found.size(), 2 * count + 2u) << "their list was empty, and there is a version";
    const auto last = std::ranges::find(found, "/observations/2024-10-03/2024-10-04/value",
                                        &projections::Difference::pointer);
    ASSERT_NE(last, found.end());
    EXPECT_EQ(last->to, R"("19999")");
}

TEST(StreamName, HasTheLastUuidForItsId) {
    const auto text = domain::to_text(id);
    for (const std::string category : {"goal", "metric-batch", "webhook-list"}) {
        const auto stream = events::stream_from(category + "-" + text);
        ASSERT_TRUE(stream) << category;
        EXPECT_EQ(*stream, (events::StreamId{category, id}));
        EXPECT_EQ(to_text(*stream), category + "-" + text);
    }
    for (const auto& wrong : {std::string{}, text, "-" + text, "goal" + text, "goal-" + text + "x",
                              std::string{"goal-7"}, "goal-" + text.substr(1)})
        EXPECT_FALSE(events::stream_from(wrong)) << wrong;
}

}  // namespace
}  // namespace stream_state_test
