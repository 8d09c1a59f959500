// Packing, trimming and folding the log again change no answer: random stories with packing in
// between equal the model, and a projection made from the log equals the one that lived through it.
#include "domain/metric.hpp"
#include "domain/tenant.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/metric_upkeep.hpp"
#include "src/runtime/projection_batch.hpp"
#include "src/runtime/upkeep_clock.hpp"
#include "tests/support/metric_story.hpp"

#include <thread>

namespace metric_segment_test {
namespace {

using support::Story;

domain::Instant at(const char* text) { return *domain::instant_from(text); }

/// Everything that a reader could see, however it is stored, as one digest a table.
constexpr const char* visible = R"sql(
    with points as (
        select tenant, metric, location, variant, at, day, value::text, position, unit, metadata
          from board.business_metrics
         union all
        select s.tenant, s.metric, s.location, s.variant, u.at, u.day, u.value::text, u.position,
               s.unit, nullif(d.dimensions, '{}')
          from board.metric_segment s join board.metric_series d
         using (tenant, metric, location, variant)
         cross join lateral cairn.unpacked(s.from_at, s.stride, s.drift, s.day_shift, s.value,
                                           s.position) u)
    select concat_ws(' ', (select count(*) from points),
           (select md5(string_agg(p::text, ',' order by p::text)) from points p),
           (select md5(string_agg(r::text, ',' order by r::text)) from board.metric_rollup r),
           (select md5(string_agg(s::text, ',' order by s::text))
              from board.metric_superseded s),
           (select md5(string_agg(l::text, ',' order by l::text)) from board.metric_late l),
           (select md5(string_agg(t::text, ',' order by t::text))
              from board.metric_retention t)))sql";

class MetricSegment : public support::MetricStories {
protected:
    MetricSegment()
        : MetricStories{support::fresh_database(
              "segment_" +
              std::to_string(testing::UnitTest::GetInstance()->current_test_info()->line()))} {
        admin_.emplace(support::admin_of(database_).url);
        pqxx::nontransaction{*admin_}.exec("set timezone = 'UTC'");
    }

    runtime::Packed pack(const char* before) {
        auto packed =
            runtime::pack_cold_points(database_, at(before), [](auto, auto) { return true; });
        if (!packed) ADD_FAILURE() << packed.error().detail;
        return packed.value_or(runtime::Packed{});
    }
    int number(const std::string& sql) {
        pqxx::nontransaction tx{*admin_};
        return MetricStories::number(tx, sql);
    }
    std::string seen() {
        pqxx::nontransaction tx{*admin_};
        return tx.exec(visible).one_field().as<std::string>();
    }
    void expect_truth(const std::vector<Story>& all) {
        pqxx::nontransaction tx{*admin_};
        load_truth(tx, all);
        EXPECT_EQ(MetricStories::number(tx, support::differing_points), 0);
        EXPECT_EQ(MetricStories::number(tx, support::differing_buckets), 0);
        EXPECT_EQ(MetricStories::number(tx, "select count(*) from projection.dead_letter"), 0);
    }
    /// As `cairn projection rebuild` does.
    void rebuild() {
        {
            pqxx::work tx{*admin_};
            for (const auto table : projections::find("metric_board")->tables)
                tx.exec("truncate " + std::string{table});
            tx.exec("update projection.checkpoint set position = 0");
            tx.commit();
        }
        project();
    }

    /// A business of the story's zone, so that its plan promises something.
    void enrol(const Story& run) {
        namespace tenant = domain::tenant;
        const tenant::Profile profile{
            "Bistro", "US", "USD", support::zone, "", 1, support::cutoff_minutes};
        append_facts<tenant::Event>(run, {"tenant", run.tenant.value},
                                    {tenant::Registered{run.tenant, profile}});
        for (const auto metric : run.metrics) {
            domain::metric::Definition definition{.key = "m" + domain::to_text(metric).substr(24),
                                                  .name = "M",
                                                  .unit = "USD",
                                                  .dimensions = {"channel"},
                                                  .formula = {},
                                                  .minimum = {},
                                                  .maximum = {}};
            append_facts<domain::metric::Event>(run, {"metric", metric.value},
                                                {domain::metric::Defined{metric, definition}});
        }
    }
    template <class Event>
    void append_facts(const Story& run, const events::StreamId& stream,
                      const std::vector<Event>& facts) {
        auto append = support::append_of(run.tenant, stream.id, 0);
        auto& write = append.writes.front();
        write = {stream, 0, {}};
        events::Destination to{keys, run.tenant, stream, 0};
        for (const auto& fact : facts) {
            ++to.version;
            write.events.push_back({{support::new_id()}, *events::codec<Event>().encode(fact, to)});
        }
        ASSERT_TRUE(support::append_now(appender, std::move(append)));
    }
    std::int64_t trim(const char* now) {
        const auto trimmed = runtime::trim_histories(database_, appender, keys, at(now),
                                                     [](auto, auto) { return true; });
        if (!trimmed) ADD_FAILURE() << trimmed.error().detail;
        project();
        return trimmed.value_or(0);
    }

