// The audit trail in the database: whoever changes, takes away or puts in an entry is found.
#include "projections/trail_query.hpp"
#include "projections/effect_tree.hpp"
#include "src/audit/recorder.hpp"
#include "src/audit/trail_check.hpp"
#include "src/postgres/event_store.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <thread>

namespace pg_trail_test {
namespace {

using postgres::As;

constexpr security::Key seal_key{7};

audit::Entry entry_of(domain::TenantId tenant, domain::Instant at, int number = 1) {
    audit::Entry entry;
    entry.tenant = tenant;
    entry.at = at;
    entry.request = support::new_id();
    entry.command = support::new_id();
    entry.actor = {support::new_id()};
    entry.resource = support::new_id();
    entry.status = 200;
    entry.role = "owner";
    entry.action = "user.get";
    entry.purpose = "n" + std::to_string(number);
    entry.subjects = "{" + domain::to_text(support::new_id()) + "}";
    entry.fields = "{user.email}";
    entry.source = std::string(16, 's');
    return entry;
}

class AuditTrail : public testing::Test {
protected:
    domain::TenantId tenant{support::new_id()};
    std::string id = domain::to_text(tenant);

    void record(int count, int days_ago = 0) {
        audit::TrailWriter writer{support::database(), seal_key};
        std::vector<audit::Entry> batch;
        const auto at = runtime::now().micros - days_ago * domain::day_micros;
        for (int i = 0; i < count; ++i) batch.push_back(entry_of(tenant, {at + i}, i + 1));
        const auto written = writer.write(batch);
        ASSERT_TRUE(written) << written.error().detail;
        ASSERT_TRUE(written->empty());
    }
    audit::TrailReport check(std::optional<security::Key> key = seal_key) {
        auto connection = postgres::connect(support::database(), As::auditor);
        return audit::check_trail(*connection, tenant, key);
    }
    /// As one who may do everything to the database. `%` stands for the tenant.
    void tamper(std::string sql) {
        pqxx::connection admin{support::admin_database().url};
        pqxx::work tx{admin};
        for (auto at = sql.find('%'); at != std::string::npos; at = sql.find('%'))
            sql.replace(at, 1, "'" + id + "'");
        tx.exec(sql);
        tx.commit();
    }
    void forget() {
        tamper("delete from audit.access where tenant = %");
        tamper("delete from audit.access_subject where tenant = %");
        tamper("delete from audit.head where tenant = %");
    }
};

TEST_F(AuditTrail, WhatWasRecordedIsFoundAsItWas) {
    record(5);
    record(3);
    const auto report = check();
    EXPECT_FALSE(report.fault) << report.fault->sequence << " " << report.fault->what;
    EXPECT_EQ(report.entries, 8);
    EXPECT_EQ(report.first, 1);
    EXPECT_EQ(report.last, 8);
}

TEST_F(AuditTrail, EveryColumnOfAnEntryThatIsChangedIsNamed) {
    const std::vector<std::string> changes{"at = at + interval '1 microsecond'",
                                           "at = 'infinity'",
                                           "request = gen_random_uuid()",
                                           "command = gen_random_uuid()",
                                           "command = null",
                                           "actor = gen_random_uuid()",
                                           "resource = null",
                                           "status = 403",
                                           "role = 'staff'",
                                           "action = 'user.list'",
                                           "outcome = 'refused'",
                                           "code = 'forbidden'",
                                           "purpose = 'n'",
                                           "subjects = '{}'",
                                           "subjects = subjects || gen_random_uuid()",
                                           "fields = '{}'",
                                           "fields[1] = null",
                                           "source = decode(repeat('00', 16), 'hex')",
                                           "cut_sequence = 1",
                                           "cut_hash = decode(repeat('00', 32), 'hex')",
                                           "hash = decode(repeat('00', 32), 'hex')"};
    for (const auto& change : changes) {
        record(6);
        ASSERT_FALSE(check().fault);
        tamper("update audit.access set " + change + " where tenant = % and sequence = 4");
        const auto report = check();
        ASSERT_TRUE(report.fault) << change;
        // What looks like a cut moves the beginning of the chain, which then has too much.
        if (!change.starts_with("cut")) {
            EXPECT_EQ(report.fault->sequence, 4) << change;
        }
        forget();
    }
    // Every column of the table is in the list, but those that are its place.
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    for (const auto& [column] : tx.query<std::string>(
             "select attname::text from pg_attribute where attrelid = 'audit.access'::regclass "
             "and attnum > 0 and attname not in ('tenant', 'sequence')")) {
        const auto listed = std::ranges::any_of(
            changes, [&](const auto& change) { return change.starts_with(column); });
        EXPECT_TRUE(listed) << column;
    }
}

TEST_F(AuditTrail, WhatIsTakenAwayPutInOrSwappedIsNamed) {
    const std::vector<std::pair<std::string, int>> changes{
        {"delete from audit.access where tenant = % and sequence = 1", 1},
        {"delete from audit.access where tenant = % and sequence = 3", 3},
        {"delete from audit.access where tenant = % and sequence = 6", 6},
        {"delete from audit.access where tenant = % and sequence > 2", 3},
        {"delete from audit.access where tenant = %", 1},
        {"delete from audit.access_subject where tenant = % and sequence = 5", 5},
        {"insert into audit.access_subject values (%, gen_random_uuid(), 4)", 4},
        {"insert into audit.access_subject values (%, gen_random_uuid(), 9)", 9},
        {"delete from audit.head where tenant = %", 6},
        {"update audit.head set sequence = 5 where tenant = %", 6},
        {"update audit.head set hash = decode(repeat('00', 32), 'hex') where tenant = %", 6},
        {"update audit.head set seal = decode(repeat('00', 32), 'hex') where tenant = %", 6},
        {"insert into audit.access select (jsonb_populate_record(a, '{\"sequence\": 7, "
         "\"request\": \"01890a5d-ac96-774b-bcce-b302099a8057\"}')).* "
         "from audit.access a where tenant = % and sequence = 6",
         7},
        {"update audit.access a set purpose = b.purpose, actor = b.actor from audit.access b "
         "where a.tenant = % and b.tenant = % and a.sequence in (2, 5) "
         "and b.sequence = 7 - a.sequence",
         2},
        {"update audit.access set sequence = sequence + 100 where tenant = % and sequence = 2", 2},
    };
    for (const auto& [change, first_bad] : changes) {
        record(6);
        ASSERT_FALSE(check().fault);
        tamper(change);
        const auto report = check();
        ASSERT_TRUE(report.fault) << change;
        EXPECT_EQ(report.fault->sequence, first_bad) << change << ": " << report.fault->what;
        forget();
    }
}

TEST_F(AuditTrail, AChainMadeAnewWithoutTheKeyHasNoSeal) {
    record(3);
    forget();
    audit::TrailWriter forger{support::database(), security::Key{8}};
    const auto forged = entry_of(tenant, runtime::now());
    ASSERT_TRUE(forger.write({&forged, 1}));
    EXPECT_FALSE(check(std::nullopt).fault) << "without the key nobody can tell";
    ASSERT_TRUE(check().fault);
}

/// Whoever takes away the end of a trail, or all of it, hopes for the next entry's seal.
TEST_F(AuditTrail, NothingIsAddedToATrailThatSomebodyHasChanged) {
    const std::string take_last =
        "delete from audit.access where tenant = % and sequence = 6; "
        "delete from audit.access_subject where tenant = % and sequence = 6;";
    const std::string head_of_five =
        "update audit.head h set sequence = 5, hash = a.hash from audit.access a "
        "where h.tenant = % and a.tenant = % and a.sequence = 5";
    for (const auto& change :
         {take_last + head_of_five, std::string{"delete from audit.head where tenant = %"},
          std::string{"update audit.head set seal = decode(repeat('00', 32), 'hex') "
                      "where tenant = %"}}) {
        record(6);
        tamper(change);
        audit::TrailWriter writer{support::database(), seal_key};
        const domain::TenantId other{support::new_id()};
        const std::vector<audit::Entry> batch{entry_of(tenant, runtime::now()),
                                              entry_of(other, runtime::now())};
        const auto written = writer.write(batch);
        ASSERT_TRUE(written) << written.error().detail;
        EXPECT_EQ(*written, std::vector{tenant}) << change;
        EXPECT_TRUE(check().fault) << change;
        tenant = other;
        EXPECT_EQ(check().entries, 1) << "the others' entries are added";
        tenant = batch.front().tenant;
        forget();
    }
}

TEST_F(AuditTrail, AWriterRemembersHowItLeftATrail) {
    audit::TrailWriter writer{support::database(), seal_key};
    const auto write = [&] {
        const auto entry = entry_of(tenant, runtime::now());
        const auto written = writer.write({&entry, 1});
        return written && written->empty();
    };
    ASSERT_TRUE(write());
    tamper("create table kept_head as select * from audit.head where tenant = %");
    ASSERT_TRUE(write());
    // Its own seal of a moment ago does not help.
    tamper("delete from audit.access where tenant = % and sequence = 2");
    tamper("delete from audit.access_subject where tenant = % and sequence = 2");
    tamper(
        "update audit.head h set (sequence, hash, seal) = (k.sequence, k.hash, k.seal) "
        "from kept_head k where h.tenant = %");
    tamper("drop table kept_head");
    EXPECT_FALSE(check().fault) << "nothing else shows it";
    EXPECT_FALSE(write());
    forget();
    EXPECT_FALSE(write()) << "it does not begin anew";
    // Who goes on after all tells so, for ever.
    ASSERT_TRUE(writer.resume(tenant, runtime::now()));
    audit::TrailWriter another{support::database(), seal_key};
    const auto entry = entry_of(tenant, runtime::now());
    ASSERT_EQ(another.write({&entry, 1}), std::vector<domain::TenantId>{});
    EXPECT_FALSE(check().fault);
    EXPECT_EQ(check().entries, 2);
}

TEST_F(AuditTrail, PersonalReadsAreWithheldWhereTheTrailIsBroken) {
    record(2);
    tamper("update audit.head set sequence = 1 where tenant = %");
    audit::Recorder recorder{
        support::database(), seal_key, {.look_again = std::chrono::milliseconds{50}}};
    EXPECT_TRUE(recorder.record(entry_of(tenant, runtime::now()), audit::Need::certain));
    constexpr int tries_max = 100;
    for (int i = 0; i < tries_max && recorder.counters().broken == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    EXPECT_EQ(recorder.counters().broken, 1u);
    EXPECT_FALSE(recorder.record(entry_of(tenant, runtime::now()), audit::Need::certain));
    EXPECT_TRUE(
        recorder.record(entry_of({support::new_id()}, runtime::now()), audit::Need::certain));
    recorder.stop();
    EXPECT_EQ(recorder.counters().written, 1u);
}

TEST_F(AuditTrail, RetentionLeavesAChainThatStillHolds) {
    record(4, 200);
    record(3, 181);
    record(2, 180);  // a day that is not yet over for it
    record(2);
    audit::TrailWriter writer{support::database(), seal_key};
    const auto dropped = writer.retain(180, runtime::now());
    ASSERT_TRUE(dropped) << dropped.error().detail;
    EXPECT_GE(dropped->entries, 7);
    auto report = check();
    EXPECT_FALSE(report.fault) << report.fault->sequence << " " << report.fault->what;
    EXPECT_EQ(report.first, 8);
    EXPECT_EQ(report.last, 12) << "nine, ten, eleven, and the one that tells of the cut";
    // Again there is nothing to do; later the rest goes, and the tale of the first cut with it.
    ASSERT_TRUE(writer.retain(180, runtime::now()));
    EXPECT_EQ(check().last, 12);
    tamper("update audit.head set oldest_at = '2000-01-01' where tenant = %");
    ASSERT_TRUE(writer.retain(90, runtime::now()));
    report = check();
    EXPECT_FALSE(report.fault) << report.fault->sequence << " " << report.fault->what;
    EXPECT_EQ(report.first, 10);
    // One who takes away more than the cut tells of is found.
    tamper("delete from audit.access where tenant = % and sequence = 10");
    ASSERT_TRUE(check().fault);
    EXPECT_EQ(check().fault->sequence, 10);
}

TEST_F(AuditTrail, RetentionGoesOnUntilNothingIsTooOldAndLetsEntriesPass) {
    constexpr int old_entries = 52'000;
    record(old_entries, 200);
    audit::Recorder recorder{support::database(), seal_key, {}};
    ASSERT_TRUE(recorder.record(entry_of(tenant, runtime::now()), audit::Need::certain));
    std::uint64_t written_after = 0;
    for (int looks = 0; recorder.counters().retired < old_entries; ++looks) {
        ASSERT_LT(looks, 600) << recorder.counters().retired << " have gone";
        const auto now = recorder.counters();
        if (now.written > 0 && written_after == 0) written_after = now.retired;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    EXPECT_LT(written_after, old_entries) << "an entry waits for one pass, not for all";
    recorder.stop();
    EXPECT_EQ(recorder.counters().overdue_seconds, 0u);
    EXPECT_FALSE(check().fault);
}

TEST_F(AuditTrail, NothingIsDroppedThatNoEntryTellsOf) {
    record(3, 10);
    auto connection = postgres::connect(support::database(), As::appender);
    pqxx::work tx{*connection};
    EXPECT_THROW(tx.exec("select audit.drop_through($1, 2)", pqxx::params{id}),
                 pqxx::insufficient_privilege);
}

TEST_F(AuditTrail, ABatchWhoseAnswerWasLostIsNotAddedTwice) {
    const std::vector<audit::Entry> batch{entry_of(tenant, runtime::now()),
                                          entry_of(tenant, runtime::now())};
    audit::TrailWriter writer{support::database(), seal_key};
    ASSERT_TRUE(writer.write(batch));
    // The same entries by a writer that has lost its connection in the middle of them.
    EXPECT_FALSE(writer.write(batch)) << "a request has one entry";
    EXPECT_TRUE(writer.write(batch));
    EXPECT_EQ(check().entries, 2);
    EXPECT_FALSE(check().fault);
}

TEST_F(AuditTrail, SeveralWritersMakeOneChain) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { record(50); });
    for (auto& thread : threads) thread.join();
    const auto report = check();
    EXPECT_FALSE(report.fault) << report.fault->what;
    EXPECT_EQ(report.entries, 200);
}

TEST_F(AuditTrail, NobodyChangesItAndEachTenantSeesItsOwn) {
    record(2);
    for (const auto as : {As::appender, As::reader, As::projector, As::keyring, As::auditor}) {
        for (const auto* statement :
             {"update audit.access set purpose = 'x'", "delete from audit.access",
              "truncate audit.access", "delete from audit.access_subject",
              "delete from audit.head"}) {
            auto connection = postgres::connect(support::database(), as);
            pqxx::work tx{*connection};
            EXPECT_THROW(tx.exec(statement), pqxx::insufficient_privilege)
                << postgres::role_of(as) << ": " << statement;
        }
    }
    postgres::Reader reader{support::database()};
    const auto count = [&](domain::TenantId asking) {
        return reader
            .query<std::size_t>(
                asking,
                [&](pqxx::transaction_base& tx) -> domain::Result<std::size_t> {
                    return projections::audit::rows_of(tx, tenant, {.limit = 10}).size();
                })
            .value_or(99);
    };
    EXPECT_EQ(count(tenant), 2u);
    EXPECT_EQ(count({support::new_id()}), 0u);
}

TEST_F(AuditTrail, WithoutADatabasePersonalReadsAreWithheldAndOthersQueue) {
    audit::Recorder recorder{{"host=/nonexistent dbname=none"}, seal_key, {.queue_max = 3}};
    const auto now = runtime::now();
    EXPECT_TRUE(recorder.record(entry_of(tenant, now), audit::Need::certain)) << "not yet known";
    constexpr int tries_max = 100;
    for (int i = 0; i < tries_max && recorder.counters().failures == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    EXPECT_FALSE(recorder.record(entry_of(tenant, now), audit::Need::certain));
    EXPECT_EQ(recorder.counters().withheld, 1u);
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(recorder.record(entry_of(tenant, now), audit::Need::best_effort));
    EXPECT_FALSE(recorder.record(entry_of(tenant, now), audit::Need::best_effort));
    EXPECT_EQ(recorder.counters().dropped, 1u);
    recorder.stop();
    EXPECT_EQ(recorder.counters().dropped, 5u) << "what was never written is counted";
}

TEST_F(AuditTrail, StoppingWritesWhatHasQueued) {
    {
        audit::Recorder recorder{support::database(), seal_key, {}};
        for (int i = 0; i < 100; ++i)
            ASSERT_TRUE(recorder.record(entry_of(tenant, runtime::now(), i), audit::Need::certain));
    }
    EXPECT_EQ(check().entries, 100);
}

/// Many correlations of one tenant; the tree of one reads its own events and no more.
TEST(EffectTrace, ReadsByIndexWhatOneRequestSetOff) {
    const auto database = support::fresh_database("effect_trace");
    const domain::TenantId tenant{support::new_id()};
    const auto id = domain::to_text(tenant);
    const auto wanted = support::new_id();
    {
        pqxx::connection admin{support::admin_of(database).url};
        pqxx::work tx{admin};
        tx.exec("insert into log.tenant_lane values ($1, 0)", pqxx::params{id});
        const auto insert = R"sql(
            insert into log.event (position, version, occurred_at, recorded_at, tenant, stream, id,
                                   actor, correlation, causation, command, lane, schema,
                                   actor_kind, category, type, traceparent, hash, data)
            select $3::int + n, 1, now(), now(), $1, gen_random_uuid(), gen_random_uuid(),
                   gen_random_uuid(), coalesce($2::uuid, gen_random_uuid()), c, c, 0, 1, 0, 'test',
                   'test.happened', '', decode(repeat('00', 32), 'hex'), '{}'
              from (select n, gen_random_uuid() as c from generate_series(1, $4::int) as n) n)sql";
        tx.exec(insert, pqxx::params{id, nullptr, 0, 20'000});
        tx.exec(insert, pqxx::params{id, domain::to_text(wanted), 20'000, 1'005});
        // One effect of the first of them, in a correlation of its own.
        tx.exec(R"sql(
            update log.event set causation = (select id from log.event where position = 20001)
             where position = 7)sql");
        tx.commit();
        pqxx::nontransaction upkeep{admin};
        upkeep.exec("analyze log.event");
    }
    // A connection each, because the counts are of the connection.
    const auto read = [&](const domain::Uuid& correlation, std::int64_t& fetched) {
        postgres::Reader reader{database};
        const auto effects = reader.query<projections::Effects>(
            tenant, [&](pqxx::transaction_base& tx) -> domain::Result<projections::Effects> {
                auto found = projections::effects_of(tx, tenant, correlation);
                fetched = tx.exec(
                                "select seq_tup_read + idx_tup_fetch from "
                                "pg_stat_xact_user_tables where relid = 'log.event'::regclass")
                              .one_field()
                              .as<std::int64_t>();
                return found;
            });
        EXPECT_TRUE(effects) << effects.error().detail;
        return effects.value_or(projections::Effects{});
    };
    std::int64_t fetched = 0;
    const auto many = read(wanted, fetched);
    EXPECT_EQ(many.events.size(), 1000u);
    EXPECT_TRUE(many.truncated);
    EXPECT_LE(fetched, 2 * 1'001 + 10);
    std::int64_t few = 0;
    EXPECT_TRUE(read(support::new_id(), few).events.empty());
    EXPECT_LE(few, 1) << "nothing else is read";
    // One that fits whole brings what followed from it elsewhere.
    pqxx::connection admin{support::admin_of(database).url};
    {
        pqxx::work tx{admin};
        tx.exec("update log.event set correlation = gen_random_uuid() where position > 20010");
        tx.commit();
    }
    const auto ten = read(wanted, fetched);
    ASSERT_EQ(ten.events.size(), 11u);
    EXPECT_EQ(ten.events.front().position, 7);
    EXPECT_FALSE(ten.truncated);
    // An auditor may read no payload, and needs none.
    auto auditor = postgres::connect(database, As::auditor);
    pqxx::nontransaction tx{*auditor};
    EXPECT_EQ(projections::effects_of(tx, tenant, wanted).events.size(), 11u);
}

}  // namespace
}  // namespace pg_trail_test
