// Alert rules, closures and what people say of anomalies, as decisions.
#include "domain/alert_rule.hpp"
#include "domain/anomaly.hpp"
#include "domain/closure.hpp"
#include "tests/support/given.hpp"

namespace alert_rule_test {
namespace {

namespace rule = domain::alert_rule;
namespace odd = domain::anomaly;
namespace closure = domain::closure;
using domain::Date;
using domain::Decimal;

constexpr support::Given<rule::AlertRule> given_rule;
constexpr support::Given<odd::Anomaly> given_anomaly;
constexpr support::Given<closure::Aggregate> given_closure;

const domain::AlertRuleId rule_id{domain::Uuid{{1}}};
const domain::AnomalyId anomaly_id{domain::Uuid{{2}}};
const domain::ClosureId closure_id{domain::Uuid{{3}}};

Date day(std::string_view text) { return domain::date_from(text).value(); }
Decimal decimal(std::string_view text) { return Decimal::from(text).value(); }

rule::Definition above(std::string_view threshold, int periods = 1) {
    return {.name = "Wait",
            .metric = "wait",
            .location = "",
            .comparison = rule::Comparison::above,
            .threshold = decimal(threshold),
            .grain = rule::Grain::day,
            .for_periods = periods};
}

rule::Set set(const rule::Definition& definition) {
    return {rule_id, definition, day("2026-03-10")};
}

/// Days from 2026-03-09 on; `-` is no value, `x` a closed day.
rule::Judge days(const std::vector<std::string>& values) {
    rule::Judge judge;
    Date on = day("2026-03-09");
    for (const auto& value : values) {
        judge.periods.push_back(
            {on, value == "-" || value == "x" ? std::nullopt : Decimal::from(value), value == "x"});
        on = on + 1;
    }
    return judge;
}

rule::Raised raised(std::string_view on, std::string_view value) {
    return {rule_id, day(on), decimal(value), decimal("20")};
}
rule::Resolved resolved(std::string_view on, std::string_view value) {
    return {rule_id, day(on), decimal(value)};
}

TEST(AlertRule, ARunHasNoUnknownPeriodInIt) {
    given_rule(set(above("20", 2)))
        .when(days({"25", "-", "26", "x", "27"}))
        .then({raised("2026-03-13", "27")});
    given_rule(set(above("20", 2))).when(days({"25", "-", "26"})).nothing();
}

TEST(AlertRule, IsRaisedOnceAndResolvedByTheFirstPeriodThatIsNotBeyond) {
    given_rule(set(above("20")))
        .when(days({"20", "21", "25", "20", "30"}))
        .then(
            {raised("2026-03-10", "21"), resolved("2026-03-12", "20"), raised("2026-03-13", "30")});
}

TEST(AlertRule, JudgedAgainSaysNothingNew) {
    const auto judge = days({"20", "21", "25", "20"});
    given_rule(set(above("20")), raised("2026-03-10", "21"), resolved("2026-03-12", "20"))
        .when(judge)
        .nothing();
}

TEST(AlertRule, NeedsAsManyPeriodsInARowAsItSays) {
    given_rule(set(above("20", 2)))
        .when(days({"21", "20", "22", "23", "24"}))
        .then({raised("2026-03-12", "23")});
}

TEST(AlertRule, PassesOverClosedDaysAndIsNotResolvedByUnknownOnes) {
    given_rule(set(above("20", 2)))
        .when(days({"-", "21", "x", "22", "-", "x", "19"}))
        .then({raised("2026-03-12", "22"), resolved("2026-03-15", "19")});
}

TEST(AlertRule, ANewRuleLooksBackJustSoFarThatItCanBeRaisedAtOnce) {
    auto judge = days({"21", "21"});
    judge.periods.insert(judge.periods.begin(), {day("2026-03-01"), decimal("99"), false});
    given_rule(set(above("20"))).when(judge).then({raised("2026-03-09", "21")});
}

TEST(AlertRule, MissingIsAPeriodNotClosedWithoutAValue) {
    rule::Definition missing = above("20");
    missing.comparison = rule::Comparison::missing;
    missing.threshold.reset();
    given_rule(set(missing))
        .when(days({"1", "x", "-", "2"}))
        .then({rule::Raised{rule_id, day("2026-03-11"), {}, {}}, resolved("2026-03-12", "2")});
}

TEST(AlertRule, ACorrectedPeriodAfterItsLastWordIsToldLate) {
    given_rule(set(above("20")), raised("2026-03-10", "21"), resolved("2026-03-11", "20"))
        .when(days({"20", "21", "20", "50", "20"}))
        .then({raised("2026-03-12", "50"), resolved("2026-03-13", "20")});
}

TEST(AlertRule, WhatRaisedItAndIsCorrectedTakesItBack) {
    const auto told = raised("2026-03-10", "21");
    given_rule(set(above("20")), told)
        .when(days({"20", "19", "25", "-"}))
        .then({resolved("2026-03-10", "19"), raised("2026-03-11", "25")});
    given_rule(set(above("20")), told).when(days({"20", "22"})).nothing();
    given_rule(set(above("20")), told).when(days({"20", "-"})).nothing();
    given_rule(set(above("20")), told)
        .when(days({"20", "x"}))
        .then({rule::Resolved{rule_id, day("2026-03-10"), {}}});
    given_rule(set(above("20")), told, resolved("2026-03-10", "19"))
        .when(days({"20", "30"}))
        .nothing();
}

TEST(AlertRule, WhatRaisedAnotherRuleHasHadItsSay) {
    const auto told = raised("2026-03-10", "21");
    given_rule(set(above("20")), told, set(above("30"))).when(days({"20", "21"})).nothing();
    auto renamed = above("20");
    renamed.name = "Slow";
    given_rule(set(above("20")), told, set(renamed))
        .when(days({"20", "19"}))
        .then({resolved("2026-03-10", "19")});
}

TEST(AlertRule, IsSetWhollyOrNotAtAll) {
    auto wrong = above("20", 31);
    wrong.name = " ";
    wrong.metric = "No key";
    wrong.threshold.reset();
    given_rule()
        .when(rule::SetRule{rule_id, wrong, day("2026-03-10")})
        .naming(
            {"#/name required", "#/metric format", "#/threshold required", "#/for_periods range"});
    given_rule(set(above("20"))).when(rule::SetRule{rule_id, above("20"), {}}).nothing();
    given_rule(set(above("20")), rule::Removed{rule_id, day("2026-03-11")})
        .when(days({"99", "99"}))
        .nothing();
    given_rule().when(rule::Remove{}).refused(rule::unknown);
}

odd::Finding finding(std::string_view observed, odd::Severity severity) {
    return {.metric = "revenue",
            .location = "",
            .on = day("2026-03-10"),
            .kind = odd::Kind::dip,
            .severity = severity,
            .observed = decimal(observed)};
}

TEST(Anomaly, IsToldAgainOnlyWhenThereIsNews) {
    const odd::Detected notice{anomaly_id, finding("5", odd::Severity::notice)};
    const odd::Dismissed dismissed{anomaly_id, {}};
    given_anomaly().when(odd::Report{anomaly_id, notice.finding}).then({notice});
    given_anomaly(notice).when(odd::Report{anomaly_id, notice.finding}).nothing();
    const odd::Detected worse{anomaly_id, finding("5", odd::Severity::critical)};
    given_anomaly(notice).when(odd::Report{anomaly_id, worse.finding}).then({worse});
    given_anomaly(notice, dismissed).when(odd::Report{anomaly_id, worse.finding}).nothing();
    const odd::Detected other{anomaly_id, finding("4", odd::Severity::notice)};
    given_anomaly(notice, dismissed).when(odd::Report{anomaly_id, other.finding}).then({other});
    const odd::Withdrawn withdrawn{anomaly_id, decimal("90")};
    given_anomaly(notice).when(odd::Withdraw{decimal("90")}).then({withdrawn});
    given_anomaly(notice, withdrawn).when(odd::Withdraw{decimal("90")}).nothing();
    given_anomaly(notice, withdrawn).when(odd::Report{anomaly_id, notice.finding}).then({notice});
}

TEST(Anomaly, PeopleExplainAndDismissWhatIsThere) {
    const odd::Detected detected{anomaly_id, finding("5", odd::Severity::notice)};
    const domain::Personal note{{domain::Uuid{{9}}}, "The till broke."};
    given_anomaly(detected).when(odd::Explain{note}).then({odd::Explained{anomaly_id, note}});
    given_anomaly(detected).when(odd::Explain{}).naming({"#/note required"});
    given_anomaly(detected)
        .when(odd::Dismiss{domain::Personal{{domain::Uuid{{9}}}, std::string(2001, 'x')}})
        .naming({"#/note too-long"});
    given_anomaly(detected, odd::Withdrawn{anomaly_id, {}})
        .when(odd::Dismiss{})
        .refused(odd::withdrawn);
    given_anomaly().when(odd::Dismiss{}).refused(odd::unknown);
}

TEST(Closure, HoldsOnItsDaysAtItsPlace) {
    const std::vector<closure::Closure> closures{{"shop", day("2026-03-10"), day("2026-03-11"), ""},
                                                 {"", day("2026-03-12"), day("2026-03-12"), ""}};
    EXPECT_TRUE(closure::is_closed(closures, "shop", day("2026-03-10"), day("2026-03-13")));
    EXPECT_FALSE(closure::is_closed(closures, "shop", day("2026-03-10"), day("2026-03-14")));
    EXPECT_FALSE(closure::is_closed(closures, "", day("2026-03-10"), day("2026-03-11")));
    EXPECT_TRUE(closure::is_closed(closures, "", day("2026-03-12"), day("2026-03-13")));
    given_closure()
        .when(closure::Plan{closure_id, {"", day("2026-03-12"), day("2026-03-11"), ""}})
        .naming({"#/to range"});
    given_closure(closure::Planned{closure_id, closures[1]})
        .when(closure::Cancel{})
        .then({closure::Cancelled{closure_id}});
}

}  // namespace
}  // namespace alert_rule_test
