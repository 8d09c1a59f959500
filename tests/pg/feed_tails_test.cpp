// The live end of all lanes, read in one question.
#include "src/postgres/feed_log.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

namespace feed_tails_test {
namespace {

TEST(FeedTails, GiveWhatIsWantedInOrderAndNoMoreThanMayBe) {
    support::HttpClient client{support::app().port()};
    auto connection = postgres::connect(support::database(), postgres::As::projector);
    pqxx::nontransaction tx{*connection};
    const domain::TenantId wanted{*domain::uuid_from(support::register_tenant(client).id)};
    const domain::TenantId other{*domain::uuid_from(support::register_tenant(client).id)};
    const auto append = [](domain::TenantId tenant) {
        const auto outcome = support::append_now(support::app().appender(),
                                                 support::append_of(tenant, support::new_id(), 0));
        EXPECT_TRUE(outcome);
        return outcome.value_or(events::Outcome{});
    };
    const auto first = append(wanted);
    std::vector<std::int64_t> positions;
    for (int i = 0; i < 5; ++i) {
        append(other);
        positions.push_back(append(wanted).last_position());
    }
    postgres::LanePlace place{first.lane, first.last_position()};
    const postgres::LanePlace elsewhere{(first.lane + 1) % 4, INT64_MAX};
    std::vector<std::int64_t> seen;
    for (int look = 0; look < 3; ++look) {
        const auto tails = postgres::read_tails(tx, {place, elsewhere}, {wanted}, {2});
        ASSERT_EQ(tails.size(), 2U) << "a lane without events has a head all the same";
        for (const auto& tail : tails) {
            EXPECT_TRUE(tail.lane == place.lane || tail.events.empty());
            if (tail.lane == place.lane) place.after = tail.through;
            for (const auto& event : tail.events) {
                EXPECT_EQ(event.tenant, wanted);
                seen.push_back(event.position);
            }
        }
        if (look == 2) break;
        EXPECT_EQ(place.after, seen.back()) << "the rest comes with the next look";
    }
    EXPECT_EQ(seen, positions);
    EXPECT_GE(place.after, positions.back());
}

}  // namespace
}  // namespace feed_tails_test
