// Metrics, locations and batches of points: what is decided, and what follows.
#include "domain/location.hpp"
#include "domain/metric.hpp"
#include "domain/metric_batch.hpp"
#include "events/codec.hpp"
#include "src/cli/no_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace metric_test {
namespace {

namespace metric = domain::metric;
namespace batch = domain::metric_batch;
namespace location = domain::location;

const domain::MetricId id{*domain::uuid_from("01a1fbf3-4a80-7736-b7bd-2fb5b811b5d2")};

metric::Definition revenue() {
    return {.key = "revenue",
            .name = "Revenue",
            .unit = "USD",
            .dimensions = {"channel"},
            .formula = {},
            .minimum = {},
            .maximum = {}};
}
metric::State defined(metric::Definition definition = revenue()) {
    return evolve({}, metric::Defined{id, std::move(definition)});
}
/// The pointers and codes of the faults, in their order.
std::string faults_of(metric::Definition definition) {
    const auto decision = decide({}, metric::Define{id, std::move(definition)});
    std::string out;
    if (decision) return out;
    for (const auto& fault : decision.error().faults)
        out += (out.empty() ? "" : ", ") + fault.pointer + " " + fault.code;
    return out;
}

TEST(Metric, IsDefinedOnce) {
    EXPECT_EQ(decide({}, metric::Define{id, revenue()})->size(), 1u);
    EXPECT_EQ(decide(defined(), metric::Define{id, revenue()}).error().why,
              metric::already_defined);
    EXPECT_EQ(decide({}, metric::Revise{revenue()}).error().why, metric::unknown);
}

TEST(Metric, ANewFormulaHoldsFromItsDayOn) {
    auto check = revenue();
    check.kind = metric::Kind::ratio;
    check.formula = "a / b";
    auto state = defined(check);
    const domain::Date march{20'513}, april{20'544};
    const auto revised = [&](std::string formula, std::optional<domain::Date> from) {
        check.formula = std::move(formula);
        const auto facts = decide(state, metric::Revise{check, from});
        ASSERT_EQ(facts->size(), 1u);
        state = evolve(state, facts->front());
    };
    revised("a / c", april);
    EXPECT_EQ(state.formulas, (metric::Formulas{{{}, "a / b"}, {april, "a / c"}}));
    EXPECT_TRUE(decide(state, metric::Revise{check, april})->empty()) << "already so";
    EXPECT_TRUE(decide(state, metric::Revise{check, {}})->empty()) << "already so";
    EXPECT_FALSE(decide(state, metric::Revise{check, march})) << "not without a new formula";
    check.name = "Renamed";
    revised("a / c", {});
    EXPECT_EQ(state.formulas.size(), 2u) << "a name makes no history";
    revised("a / d", march);
    EXPECT_EQ(state.formulas, (metric::Formulas{{{}, "a / b"}, {march, "a / d"}}))
        << "what began later is replaced";
    revised("a / e", {});
    EXPECT_EQ(state.formulas, (metric::Formulas{{{}, "a / e"}})) << "the whole history";
}

TEST(Metric, NamesEveryFaultAtOnce) {
    auto wrong = revenue();
    wrong.key = "Revenue";
    wrong.name = " ";
    wrong.unit = "US$";
    wrong.precision = 13;
    wrong.dimensions = {"channel", "channel"};
    wrong.minimum = domain::Decimal::whole(2);
    wrong.maximum = domain::Decimal::whole(1);
    wrong.formula = "a + b";
    EXPECT_EQ(faults_of(wrong),
              "#/key format, #/name required, #/unit format, #/precision range, #/dimensions "
              "duplicate, #/minimum range, #/formula not-allowed");
}

TEST(Metric, WhatDoesNotAddUpOverTimeHasNoSum) {
    auto headcount = revenue();
    for (const auto additivity : {metric::Additivity::not_over_time, metric::Additivity::none}) {
        headcount.additivity = additivity;
        headcount.aggregation = metric::Aggregation::sum;
        EXPECT_EQ(faults_of(headcount), "#/aggregation additivity");
        EXPECT_FALSE(decide(defined(), metric::Revise{headcount}));
        headcount.aggregation = metric::usual_aggregation(additivity);
        EXPECT_EQ(faults_of(headcount), "");
        EXPECT_TRUE(decide(defined(), metric::Revise{headcount}));
    }
    headcount.aggregation = metric::Aggregation::sum;
    headcount.kind = metric::Kind::ratio;
    headcount.formula = "people / desks";
    EXPECT_EQ(faults_of(headcount), "") << "a formula has no aggregation of its own";
}

TEST(Metric, TakesUnitsOfSeveralParts) {
    for (const auto* unit : {"USD", "count", "USD/h", "count*h", "ratio", "kg"})
        EXPECT_TRUE(metric::is_unit(unit)) << unit;
    for (const auto* unit : {"", "US$", "usd dollars", "USD/", "/h", "USDX", "EURO"})
        EXPECT_FALSE(metric::is_unit(unit)) << unit;
}

TEST(Metric, NeedsAFormulaThatIsNotItself) {
    auto ratio = revenue();
    ratio.kind = metric::Kind::ratio;
    EXPECT_EQ(faults_of(ratio), "#/formula required");
    ratio.formula = "revenue / covers";
    EXPECT_EQ(faults_of(ratio), "#/formula cycle");
    ratio.formula = "42";
    EXPECT_EQ(faults_of(ratio), "#/formula no-input");
    ratio.formula = "sales / ";
    EXPECT_EQ(faults_of(ratio), "#/formula formula");
    ratio.formula = "sales / covers";
    EXPECT_EQ(faults_of(ratio), "");
}

TEST(Metric, KeepsItsUnitAndWhetherItTakesPoints) {
    auto other = revenue();
    other.unit = "EUR";
    EXPECT_EQ(decide(defined(), metric::Revise{other}).error().faults.front().code, "immutable");
    other = revenue();
    other.kind = metric::Kind::derived;
    other.formula = "a + b";
    EXPECT_EQ(decide(defined(), metric::Revise{other}).error().faults.front().pointer, "#/kind");
    other = revenue();
    other.name = "Sales";
    const auto revised = decide(defined(), metric::Revise{other});
    ASSERT_TRUE(revised);
    EXPECT_EQ(evolve(defined(), revised->front()).revision, 2);
    EXPECT_TRUE(decide(defined(), metric::Revise{revenue()})->empty()) << "already so";
}

TEST(Metric, IsArchivedForGood) {
    const auto archived = evolve(defined(), metric::Archived{id, {20'000}});
    EXPECT_TRUE(decide(archived, metric::Archive{{20'001}})->empty());
    EXPECT_EQ(decide(archived, metric::Revise{revenue()}).error().why, metric::archived);
}

batch::Point point(std::uint32_t series, std::int64_t at, int value) {
    return {series, {at}, {0}, domain::Decimal::whole(value)};
}

TEST(Batch, SettlesInOrderAndTheLastOfOneMomentStays) {
    std::vector<batch::Point> points{point(1, 5, 1), point(0, 9, 2), point(0, 3, 3), point(0, 9, 4),
                                     point(1, 5, 5)};
    EXPECT_EQ(batch::settle(points), 2);
    EXPECT_EQ(points, (std::vector{point(0, 3, 3), point(0, 9, 4), point(1, 5, 5)}));
}

TEST(Batch, LandsWhatIsGoodAndKeepsWhatIsNot) {
    batch::Ingested good;
    good.points = {point(0, 1, 1)};
    const batch::Reject reject{2, "revenue", "value", "The value is no decimal."};
    const auto both = decide({}, batch::Ingest{{}, {good, batch::Ingested{}}, {reject}});
    ASSERT_TRUE(both);
    EXPECT_EQ(both->size(), 2u) << "a metric without points has no fact";
    EXPECT_EQ(std::get<batch::RowsRejected>(both->back()).rejected, 1);
    const auto none = decide({}, batch::Ingest{{}, {}, {reject}});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().why, batch::nothing_good);
    EXPECT_EQ(none.error().faults.front().pointer, "#/2");
}

TEST(Batch, OfALongerInputMayHoldNothingButRejects) {
    const domain::BatchId one{id.value};
    const batch::Reject reject{2, "revenue", "value", "The value is no decimal."};
    batch::Ingest part{one, {batch::Ingested{}}, {reject}, batch::Source::csv, true};
    const auto kept = decide({}, part);
    ASSERT_TRUE(kept);
    ASSERT_EQ(kept->size(), 1u);
    EXPECT_EQ(std::get<batch::RowsRejected>(kept->front()),
              (batch::RowsRejected{one, 1, {reject}, batch::Source::csv}));
    const auto state = evolve({}, kept->front());
    EXPECT_TRUE(decide(state, part)->empty()) << "it is there";
    const auto reverted = decide(state, batch::Revert{"Loaded twice."});
    ASSERT_TRUE(reverted);
    EXPECT_EQ(std::get<batch::Reverted>(reverted->front()).batch, one);
    part.rejects.clear();
    EXPECT_EQ(decide({}, part).error().why, batch::nothing_good) << "nothing at all";
}

TEST(Batch, KeepsAndTellsEveryRowThatIsNotTaken) {
    batch::Ingested good;
    good.points = {point(0, 1, 1)};
    std::vector<batch::Reject> rejects;
    for (int line = 1; line < static_cast<int>(batch::points_max); ++line)
        rejects.push_back({line, "revenue", line % 2 == 0 ? "value" : "time", "No."});
    const auto both = decide({}, batch::Ingest{{}, {good}, rejects});
    ASSERT_TRUE(both);
    const auto& fact = std::get<batch::RowsRejected>(both->back());
    EXPECT_EQ(fact.rejects, rejects);
    cli::NoKeys keys;
    const auto encoded = events::codec<batch::Event>().encode(fact, {keys, {}, {}, 1});
    ASSERT_TRUE(encoded);
    EXPECT_LT(encoded->data.size(), 64 * 1024u) << "a reason is written once";
    events::Recorded recorded;
    recorded.type = encoded->type;
    recorded.schema = encoded->schema;
    recorded.data = encoded->data;
    const auto decoded = events::codec<batch::Event>().decode(recorded, nullptr);
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(std::get<batch::RowsRejected>(*decoded), fact);

    const auto none = decide({}, batch::Ingest{{}, {}, rejects});
    ASSERT_FALSE(none);
    ASSERT_EQ(none.error().faults.size(), rejects.size()) << "nothing else keeps them";
    EXPECT_EQ(none.error().faults.back().pointer, "#/9999");
}

TEST(Batch, IsWholeWhenEveryPointHasItsSeries) {
    batch::Ingested fact;
    fact.series = {{"", {}}};
    fact.points = {point(0, 1, 1)};
    EXPECT_TRUE(batch::is_whole(fact));
    fact.points.push_back(point(1, 2, 1));
    EXPECT_FALSE(batch::is_whole(fact));
}

TEST(Batch, IsRevertedOnce) {
    EXPECT_EQ(decide({}, batch::Revert{}).error().why, batch::unknown);
    auto state = evolve({}, batch::Ingested{});
    const auto reverted = decide(state, batch::Revert{"Loaded twice."});
    ASSERT_EQ(reverted->size(), 1u);
    state = evolve(state, reverted->front());
    EXPECT_TRUE(decide(state, batch::Revert{})->empty());
    EXPECT_FALSE(decide(evolve({}, batch::Ingested{}), batch::Revert{std::string(501, 'x')}));
}

TEST(Location, OpensChangesClosesAndOpensAgain) {
    const location::Profile main{"main", "Main street", {}, {}};
    location::State state;
    EXPECT_EQ(decide(state, location::Close{}).error().why, location::unknown);
    state = evolve(state, decide(state, location::Put{{}, main})->front());
    EXPECT_TRUE(decide(state, location::Put{{}, main})->empty());
    const auto changed = decide(state, location::Put{{}, {"main", "Main street 4", {}, {}}});
    EXPECT_TRUE(std::holds_alternative<location::Changed>(changed->front()));
    state = evolve(state, decide(state, location::Close{{1}})->front());
    EXPECT_TRUE(state.closed);
    const auto again = decide(state, location::Put{{}, main});
    EXPECT_TRUE(std::holds_alternative<location::Opened>(again->front()));
    EXPECT_FALSE(decide({}, location::Put{{}, {"Main", "", "Mars/Base", 900}}));
}

}  // namespace
}  // namespace metric_test
