// Peers in the real database: both thresholds hold in SQL, and no request role gets past them.
#include "domain/benchmark.hpp"
#include "domain/cohort.hpp"
#include "events/codec.hpp"
#include "projections/projection.hpp"
#include "src/postgres/appender.hpp"
#include "src/runtime/projection_batch.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/no_keys.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <set>

namespace pg_benchmark_test {
namespace {

using postgres::As;

struct Peer {
    domain::TenantId tenant{support::new_id()};
    int value{};
    std::string naics = "722511", country = "US", unit = "USD", aggregation = "sum";
    bool shares = true;
};

class Cohort : public testing::Test {
protected:
    static void SetUpTestSuite() { database_ = support::fresh_database("cohort_test"); }
    void SetUp() override {
        admin_ = std::make_unique<pqxx::connection>(support::admin_of(database_).url);
        pqxx::work tx{*admin_};
        tx.exec(
            "delete from board.cohort_member; delete from board.metric; "
            "delete from board.metric_rollup");
        tx.commit();
    }

    /// A tenant whose points of March 2024 come to `value`, on two days.
    void add(const Peer& peer) {
        const auto tenant = domain::to_text(peer.tenant),
                   metric = domain::to_text(support::new_id());
        pqxx::work tx{*admin_};
        if (peer.shares)
            tx.exec("insert into board.cohort_member values ($1, 1, $2, $3, now())",
                    pqxx::params{tenant, peer.naics, peer.country});
        tx.exec(R"sql(
            insert into board.metric values ($1, $2, 'revenue', 1, false, 'Revenue', 'simple', $3,
                'full', $4, 'up', 'gap', '[]', 2, '', null, null, now(), now()))sql",
                pqxx::params{tenant, metric, peer.unit, peer.aggregation});
        for (const auto& [day, value] : {std::pair{"2024-02-29", 99'999},
                                         {"2024-03-01", 1},
                                         {"2024-03-31", peer.value - 1},
                                         {"2024-04-01", 77'777}})
            tx.exec(R"sql(
                insert into board.metric_rollup (bucket, count, variant, first_at, last_at, tenant,
                    metric, grain, location, sum, min, max, first, last)
                select b, 1, 0, b, b, $2, $3, 1, '', $4, $4, $4, $4, $4
                  from (select $1::date::timestamp at time zone 'UTC' as b) d)sql",
                    pqxx::params{day, tenant, metric, value});
        tx.commit();
    }
    std::vector<Peer> add_all(std::vector<int> values) {
        std::vector<Peer> peers;
        for (const int value : values) {
            peers.push_back({.value = value});
            add(peers.back());
        }
        return peers;
    }
    /// `verdict tenants p10 p25 p50 p75 p90` as the request role of `tenant` gets it.
    std::string told(domain::TenantId tenant) {
        auto reader = postgres::connect(database_, As::reader);
        pqxx::work tx{*reader};
        tx.exec("set local cairn.tenant = '" + domain::to_text(tenant) + "'");
        const auto row =
            tx.exec("select * from board.peer_distribution('revenue', 'month', '2024-03-01')")
                .one_row();
        std::string out = row[0].c_str();
        for (int i = 3; i < 9; ++i)
            out += std::string{" "} + (row[i].is_null() ? "-" : row[i].c_str());
        return out;
    }

    static inline postgres::Database database_;
    std::unique_ptr<pqxx::connection> admin_;
};

constexpr const char* small = "too-small - - - - - -";

TEST_F(Cohort, NineTenantsAreToldNothingAndTenAreTold) {
    const auto nine = add_all({100, 200, 300, 400, 500, 600, 700, 800, 900});
    EXPECT_EQ(told(nine.front().tenant), small);
    add({.value = 1000, .shares = false});
    add({.value = 1000, .naics = "722515"});
    add({.value = 1000, .country = "CA"});
    add({.value = 1000, .unit = "EUR"});
    add({.value = 1000, .aggregation = "mean"});
    EXPECT_EQ(told(nine.front().tenant), small) << "who differs or does not share never counts";
    add({.value = 1000});
    EXPECT_EQ(told(nine.front().tenant), "ok 10 200 300 550 800 900");
}

TEST_F(Cohort, NobodyHasMoreThanThirtyPercent) {
    const auto peers = add_all({77, 77, 77, 77, 77, 77, 76, 76, 76, 310});
    EXPECT_EQ(told(peers.front().tenant), "dominated - - - - - -") << "310 of 1000";
    SetUp();
    const auto others = add_all({77, 78, 78, 78, 78, 78, 78, 78, 77, 300});
    EXPECT_EQ(told(others.front().tenant).substr(0, 5), "ok 10") << "300 of 1000";
}

TEST_F(Cohort, WhoDoesNotShareIsToldNothing) {
    add_all({100, 200, 300, 400, 500, 600, 700, 800, 900, 1000});
    const Peer outsider{.value = 5, .shares = false};
    add(outsider);
    EXPECT_EQ(told(outsider.tenant), "not-joined - - - - - -");
    auto reader = postgres::connect(database_, As::reader);
    pqxx::work tx{*reader};
    EXPECT_THROW(tx.exec("select * from board.peer_distribution('revenue', 'month', '2024-03-01')"),
                 pqxx::insufficient_privilege)
        << "nobody asks without a tenant";
}

TEST_F(Cohort, NoPercentileIsAnybodysValue) {
    // Of 11 values an interpolated tenth percentile is the second smallest itself.
    const std::vector<int> values{101, 211, 307, 401, 503, 601, 701, 809, 907, 1009, 1103};
    const auto peers = add_all(values);
    auto text = told(peers.front().tenant);
    EXPECT_EQ(text, "ok 11 206 356 602 857 1010");
    for (const auto value : values)
        EXPECT_EQ((text + " ").find(" " + std::to_string(value) + " "), std::string::npos) << value;
}

TEST_F(Cohort, TheRequestRoleReadsNoOtherTenantsRows) {
    const auto peers = add_all({100, 200, 300, 400, 500, 600, 700, 800, 900, 1000});
    auto reader = postgres::connect(database_, As::reader);
    pqxx::work tx{*reader};
    tx.exec("set local cairn.tenant = '" + domain::to_text(peers.front().tenant) + "'");
    for (const auto* table : {"board.metric_rollup", "board.cohort_member", "board.metric"})
        EXPECT_EQ(tx.exec(std::string{"select count(distinct tenant) from "} + table)
                      .one_field()
                      .as<int>(),
                  1)
            << table;
    EXPECT_THROW(tx.exec("set local role cairn_cohort"), pqxx::insufficient_privilege);
}

TEST_F(Cohort, TheFunctionsOwnerSeesOnlyWhoShares) {
    add_all({100, 200});
    add({.value = 300, .shares = false});
    pqxx::work tx{*admin_};
    tx.exec("set local role cairn_cohort");
    EXPECT_EQ(
        tx.exec("select count(distinct tenant) from board.metric_rollup").one_field().as<int>(), 2);
    EXPECT_EQ(tx.exec("select count(*) from board.metric").one_field().as<int>(), 2);
    EXPECT_THROW(tx.exec("select * from log.event"), pqxx::insufficient_privilege);
}

// ---- The read model from the log.
class BenchmarkBoard : public testing::Test {
protected:
    static void SetUpTestSuite() { database_ = support::fresh_database("benchmark_board_test"); }

    template <class Event>
    int append(std::string_view category, const domain::Uuid& id, const std::vector<Event>& facts) {
        support::NoKeys keys;
        int lane = 0;
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const auto before = static_cast<std::int64_t>(i);
            auto append = support::append_of(tenant_, id, before);
            auto& write = append.writes.front();
            write.stream.category = category;
            write.events.front().form =
                *events::codec<Event>().encode(facts[i], {keys, tenant_, write.stream, before + 1});
            const auto outcome = support::append_now(appender_, std::move(append));
            EXPECT_TRUE(outcome);
            if (outcome) lane = outcome->lane;
        }
        return lane;
    }
    /// Every row of every table, after a replay in batches of so many events.
    std::string rows_after(int lane, int events) {
        pqxx::connection admin{support::admin_of(database_).url};
        const auto& board = *projections::find("benchmark_board");
        {
            pqxx::work tx{admin};
            for (const auto table : board.tables) tx.exec("delete from " + std::string{table});
            tx.exec("delete from projection.checkpoint; delete from projection.lease");
            tx.commit();
        }
        auto projector = postgres::connect(database_, As::projector);
        for (int i = 0; i < 1000; ++i) {
            const auto ran = runtime::run_batch(*projector, board, lane, events, {"test", 60});
            EXPECT_EQ(ran.parked, 0);
            if (ran.ran != runtime::Ran::advanced) break;
        }
        pqxx::nontransaction tx{admin};
        std::string out;
        for (const auto table : board.tables)
            out += std::string{table} + ":" +
                   tx.exec("select string_agg(t::text, '|' order by t::text) from " +
                           std::string{table} + " t")
                       .one_field()
                       .as<std::string>("") +
                   "\n";
        return out;
    }

    static inline postgres::Database database_;
    postgres::Appender appender_{database_, {}, [](const postgres::Commit&) {}};
    domain::TenantId tenant_{support::new_id()};
};

TEST_F(BenchmarkBoard, ARebuildGivesTheSameRowsInAnyBatches) {
    using namespace domain::benchmark;
    const domain::BenchmarkId id{support::new_id()};
    const auto day = [](std::string_view text) { return *domain::date_from(text); };
    const auto figures = [](const char* value) {
        return Figures{*domain::Decimal::from(value), {}};
    };
    auto with_percentiles = figures("31.20");
    with_percentiles.percentiles[2] = domain::Decimal::from("30.5");
    const ObservationsImported first{{support::new_id()},
                                     "manual-csv",
                                     {{{-8400}, day("2024-02-01"), figures("21.48")},
                                      {day("2024-01-01"), day("2024-02-01"), with_percentiles}},
                                     3,
                                     0,
                                     0,
                                     1,
                                     {{3, "value", "The value is no decimal."}}};
    const ObservationsImported second{{support::new_id()},
                                      "manual-csv",
                                      {{day("2024-01-01"), day("2024-03-01"), figures("31.4")}},
                                      1,
                                      0,
                                      0,
                                      0,
                                      {}};
    const domain::MetricId metric{support::new_id()}, other{support::new_id()};
    const Mapping mapping{Transform::mean, Adjustment::none, {}, domain::Decimal::whole(1), ""};
    const int lane = append<Event>("benchmark", id.value,
                                   {Registered{id,
                                               {Provider::manual,
                                                "labour",
                                                "Labour",
                                                "ratio",
                                                Frequency::month,
                                                "",
                                                "US",
                                                {false, false, "A survey"}}},
                                    first, Mapped{metric, mapping}, Mapped{other, mapping}, second,
                                    Unmapped{other}, Retired{day("2024-05-01")}});
    append<domain::cohort::Event>(
        "cohort", tenant_.value,
        {domain::cohort::Joined{tenant_, {"722511", "US"}}, domain::cohort::Left{tenant_},
         domain::cohort::Joined{tenant_, {"722515", "US"}}});
    const auto one_by_one = rows_after(lane, 1);
    EXPECT_EQ(one_by_one, rows_after(lane, 1000));
    EXPECT_EQ(one_by_one, rows_after(lane, 3));
    EXPECT_NE(one_by_one.find(",2024-05-01,3,1947-01-02,2024-01-01,2024-03-01,"), std::string::npos)
        << one_by_one;
    EXPECT_NE(one_by_one.find("722515"), std::string::npos);
    EXPECT_EQ(one_by_one.find("722511"), std::string::npos);
}

}  // namespace
}  // namespace pg_benchmark_test
