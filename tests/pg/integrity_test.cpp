// Whoever has every right in PostgreSQL changes the log: it is noticed, and the place is named.
#include "tests/support/flips.hpp"

#include "projections/columns.hpp"
#include "projections/lane_tree.hpp"

#include <gtest/gtest.h>

#include <set>

namespace integrity_test {
namespace {

using support::bytes_in;
using support::changes_of;
using support::columns_of;
using support::rewrite;
using support::TamperedLog;

constexpr int log_events = 300;  // more than one whole subtree of 256
constexpr int seal_events = 50;

TamperedLog& shared_log() {
    static TamperedLog log{"integrity", log_events, seal_events};
    return log;
}

/// Where `sql` is found out; 0 when it is not.
std::int64_t found_at(const std::string& sql) {
    const auto report = shared_log().after(sql);
    return report && report->finding ? report->finding->position : 0;
}

std::string rule_after(const std::string& sql) {
    const auto report = shared_log().after(sql);
    if (!report) return "refused by PostgreSQL";
    return report->finding ? report->finding->rule : "not found";
}

struct Tally {
    int tried = 0, refused = 0, missed = 0;
};

/// Tries all changes of all columns of one row; `named` says whether the place is right.
Tally flip_all(const std::string& table, const std::string& where,
               const std::function<bool(const events::Finding&, const std::string&)>& named) {
    Tally tally;
    std::set<std::string> never;
    for (const auto& column : columns_of(shared_log(), table)) {
        int changed = 0;
        // Of long rows of hashes some bytes here; Sweep.* goes through all of them.
        const auto size = bytes_in(shared_log(), table, column, where);
        for (const auto& change : changes_of(column.name, column.type, size, size > 200 ? 16 : 1)) {
            std::string sql = "update ";
            sql.append(table).append(" set ").append(column.name).append(" = ");
            sql.append(change).append(" where ").append(where);
            const auto report = shared_log().after(sql);
            ++tally.tried;
            if (!report) {
                ++tally.refused;
                continue;
            }
            ++changed;
            if (report->finding && named(*report->finding, column.name)) continue;
            ++tally.missed;
            ADD_FAILURE() << (report->finding ? "named " + report->finding->rule + " at " +
                                                    std::to_string(report->finding->position)
                                              : std::string{"not found"})
                          << ": " << sql;
        }
        EXPECT_GT(changed, 0) << table << "." << column.name << " was never changed";
    }
    return tally;
}

std::string in_lane(const std::string& more) {
    return "lane = " + std::to_string(shared_log().lane()) + " and " + more;
}

TEST(Integrity, AnUntouchedLogHasNoFinding) {
    const auto report = shared_log().as_it_is();
    EXPECT_FALSE(report.finding) << report.finding->rule << " at " << report.finding->position
                                 << " " << report.finding->detail;
    EXPECT_EQ(report.events, log_events);
    EXPECT_EQ(report.sealed, log_events);
    EXPECT_EQ(report.checkpoints, log_events / seal_events);
}

TEST(Integrity, EveryByteOfEveryColumnOfAnEvent) {
    const auto tally = flip_all(
        "log.event", in_lane("position = 128"),
        [](const events::Finding& found, const std::string&) { return found.position == 128; });
    EXPECT_EQ(tally.missed, 0);
    // Keys and the form of JSON refuse some; most have to go through.
    EXPECT_LT(tally.refused * 4, tally.tried);
    EXPECT_GT(tally.tried, 500);
}

TEST(Integrity, OneBitOfOneColumnOfEveryEvent) {
    const auto columns = columns_of(shared_log(), "log.event");
    for (std::int64_t position = 1; position <= log_events; ++position) {
        const auto where = in_lane("position = " + std::to_string(position));
        const auto& column = columns[static_cast<std::size_t>(position) % columns.size()];
        const auto changes = changes_of(column.name, column.type,
                                        bytes_in(shared_log(), "log.event", column, where), 1);
        // The first change from a place of its own that PostgreSQL takes.
        bool changed = false;
        for (std::size_t i = 0; i < changes.size() && !changed; ++i) {
            const auto& change = changes[(i + static_cast<std::size_t>(position)) % changes.size()];
            std::string sql = "update log.event set ";
            sql.append(column.name).append(" = ").append(change).append(" where ").append(where);
            const auto report = shared_log().after(sql);
            if (!report) continue;
            changed = true;
            ASSERT_TRUE(report->finding) << sql;
            EXPECT_EQ(report->finding->position, position) << sql;
        }
        EXPECT_TRUE(changed) << column.name << " of " << position;
    }
}

TEST(Integrity, EveryColumnOfSealsSubtreesCheckpointsAndKeys) {
    const auto inside = [](std::int64_t from, std::int64_t to) {
        // A row that is moved is found where it stands now, if that is earlier.
        return [=](const events::Finding& found, const std::string& column) {
            const bool moved = column == "first_position" || column == "size";
            return found.position >= (moved ? 1 : from) && found.position <= to;
        };
    };
    EXPECT_EQ(
        flip_all("integrity.seal", in_lane("first_position = 101"), inside(101, 101 + seal_events))
            .missed,
        0);
    EXPECT_EQ(flip_all("integrity.subtree", in_lane("level = 8"), inside(1, log_events)).missed, 0);
    EXPECT_EQ(flip_all("integrity.checkpoint", in_lane("size = 300"),
                       inside(log_events - seal_events + 1, log_events))
                  .missed,
              0);
    EXPECT_EQ(flip_all("integrity.signing_key", in_lane("epoch = 1"), inside(1, 1)).missed, 0);
    EXPECT_EQ(flip_all("integrity.log", "name <> ''", inside(1, 1)).missed, 0);
    EXPECT_EQ(flip_all("log.lane_head", in_lane("true"), inside(1, log_events + 1)).missed, 0);
}

TEST(Integrity, DeletedInsertedAndSwappedEvents) {
    EXPECT_EQ(found_at("delete from log.event where " + in_lane("position = 77")), 77);
    EXPECT_EQ(found_at("delete from log.event where " + in_lane("position > 211")), 212);
    EXPECT_EQ(found_at("delete from log.event where " + in_lane("true")), 1);
    // Closing the gap behind a deleted event does not help.
    const auto moved = shared_log().after([&](pqxx::transaction_base& tx) {
        tx.exec("delete from log.event where " + in_lane("position = 300"));
        tx.exec("update log.event set position = 300 where " + in_lane("position = 40"));
    });
    ASSERT_TRUE(moved.finding);
    EXPECT_EQ(moved.finding->position, 40);
    const auto columns =
        "version, occurred_at, recorded_at, tenant, stream, id, actor, correlation, causation, "
        "command, lane, schema, actor_kind, category, type, traceparent, hash, data";
    const auto copy = [&](const std::string& changed, const std::string& position) {
        return std::string{"insert into log.event (position, "} + columns + ") select " + position +
               ", " + changed + " from log.event where " + in_lane("position = 60");
    };
    std::string later = columns;
    later.replace(0, 7, "version + 1000");
    EXPECT_EQ(found_at(copy(later, "301")), 301);
    EXPECT_EQ(rule_after(copy(later, "-5")), "position-stray");
    // Two events change places: every hash of content stays right.
    for (const auto& [a, b] : {std::pair{20, 21}, std::pair{3, 299}}) {
        const auto x = std::to_string(a), y = std::to_string(b);
        EXPECT_EQ(shared_log()
                      .after([&](pqxx::transaction_base& tx) {
                          for (const auto& [from, to] :
                               {std::pair{x, std::string{"1000"}}, {y, x}, {"1000", y}})
                              tx.exec("update log.event set position = " + to + " where " +
                                      in_lane("position = " + from));
                      })
                      .finding.value_or(events::Finding{})
                      .position,
                  a);
    }
}

TEST(Integrity, DeletedAndMovedSealsSubtreesAndCheckpoints) {
    EXPECT_EQ(found_at("delete from integrity.seal where " + in_lane("first_position = 101")), 101);
    EXPECT_EQ(found_at("delete from integrity.seal where " + in_lane("first_position = 251")), 300);
    EXPECT_EQ(found_at("delete from integrity.checkpoint where " + in_lane("size = 150")), 150);
    EXPECT_EQ(found_at("delete from integrity.checkpoint where " + in_lane("size = 300")), 300);
    EXPECT_EQ(rule_after("delete from integrity.subtree where " + in_lane("true")), "subtree");
    EXPECT_EQ(rule_after("delete from integrity.signing_key where " + in_lane("true")),
              "key-untrusted");
    EXPECT_EQ(rule_after("insert into integrity.checkpoint select lane, 120, signed_at, note from "
                         "integrity.checkpoint where " +
                         in_lane("size = 100")),
              "checkpoint-size");
    EXPECT_EQ(rule_after("insert into integrity.subtree select lane, 8, 1, hash from "
                         "integrity.subtree where " +
                         in_lane("true")),
              "subtree");
}

TEST(Integrity, BooksThatDisagreeWithTheEvents) {
    EXPECT_EQ(rule_after("update log.stream set version = version + 1 where id = (select id from "
                         "log.stream where " +
                         in_lane("true") + " limit 1)"),
              "stream-head");
    EXPECT_EQ(rule_after("delete from log.stream where id = (select id from log.stream where " +
                         in_lane("true") + " limit 1)"),
              "stream-head");
    EXPECT_EQ(
        rule_after("update log.tenant_lane set lane = 1 - least(lane, 1) where " + in_lane("true")),
        "tenant-lane");
    EXPECT_EQ(found_at("update log.lane_head set position = 299 where " + in_lane("true")), 300);
    EXPECT_EQ(found_at("update log.lane_head set position = 301 where " + in_lane("true")), 301);
    EXPECT_EQ(rule_after("insert into log.event (position, version, occurred_at, recorded_at, "
                         "tenant, stream, id, actor, correlation, causation, command, lane, "
                         "schema, actor_kind, category, type, traceparent, hash, data) "
                         "select 1, 5000, occurred_at, recorded_at, tenant, stream, id, actor, "
                         "correlation, causation, command, 77, schema, actor_kind, category, type, "
                         "traceparent, hash, data from log.event where " +
                         in_lane("position = 60")),
              "content-hash");
}

// ---- Somebody who knows how it is made.

TEST(Integrity, ARewriteWithoutTheKeyFailsAtTheNextCheckpoint) {
    for (const std::int64_t position : {1, 49, 50, 51, 200, 251, 300}) {
        const auto report = shared_log().after(
            [&](pqxx::transaction_base& tx) { rewrite(tx, shared_log(), position, nullptr); });
        ASSERT_TRUE(report.finding) << position;
        EXPECT_EQ(report.finding->rule, "checkpoint-root");
        EXPECT_LE(report.finding->position, position);
        EXPECT_GE(report.finding->until, position);
        EXPECT_LT(report.finding->until - report.finding->position, seal_events);
    }
}

TEST(Integrity, ARewriteWithAKeyOfOnesOwnFailsAtTheSignature) {
    auto own = security::next_sealing({{{0, {}}}});
    own.keys.erase(0);
    const auto report = shared_log().after(
        [&](pqxx::transaction_base& tx) { rewrite(tx, shared_log(), 130, &own); });
    ASSERT_TRUE(report.finding);
    EXPECT_EQ(report.finding->rule, "checkpoint-signature");
    // With the chain of keys rewritten too, nobody knows the keys.
    const auto chained = shared_log().after([&](pqxx::transaction_base& tx) {
        rewrite(tx, shared_log(), 130, &own);
        const auto seeds = postgres::lane_seeds(own, shared_log().lane());
        const auto note = events::to_text(
            *events::key_note(shared_log().origin(), {events::public_key_of(seeds.at(1))}, seeds));
        tx.exec("update integrity.signing_key set note = $1 where lane = $2",
                pqxx::params{pqxx::binary_cast(note), shared_log().lane()});
    });
    ASSERT_TRUE(chained.finding);
    EXPECT_EQ(chained.finding->rule, "key-untrusted");
}

TEST(Integrity, AStolenKeyIsCaughtByWhatAWitnessHasKept) {
    auto& log = shared_log();
    std::vector<events::Kept> kept;
    {
        pqxx::nontransaction tx{log.admin()};
        for (const auto& row : tx.exec("select note from integrity.checkpoint where lane = " +
                                       std::to_string(log.lane())))
            kept.push_back({*events::checkpoint_from(
                                events::note_from(projections::bytes_of(row[0].view()))->text),
                            "a witness"});
    }
    const auto forge = [&](pqxx::transaction_base& tx) { rewrite(tx, log, 130, &log.keys()); };
    // The log alone cannot tell: that is what the witness is for.
    EXPECT_FALSE(log.after(forge).finding);
    log.options().kept = kept;
    EXPECT_FALSE(log.as_it_is().finding);
    const auto report = log.after(forge);
    ASSERT_TRUE(report.finding);
    EXPECT_EQ(report.finding->rule, "witness-root");
    EXPECT_EQ(report.finding->position, 101);
    EXPECT_EQ(report.finding->until, 150);
    // Cut off at a checkpoint, everything agrees but the witness.
    const auto cut = log.after([&](pqxx::transaction_base& tx) {
        const auto lane = std::to_string(log.lane());
        tx.exec("delete from log.event where lane = " + lane + " and position > 200");
        tx.exec("delete from integrity.seal where lane = " + lane + " and first_position > 200");
        tx.exec("delete from integrity.checkpoint where lane = " + lane + " and size > 200");
        tx.exec("delete from integrity.subtree where lane = " + lane);
        tx.exec("update log.lane_head set position = 200 where lane = " + lane);
    });
    log.options().kept.clear();
    ASSERT_TRUE(cut.finding);
    EXPECT_EQ(cut.finding->rule, "witness-ahead");
    EXPECT_EQ(cut.finding->position, 201);
}

}  // namespace
}  // namespace integrity_test
