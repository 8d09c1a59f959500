// The log against the real PostgreSQL: verdicts, order, doubt.
#include "src/postgres/appender.hpp"
#include "src/postgres/event_store.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <thread>

namespace log_test {
namespace {

using support::append_now;
using support::append_of;
using support::new_id;

void nobody(const postgres::Commit&) {}

postgres::Appender make_appender(postgres::AppenderOptions options = {}) {
    return postgres::Appender{support::database(), options, nobody};
}

TEST(Log, AppendsAtTheExpectedVersionAndCountsPositionsUp) {
    auto appender = make_appender();
    const domain::TenantId tenant{new_id()};
    const auto stream = new_id();
    const auto first = append_now(appender, append_of(tenant, stream, 0));
    const auto second = append_now(appender, append_of(tenant, stream, 1));
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->version, 1);
    EXPECT_EQ(second->version, 2);
    EXPECT_EQ(second->first_position, first->first_position + 1);
    EXPECT_EQ(second->lane, first->lane);
}

TEST(Log, RefusesAStaleVersionAndWritesNothing) {
    auto appender = make_appender();
    postgres::Reader reader{support::database()};
    const domain::TenantId tenant{new_id()};
    const auto stream = new_id();
    ASSERT_TRUE(append_now(appender, append_of(tenant, stream, 0)));
    const auto stale = append_now(appender, append_of(tenant, stream, 0));
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().why, events::moved_on);
    EXPECT_EQ(reader.read(tenant, {"test", stream}, 0, 100)->size(), 1u);
}

TEST(Log, AnswersARepeatWithTheFirstOutcome) {
    auto appender = make_appender();
    const domain::TenantId tenant{new_id()};
    const auto append = append_of(tenant, new_id(), 0);
    const auto first = append_now(appender, append);
    const auto again = append_now(appender, append);
    ASSERT_TRUE(first && again);
    EXPECT_FALSE(first->replayed);
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->first_position, first->first_position);
    EXPECT_EQ(again->version, first->version);
}

TEST(Log, NoticesAKeyThatIsReusedForAnotherRequest) {
    auto appender = make_appender();
    const domain::TenantId tenant{new_id()};
    auto append = append_of(tenant, new_id(), 0);
    ASSERT_TRUE(append_now(appender, append));
    append.fingerprint = new_id();
    const auto other = append_now(appender, append);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().why, events::key_reused);
}

TEST(Log, WritesAllStreamsOfACommandOrNone) {
    auto appender = make_appender();
    postgres::Reader reader{support::database()};
    const domain::TenantId tenant{new_id()};
    const auto one = new_id(), two = new_id();
    ASSERT_TRUE(append_now(appender, append_of(tenant, two, 0)));
    auto both = append_of(tenant, one, 0);
    both.writes.push_back(append_of(tenant, two, 0).writes.front());
    EXPECT_FALSE(append_now(appender, both));
    EXPECT_TRUE(reader.read(tenant, {"test", one}, 0, 100)->empty());
}

TEST(Log, LetsOnlyOneStreamClaimAValue) {
    auto appender = make_appender();
    const domain::TenantId tenant{new_id()};
    auto first = append_of(tenant, new_id(), 0);
    first.claims.push_back({"email", {1, 2, 3}});
    auto second = append_of(tenant, new_id(), 0);
    second.claims = first.claims;
    auto elsewhere = append_of({new_id()}, new_id(), 0);
    elsewhere.claims = first.claims;
    EXPECT_TRUE(append_now(appender, first));
    const auto refused = append_now(appender, second);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().why, events::value_taken);
    EXPECT_TRUE(append_now(appender, elsewhere));
}

