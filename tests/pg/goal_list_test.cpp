// A page of goals is read from an index in the page's order: what the tenant has beyond it is not.
#include "events/goal_snapshot.hpp"
#include "projections/goal_query.hpp"
#include "src/postgres/event_store.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/no_keys.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

namespace goal_list_test {
namespace {

constexpr int goals = 20'000;
constexpr int page = 20;

class GoalList : public testing::Test {
protected:
    static void SetUpTestSuite() {
        database_ = support::fresh_database("goal_list");
        tenant_ = {support::new_id()};
        pqxx::connection admin{support::admin_of(database_).url};
        pqxx::nontransaction tx{admin};
        tx.exec(R"sql(
            insert into board.smart_goals
                (tenant, goal, version, owner, title, description, lifecycle, health, status,
                 specific, achievable, relevant, target_date, metric, created_at, updated_at, state)
            select $1, gen_random_uuid(), 1, gen_random_uuid(), 'goal ' || n, '', 'active',
                   'on_track', case when n % 500 = 0 then 'at_risk' else 'on_track' end, '{}', '{}',
                   '{}', case when n % 5 > 0 then date '2026-01-01' + n % 700 end, 'guests',
                   now() - n * interval '1 minute', now() - n * interval '1 minute', $3
              from generate_series(1, $2::int) as n)sql",
                pqxx::params{domain::to_text(tenant_), goals, events::goal_snapshot({})});
        tx.exec("analyze board.smart_goals");
    }

    /// How many rows the page made PostgreSQL fetch, by whatever path.
    std::int64_t fetched(std::map<std::string, std::vector<std::string>, std::less<>> filters) {
        postgres::Reader reader{database_};
        support::NoKeys keys;
        const projections::Ask ask{.tenant = tenant_,
                                   .user = {},
                                   .today = {},
                                   .keys = keys,
                                   .path = {},
                                   .filters = std::move(filters),
                                   .limit = page};
        const auto rows = reader.query<std::int64_t>(
            tenant_, [&](pqxx::transaction_base& tx) -> domain::Result<std::int64_t> {
                const auto answer = projections::goal_board::list(tx, ask);
                if (!answer) return std::unexpected(answer.error());
                EXPECT_FALSE(answer->next.empty());
                return tx
                    .exec(
                        "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables "
                        "where relid = 'board.smart_goals'::regclass")
                    .one_field()
                    .as<std::int64_t>();
            });
        EXPECT_TRUE(rows) << rows.error().detail;
        return rows.value_or(goals);
    }

    static inline postgres::Database database_;
    static inline domain::TenantId tenant_;
};

TEST_F(GoalList, ReadsOnePageInEveryOrderThatHasAnIndex) {
    EXPECT_LE(fetched({}), page + 1);
    EXPECT_LE(fetched({{"sort", {"target_date"}}}), page + 1);
    // Forty of them: all are cheaper to sort than a page of everything to filter.
    EXPECT_LE(fetched({{"status", {"at_risk"}}}), 40);
    EXPECT_LE(fetched({{"sort", {"target_date"}}, {"target_date[gte]", {"2027-01-01"}}}), page + 1);
}

}  // namespace
}  // namespace goal_list_test
