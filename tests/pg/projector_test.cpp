// A projection hurries for what may be its own, or for who waits, and for nothing else.
#include "tests/support/appends.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace projector_test {
namespace {

class Hurry : public testing::Test {
protected:
    support::HttpClient client{support::app().port()};
    domain::TenantId tenant{*domain::uuid_from(support::register_tenant(client).id)};

    /// Of a category that no projection reads.
    events::Outcome append() {
        const auto outcome = support::append_now(support::app().appender(),
                                                 support::append_of(tenant, support::new_id(), 0));
        EXPECT_TRUE(outcome);
        return outcome.value_or(events::Outcome{});
    }
    static std::uint64_t batches() {
        for (const auto& counted : support::app().projector().counters()) {
            if (counted.name == "goal_board") return counted.batches;
        }
        return 0;
    }
};

TEST_F(Hurry, EventsOfOthersCostFewBatches) {
    append();
    const auto before = batches();
    const auto begun = runtime::steady_micros();
    events::Outcome last;
    for (int i = 0; i < 100; ++i) {
        last = append();
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    const auto tenths = static_cast<std::uint64_t>((runtime::steady_micros() - begun) / 100'000);
    EXPECT_LE(batches() - before, tenths + 3) << "one in 200 ms, and what the safety net adds";
    EXPECT_TRUE(
        support::app().projector().wait_for("goal_board", last.lane, last.last_position(), 2000));
}

TEST_F(Hurry, WhoWaitsIsNotMadeToWaitForThat) {
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 11; ++i) {
        const auto outcome = append();
        const auto begun = runtime::steady_micros();
        ASSERT_TRUE(support::app().projector().wait_for("goal_board", outcome.lane,
                                                        outcome.last_position(), 2000));
        waits.push_back(runtime::steady_micros() - begun);
    }
    // All but the first came when the last batch was young.
    std::ranges::sort(waits);
    EXPECT_LT(waits[waits.size() / 2], 100'000);
}

}  // namespace
}  // namespace projector_test