TEST(Log, APoisonCommandDoesNotFailItsNeighbours) {
    auto appender = make_appender({.writers = 1});
    const domain::TenantId tenant{new_id()};
    std::vector<std::future<domain::Result<events::Outcome>>> answers;
    std::vector<std::promise<domain::Result<events::Outcome>>> promises(40);
    for (std::size_t i = 0; i < promises.size(); ++i) {
        auto append = append_of(tenant, new_id(), 0);
        if (i == 17) append.writes.front().events.front().form.data = "{not json";
        answers.push_back(promises[i].get_future());
        appender.submit(std::move(append),
                        [&, i](auto outcome) { promises[i].set_value(std::move(outcome)); });
    }
    for (std::size_t i = 0; i < answers.size(); ++i)
        EXPECT_EQ(answers[i].get().has_value(), i != 17) << i;
}

TEST(Log, AFullQueueAnswersAtOnce) {
    auto appender = make_appender({.writers = 1, .queue_max = 1});
    const domain::TenantId tenant{new_id()};
    ASSERT_TRUE(append_now(appender, append_of(tenant, new_id(), 0)));
    std::atomic<int> refused{0}, answered{0};
    constexpr int count = 300;
    for (int i = 0; i < count; ++i) {
        appender.submit(append_of(tenant, new_id(), 0), [&](const auto& outcome) {
            if (!outcome && outcome.error().why == events::queue_full) ++refused;
            ++answered;
        });
    }
    while (answered < count) std::this_thread::yield();
    EXPECT_GT(refused, 0);
}

TEST(Log, KeepsTheBytesAndTheirHash) {
    auto appender = make_appender();
    postgres::Reader reader{support::database()};
    const domain::TenantId tenant{new_id()};
    const auto stream = new_id();
    auto append = append_of(tenant, stream, 0);
    const std::string exact = R"({"b":1.50,  "a":"é","a2":1e3})";
    append.writes.front().events.front().form.data = exact;
    ASSERT_TRUE(append_now(appender, append));
    const auto read = reader.read(tenant, {"test", stream}, 0, 10);
    ASSERT_TRUE(read && read->size() == 1);
    EXPECT_EQ(read->front().data, exact);
    EXPECT_EQ(read->front().hash, events::content_hash(read->front()));
    auto changed = read->front();
    changed.data[6] = '2';
    EXPECT_NE(changed.hash, events::content_hash(changed));
}

/// What the whole lane holds, as a projector reads it in pages.
std::vector<std::pair<std::int64_t, std::string>> lane_in_pages(int lane, std::int64_t after,
                                                                int page) {
    auto connection = postgres::connect(support::database(), postgres::As::projector);
    std::vector<std::pair<std::int64_t, std::string>> seen;
    while (true) {
        pqxx::nontransaction tx{*connection};
        const auto rows = tx.exec(
            "select position, id::text from log.event where lane = $1 and position > $2 "
            "order by position limit $3",
            pqxx::params{lane, after, page});
        if (rows.empty()) return seen;
        for (const auto& row : rows) {
            seen.emplace_back(row[0].as<std::int64_t>(), row[1].as<std::string>());
            after = seen.back().first;
        }
    }
}

