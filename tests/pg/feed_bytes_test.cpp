// Whoever reads the log is bound by bytes: long events come a few at a time, and all of them.
#include "src/postgres/consumers.hpp"
#include "src/postgres/relay.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

namespace feed_bytes_test {
namespace {

constexpr int long_events = 7;
constexpr std::size_t long_bytes = 3'000'000;
/// Begun before the budget of 8 MiB is spent.
constexpr std::size_t at_once = 3;

class FeedBytes : public testing::Test {
protected:
    support::HttpClient client{support::app().port()};
    support::Tenant registered = support::register_tenant(client);
    domain::TenantId tenant{*domain::uuid_from(registered.id)};
    domain::Uuid stream = support::new_id();
    std::vector<std::int64_t> positions;
    int lane{};
    postgres::Reader reader{support::database()};

    /// Of one letter, so that PostgreSQL stores a hundredth of it.
    void SetUp() override {
        for (int i = 0; i < long_events; ++i) {
            const auto done = support::append_now(
                support::app().appender(),
                support::append_of(tenant, stream, i, std::string(long_bytes, 'x')));
            ASSERT_TRUE(done) << done.error().detail;
            positions.push_back(done->last_position());
            lane = done->lane;
        }
    }
    postgres::FeedBatch look(std::int64_t after, const postgres::FeedFilter& filter) {
        return *reader.query<postgres::FeedBatch>(
            tenant, [&](pqxx::transaction_base& tx) -> domain::Result<postgres::FeedBatch> {
                return postgres::read_feed(tx, tenant, filter, after, {500});
            });
    }
};

void note(std::vector<std::int64_t>& seen, const std::vector<events::Recorded>& events) {
    for (const auto& event : events) seen.push_back(event.position);
}

TEST_F(FeedBytes, ALookEndsWhereItsBytesAreSpentAndTheNextOneGoesOn) {
    postgres::FeedFilter filter;
    ASSERT_TRUE(filter.add_stream("test"));
    for (const auto& wanted : {postgres::FeedFilter{}, filter}) {
        std::vector<std::int64_t> seen;
        auto after = positions.front() - 1;
        for (int looks = 0; looks < 3; ++looks) {
            const auto batch = look(after, wanted);
            ASSERT_EQ(batch.events.size(), looks < 2 ? at_once : 1U);
            EXPECT_EQ(batch.through, looks < 2 ? batch.events.back().position : batch.head);
            after = batch.through;
            note(seen, batch.events);
        }
        EXPECT_EQ(seen, positions);
    }
}

TEST_F(FeedBytes, LanesShareWhatALookAtAllOfThemMayBring) {
    auto connection = postgres::connect(support::database(), postgres::As::projector);
    pqxx::nontransaction tx{*connection};
    postgres::LanePlace place{lane, positions.front() - 1};
    const postgres::LanePlace elsewhere{(lane + 1) % 4, INT64_MAX};
    std::vector<std::int64_t> seen;
    for (int looks = 0; looks < 4; ++looks) {
        for (const auto& tail : postgres::read_tails(tx, {place, elsewhere}, {tenant}, {1000})) {
            if (tail.lane != lane) continue;
            EXPECT_LE(tail.events.size(), 2U) << "half of the budget";
            place.after = tail.through;
            note(seen, tail.events);
        }
    }
    EXPECT_EQ(seen, positions);
}

TEST_F(FeedBytes, TheRelayTakesAFewAtATime) {
    postgres::RelayBook book{support::database(), "long-events"};
    std::vector<std::int64_t> seen;
    for (auto after = positions.front() - 1; after < positions.back(); after = seen.back()) {
        const auto events = book.read(lane, after, 1000);
        ASSERT_TRUE(events && !events->empty());
        EXPECT_LE(events->size(), at_once);
        note(seen, *events);
    }
    EXPECT_EQ(seen, positions);
}

TEST_F(FeedBytes, APageOfEventsNamesTheNextOne) {
    std::string next = "/v1/events?stream=test&limit=500";
    int items = 0, pages = 0;
    while (!next.empty() && ++pages < 10) {
        const auto page = client.send("GET", next, support::read_headers(registered), "");
        ASSERT_EQ(page.status, 200);
        EXPECT_LE(page.body.size(), 2 * long_bytes + 10'000);
        std::size_t found = 0;
        for (auto at = page.body.find("\"stream\":"); at != std::string::npos;
             at = page.body.find("\"stream\":", at + 1))
            ++found;
        items += static_cast<int>(found);
        const auto cursor = support::member(page.body, "next");
        next = cursor == "null" ? "" : cursor;
    }
    EXPECT_EQ(items, long_events);
}

TEST_F(FeedBytes, AFetchLeasesWhatItBringsAndNoMore) {
    const postgres::ConsumerKey key{tenant, "long"};
    postgres::ConsumerSettings settings{.filter = R"({"streams":["test"]})", .after = 0};
    ASSERT_TRUE(reader.change<bool>(tenant, [&](pqxx::transaction_base& tx) {
        return postgres::put_consumer(tx, key, settings);
    }));
    std::vector<std::int64_t> seen;
    for (int fetches = 0; fetches < 3; ++fetches) {
        const auto lease = support::new_id();
        const auto fetched =
            reader.change<postgres::Fetched>(tenant, [&](pqxx::transaction_base& tx) {
                return postgres::fetch_deliveries(tx, key, lease, 500);
            });
        ASSERT_TRUE(fetched);
        EXPECT_EQ(fetched->deliveries.size(), fetches < 2 ? at_once : 1U);
        EXPECT_EQ(fetched->busy, fetches < 2);
        for (const auto& delivery : fetched->deliveries) {
            EXPECT_EQ(delivery.failures, 0);
            seen.push_back(delivery.event.position);
        }
        const auto acked = reader.change<std::int64_t>(
            tenant, [&](pqxx::transaction_base& tx) -> domain::Result<std::int64_t> {
                EXPECT_EQ(postgres::find_consumers(tx, key).front().leased,
                          std::ssize(fetched->deliveries));
                return std::ssize(postgres::ack_deliveries(tx, key, {lease, {}}));
            });
        EXPECT_EQ(acked, std::ssize(fetched->deliveries));
    }
    EXPECT_EQ(seen, positions);
}

}  // namespace
}  // namespace feed_bytes_test
