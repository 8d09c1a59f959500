// Formulas that were decided side by side do not follow from each other.
#include "commands/catalog.hpp"
#include "src/postgres/appender.hpp"
#include "src/postgres/event_store.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/no_keys.hpp"

#include <gtest/gtest.h>

namespace metric_cycle_test {
namespace {

class MetricCycle : public testing::Test {
protected:
    using Handler = domain::Result<commands::Proposal> (*)(events::Store&, events::Keys&,
                                                           const commands::Request&);

    domain::Result<commands::Proposal> proposed(Handler handler, const std::string& body,
                                                const std::string& metric = {}) {
        commands::Request request;
        request.who.tenant = tenant;
        request.command = {support::new_id()};
        request.fingerprint = request.command.value;
        request.correlation = request.command.value;
        request.path["metric"] = metric;
        request.body = events::Document::parse(body).value();
        request.now = runtime::now();
        request.new_id = &support::new_id;
        auto proposal = handler(reader, keys, request);
        if (proposal) proposal->append.actor = {events::ActorKind::user, support::new_id()};
        return proposal;
    }
    std::string outcome_of(domain::Result<commands::Proposal> proposal) {
        if (!proposal) return std::string{proposal.error().why.slug};
        const auto outcome = support::append_now(appender, std::move(proposal->append));
        return outcome ? "appended" : std::string{outcome.error().why.slug};
    }
    std::string define(const std::string& key, const std::string& more) {
        return outcome_of(
            proposed(&commands::metric::define,
                     R"({"key":")" + key + R"(","name":"X","unit":"count")" + more + "}"));
    }
    auto revised(const std::string& metric, const std::string& formula) {
        return proposed(&commands::metric::revise, R"({"formula":")" + formula + R"("})", metric);
    }

    const domain::TenantId tenant{support::new_id()};
    support::NoKeys keys;
    postgres::Reader reader{support::database()};
    postgres::Appender appender{support::database(), {}, [](const postgres::Commit&) {}};
};

TEST_F(MetricCycle, OfTwoFormulasDecidedSideBySideOneIsDecidedAgain) {
    ASSERT_EQ(define("base", ""), "appended");
    ASSERT_EQ(define("one", R"(,"kind":"derived","formula":"base * 2")"), "appended");
    ASSERT_EQ(define("two", R"(,"kind":"derived","formula":"base + base")"), "appended");
    auto first = revised("one", "two + base"), second = revised("two", "one + base");
    ASSERT_TRUE(first && second);
    EXPECT_EQ(outcome_of(std::move(first)), "appended");
    EXPECT_EQ(outcome_of(std::move(second)), "version-conflict");
    const auto again = revised("two", "one + base");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().faults.at(0).code, "cycle");
}

TEST_F(MetricCycle, AMetricThatIsNeededOnTwoWaysIsExpectedOnce) {
    ASSERT_EQ(define("base", ""), "appended");
    ASSERT_EQ(define("one", R"(,"kind":"derived","formula":"base * 2")"), "appended");
    EXPECT_EQ(define("sum", R"(,"kind":"derived","formula":"one + base")"), "appended");
}

}  // namespace
}  // namespace metric_cycle_test