    std::optional<pqxx::connection> admin_;
};

TEST_F(MetricSegment, StoriesWithPackingInBetweenEqualTheModel) {
    constexpr int runs = 40;
    std::vector<Story> all(runs);
    for (int round = 0; round < 4; ++round) {
        for (auto& run : all) {
            step(run);
            step(run);
        }
        project();
        expect_truth(all);
        // Now the spring, now a moment in the middle of it, now everything.
        constexpr std::array cold{"2025-06-01T00:00:00Z", "2025-03-09T07:30:00Z",
                                  "2026-01-01T00:00:00Z", "2025-11-02T05:30:00Z"};
        const auto before = seen();
        EXPECT_GT(pack(cold[static_cast<std::size_t>(round)]).points, 0);
        EXPECT_EQ(seen(), before);
    }
    expect_truth(all);
    EXPECT_GT(number("select count(*) from board.metric_segment"), runs);
    EXPECT_GT(number("select count(*) from board.business_metrics"), runs);
}

TEST_F(MetricSegment, ChunksThatAreEmptyAreDropped) {
    std::vector<Story> all(5);
    for (auto& run : all) {
        for (int i = 0; i < 4; ++i) step(run);
    }
    project();
    const auto chunks = "select count(*) from timescaledb_information.chunks";
    const auto before = number(chunks);
    EXPECT_EQ(pack("2026-01-01T00:00:00Z").chunks, before);
    EXPECT_EQ(number(chunks), 0);
    for (auto& run : all) step(run);
    project();
    expect_truth(all);
}

TEST_F(MetricSegment, ARunIsJournalledAndAChunkThatIsReadDoesNotFailIt) {
    std::vector<Story> all(3);
    for (auto& run : all) {
        for (int i = 0; i < 4; ++i) step(run);
    }
    project();
    const auto last = [&] {
        pqxx::nontransaction tx{*admin_};
        return tx
            .exec(
                "select concat_ws(' ', what, before at time zone 'UTC', points, "
                "coalesce(chunks::text, '-'), outcome, bytes_before > bytes_after, "
                "milliseconds < 60000, started_at > now() - interval '1 minute') "
                "from projection.upkeep order by started_at desc limit 1")
            .one_field()
            .as<std::string>();
    };
    const auto points = std::to_string(number("select count(*) from board.business_metrics"));
    {
        pqxx::connection other{support::admin_of(database_).url};
        pqxx::work reading{other};
        reading.exec("select count(*) from board.business_metrics");
        EXPECT_EQ(pack("2026-01-01T00:00:00Z").chunks, std::nullopt);
        EXPECT_TRUE(last().starts_with("pack 2026-01-01 00:00:00 " + points + " - done")) << last();
    }
    const auto chunks =
        std::to_string(number("select count(*) from timescaledb_information.chunks"));
    EXPECT_EQ(std::to_string(pack("2026-01-01T00:00:00Z").chunks.value_or(-1)), chunks);
    EXPECT_EQ(last(), "pack 2026-01-01 00:00:00 0 " + chunks + " done t t t");
    for (auto& run : all) step(run);
    project();
    ASSERT_TRUE(runtime::pack_cold_points(database_, at("2026-01-01T00:00:00Z"),
                                          [](auto, auto) { return false; }));
    EXPECT_TRUE(last().contains("stopped")) << last();
}

TEST_F(MetricSegment, AStepThatIsKilledLeavesEverythingAsItWas) {
    std::vector<Story> all(3);
    for (auto& run : all) {
        for (int i = 0; i < 4; ++i) step(run);
    }
    project();
    const auto before = seen();
    auto connection = postgres::connect_folding(database_);
    auto other = postgres::connect_folding(database_);
    {
        pqxx::work tx{*connection};
        const auto cold = projections::metric::cold_metrics(tx, at("2026-01-01T00:00:00Z"));
        ASSERT_FALSE(cold.empty());
        tx.exec("select 1 from projection.checkpoint where name = 'metric_board' for update");
        EXPECT_GT(projections::metric::pack(tx, cold[0], at("2026-01-01T00:00:00Z")), 0);
        // Meanwhile the projection is kept out of the lane, and does not wait.
        step(all[0]);
        const auto ran = runtime::run_batch(*other, *projections::find("metric_board"),
                                            cold[0].lane, 100, {"test", 60});
        EXPECT_EQ(ran.ran, runtime::Ran::held);
        EXPECT_EQ(seen(), before);
        pqxx::connection killer{support::admin_of(database_).url};
        pqxx::nontransaction{killer}.exec("select pg_terminate_backend($1)",
                                          pqxx::params{connection->backendpid()});
        EXPECT_THROW(tx.commit(), pqxx::failure);
    }
    EXPECT_EQ(seen(), before);
    project();
    expect_truth(all);
}

TEST_F(MetricSegment, ATrimmedHistoryIsTheSameAfterARebuild) {
    std::vector<Story> all(12);
    for (auto& run : all) enrol(run);
    half_hours = 400;
    const auto live = [&](int steps) {
        for (auto& run : all) {
            for (int i = 0; i < steps; ++i) step(run);
        }
        project();
    };
    live(4);
    pack("2025-06-01T00:00:00Z");
    // The cut goes through packed weeks: what is near the twelfth of March is kept, the days before
    // it are not.
    EXPECT_GT(trim("2026-03-13T12:00:00Z"), 6);
    EXPECT_GT(number("select sum(points) from board.metric_retention"), 20);
    EXPECT_EQ(number("select count(*) from board.metric_retention "
                     "where points_before <> '2025-03-12'"),
              0);
    EXPECT_EQ(number("select count(*) from board.metric_segment where from_at < '2025-03-10'"), 0);
    EXPECT_GT(number("select count(*) from board.metric_segment where from_at < '2025-03-11'"), 3);
    EXPECT_EQ(trim("2026-03-14T12:00:00Z"), 0);
    const auto trimmed = seen();
    rebuild();
    EXPECT_EQ(seen(), trimmed);

    // Corrections and reverts of what is gone, with more packing, and a second and third trim.
    live(4);
    pack("2026-01-01T00:00:00Z");
    live(2);
    EXPECT_GT(trim("2026-06-01T00:00:00Z"), 6);
    live(2);
    EXPECT_EQ(trim("2030-12-01T00:00:00Z"), 12);
    EXPECT_EQ(number("select count(*) from board.metric_rollup "
                     "where grain > 0 and bucket < '2025-09-20'"),
              0);
    EXPECT_GT(number("select count(*) from board.metric_rollup where grain = 1"), 12);
    live(1);
    const auto lived = seen();
    rebuild();
    EXPECT_EQ(seen(), lived);
}

TEST_F(MetricSegment, TheRequestRoleSeesItsOwnPackedPointsOnlyThroughTheFunction) {
    std::vector<Story> all(2);
    for (auto& run : all) {
        for (int i = 0; i < 4; ++i) step(run);
    }
    project();
    pack("2026-01-01T00:00:00Z");
    postgres::Reader reader{database_};
    const auto count = [&](domain::TenantId who, const std::string& sql) {
        return reader.query<int>(who, [&](pqxx::transaction_base& tx) {
            return domain::Result<int>{MetricStories::number(tx, sql)};
        });
    };
    const auto points = "select count(*) from board.metric_page('" +
                        domain::to_text(all[0].metrics[0]) +
                        "', null, '2020-01-01Z', '2030-01-01Z', null, null, 1000000)";
    EXPECT_GT(*count(all[0].tenant, points), 0);
    EXPECT_EQ(*count(all[1].tenant, points), 0);
    EXPECT_FALSE(count(all[0].tenant, "select count(*) from board.metric_segment"));
    EXPECT_FALSE(count(all[0].tenant, "select count(*) from board.business_metrics"));
}

TEST_F(MetricSegment, TheClockPacksAtOnceWhenItIsToldTo) {
    std::vector<Story> all(2);
    for (auto& run : all) {
        for (int i = 0; i < 4; ++i) step(run);
    }
    project();
    const auto before = seen();
    const auto plain = "select count(*) from board.business_metrics";
    ASSERT_GT(number(plain), 0);
    using namespace std::chrono_literals;
    const runtime::UpkeepClock clock{database_, appender, keys, {.first_after = 1h}};
    const runtime::UpkeepClock other{database_, appender, keys, {.first_after = 1h}};
    for (int tries = 0; tries < 100 && number(plain) > 0; ++tries) {
        pqxx::nontransaction{*admin_}.exec("notify cairn_upkeep");
        std::this_thread::sleep_for(100ms);
    }
    EXPECT_EQ(number(plain), 0);
    EXPECT_EQ(seen(), before);
}

}  // namespace
}  // namespace metric_segment_test