/// Ends a random appender backend now and then, as a failing network would.
void kill_connections(const std::atomic<bool>& stop) {
    pqxx::connection admin{support::admin_database().url};
    while (!stop) {
        std::this_thread::sleep_for(std::chrono::milliseconds{60});
        pqxx::nontransaction tx{admin};
        tx.exec(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where usename = 'cairn_appender' order by random() limit 1");
    }
}

TEST(Log, EightWritersOnFiftyStreamsWithKilledConnectionsLoseAndDoubleNothing) {
    constexpr int writers = 8, streams = 50;
    constexpr auto duration = std::chrono::seconds{6};
    auto appender = make_appender();
    const domain::TenantId tenant{new_id()};
    const auto lane = appender.lane_of(tenant);
    ASSERT_TRUE(lane);
    const auto before = lane_in_pages(*lane, 0, 10'000).size();
    std::vector<domain::Uuid> ids;
    for (int i = 0; i < streams; ++i) ids.push_back(new_id());
    std::array<std::atomic<std::int64_t>, streams> versions{};
    std::mutex mutex;
    std::set<std::string> acknowledged;
    std::atomic<bool> stop{false};
    std::atomic<int> unanswered{0};
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w) {
        threads.emplace_back([&, w] {
            std::mt19937 random{static_cast<unsigned>(w)};
            while (!stop) {
                const auto s = random() % streams;
                auto append = append_of(tenant, ids[s], versions[s].load());
                const auto id = domain::to_text(append.writes.front().events.front().id);
                // In doubt means: the same command again, until it has an answer.
                domain::Result<events::Outcome> outcome = append_now(appender, append);
                for (int i = 0; !outcome && outcome.error().why == events::in_doubt && i < 5; ++i)
                    outcome = append_now(appender, append);
                if (outcome) {
                    const std::lock_guard lock{mutex};
                    acknowledged.insert(id);
                    auto seen = versions[s].load();
                    while (seen < outcome->version &&
                           !versions[s].compare_exchange_weak(seen, outcome->version)) {}
                } else if (outcome.error().why != events::moved_on) {
                    ++unanswered;
                }
                std::this_thread::sleep_for(std::chrono::microseconds{random() % 2000});
            }
        });
    }
    std::thread killer{[&] { kill_connections(stop); }};
    std::this_thread::sleep_for(duration);
    stop = true;
    for (auto& thread : threads) thread.join();
    killer.join();

    EXPECT_EQ(unanswered, 0);
    EXPECT_GT(appender.counters().reconnects, 5u);
    const auto seen = lane_in_pages(*lane, 0, 10'000);
    EXPECT_EQ(seen, lane_in_pages(*lane, 0, 7));
    for (std::size_t i = 0; i < seen.size(); ++i)
        ASSERT_EQ(seen[i].first, static_cast<std::int64_t>(i + 1));
    std::map<std::string, int> counts;
    for (const auto& [position, id] : seen) ++counts[id];
    for (const auto& id : acknowledged) EXPECT_EQ(counts[id], 1);
    EXPECT_EQ(seen.size() - before, acknowledged.size());
    EXPECT_GT(acknowledged.size(), 500u);
    postgres::Reader reader{support::database()};
    for (int s = 0; s < streams; ++s) {
        const auto past =
            reader.read(tenant, {"test", ids[static_cast<std::size_t>(s)]}, 0, events::all_events);
        ASSERT_TRUE(past);
        for (std::size_t i = 0; i < past->size(); ++i)
            EXPECT_EQ((*past)[i].version, static_cast<std::int64_t>(i + 1));
    }
}

// The reader that we did not build (ours is in the test above): numbers from a sequence are drawn
// before commit, so a reader that goes by them steps over what commits late.
TEST(Log, TheMutantReaderOfASequenceMissesEvents) {
    pqxx::connection admin{support::admin_database().url};
    {
        pqxx::nontransaction tx{admin};
        tx.exec(
            "create schema if not exists mutant; create table mutant.event "
            "(seq bigserial primary key, id int)");
    }
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    std::atomic<int> written{0};
    for (int w = 0; w < 4; ++w) {
        threads.emplace_back([&, w] {
            pqxx::connection connection{support::admin_database().url};
            std::mt19937 random{static_cast<unsigned>(w)};
            while (!stop) {
                pqxx::work tx{connection};
                tx.exec("insert into mutant.event (id) values (1)");
                std::this_thread::sleep_for(std::chrono::microseconds{random() % 3000});
                tx.commit();
                ++written;
            }
        });
    }
    std::int64_t last = 0, seen = 0;
    const auto read = [&] {
        pqxx::nontransaction tx{admin};
        for (const auto& [seq] :
             tx.query<std::int64_t>("select seq from mutant.event where seq > " +
                                    std::to_string(last) + " order by seq")) {
            last = seq;
            ++seen;
        }
    };
    for (int i = 0; i < 400; ++i) {
        read();
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    stop = true;
    for (auto& thread : threads) thread.join();
    read();
    EXPECT_LT(seen, written) << "the mutant reader was expected to miss events";
    pqxx::nontransaction tx{admin};
    tx.exec("drop schema mutant cascade");
}

}  // namespace
}  // namespace log_test
