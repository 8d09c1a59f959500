// The sealer: what it makes is provable, it goes on where it stopped, and it never signs what
// contradicts itself.
#include "tests/support/tampered_log.hpp"

#include "projections/lane_tree.hpp"
#include "src/postgres/signed_heads.hpp"

#include <gtest/gtest.h>

namespace sealing_test {
namespace {

using support::TamperedLog;

std::string found_in(const postgres::LaneReport& report) {
    if (!report.finding) return "nothing";
    return report.finding->rule + " at " + std::to_string(report.finding->position) + " " +
           report.finding->detail;
}

TEST(Sealing, BytesAreReadAsPostgreSQLWritesThemOrNotAtAll) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    const auto written = tx.exec("select $1::bytea", pqxx::params{pqxx::binary_cast(all)});
    EXPECT_EQ(projections::bytes_of(written[0][0].view()), all);
    EXPECT_EQ(projections::bytes_of("\\x"), "");
    for (const auto* wrong : {"", "\\", "00ff", "\\x0", "\\x0g", "\\xAB", "\\x 0"})
        EXPECT_THROW(projections::bytes_of(wrong), pqxx::conversion_error) << wrong;
}

TEST(Sealing, ProofsFromTheStoredTreeAreTrueAtEverySize) {
    constexpr std::int64_t log_events = 300;  // more than one whole subtree of 256
    TamperedLog log{"stored_tree", log_events, 50};
    pqxx::nontransaction tx{log.admin()};
    std::vector<events::Hash> roots{events::merkle::empty_root()}, leaves;
    events::merkle::Frontier tree;
    for (std::int64_t at = 0; at < log_events; ++at) {
        leaves.push_back(projections::range_roots(tx, log.lane(), {{at, at + 1}}).value().front());
        tree.append(leaves.back());
        roots.push_back(tree.root());
    }
    for (std::int64_t size = 1; size <= log_events; size += 13) {
        for (std::int64_t at = 0; at < size; at += 11) {
            const auto inclusion = projections::inclusion_proof(tx, log.lane(), at, size);
            ASSERT_TRUE(inclusion);
            const auto& root = roots[static_cast<std::size_t>(size)];
            EXPECT_TRUE(events::merkle::includes(leaves[static_cast<std::size_t>(at)], at, size,
                                                 *inclusion, root));
            const auto consistency = projections::consistency_proof(tx, log.lane(), at, size);
            ASSERT_TRUE(consistency);
            EXPECT_TRUE(events::merkle::extends(at, roots[static_cast<std::size_t>(at)], size,
                                                roots[static_cast<std::size_t>(size)],
                                                *consistency));
        }
    }
}

TEST(Sealing, ASealerGoesOnWhereAnotherStoppedAndBeatsWhenNothingHappens) {
    TamperedLog log{"sealer", 700, 333};
    EXPECT_EQ(log.as_it_is().checkpoints, 3);
    log.seal(700);  // 34 seconds after the last checkpoint: nothing to say
    EXPECT_EQ(log.as_it_is().checkpoints, 3);
    log.seal(726 + 60);
    EXPECT_EQ(log.as_it_is().checkpoints, 4);
    log.append(5);
    // A clock that steps back does not take checkpoints with it.
    log.seal(10);
    const auto report = log.as_it_is();
    EXPECT_EQ(found_in(report), "nothing");
    EXPECT_EQ(report.checkpoints, 5);
    EXPECT_EQ(report.sealed, 705);
}

TEST(Sealing, KeysRotateAndAnOldOneNoLongerSigns) {
    TamperedLog log{"rotation", 40, 20};
    const auto old = log.keys();
    log.rotate(50);
    log.append(10);
    log.seal(100);
    EXPECT_EQ(found_in(log.as_it_is()), "nothing");
    // A holder of the first key accepts the log that a newer key signs; and the other way round.
    log.trust(2);
    EXPECT_EQ(found_in(log.as_it_is()), "nothing");
    // Whoever has stolen the old key cannot sign what comes after the new one.
    const auto report = log.after([&](pqxx::transaction_base& tx) {
        const auto rows = tx.exec("select note from integrity.checkpoint where size = 50");
        const auto head = events::checkpoint_from(
            events::note_from(projections::bytes_of(rows[0][0].view()))->text);
        const auto seeds = postgres::lane_seeds(old, log.lane());
        const auto note = events::to_text(events::signed_checkpoint(
            *head, {events::public_key_of(seeds.at(1))}, seeds, 1'767'225'800));
        tx.exec("insert into integrity.checkpoint values ($1, 50, to_timestamp(1767225800), $2)",
                pqxx::params{log.lane(), pqxx::binary_cast(note)});
    });
    ASSERT_TRUE(report.finding);
    EXPECT_EQ(report.finding->rule, "checkpoint-key");
    // Other keys than those published do not seal.
    auto strangers = security::next_sealing({{{0, {}}}});
    strangers.keys.erase(0);
    postgres::Sealing other{log.database(), [&] { return strangers; }};
    const auto round = other.round({1'767'225'900'000'000});
    ASSERT_FALSE(round);
    EXPECT_EQ(round.error().why, postgres::sealing_keys_differ);
}

TEST(Sealing, AStolenKeyDoesNotOutliveItsRotation) {
    TamperedLog log{"stolen", 40, 20};
    const auto stolen = log.keys();
    log.rotate(50);
    log.trust(2);
    EXPECT_EQ(found_in(log.as_it_is()), "nothing") << "the new key has signed at once";
    // Signed with the first key throughout, as if there were no other.
    const auto report = log.after([&](pqxx::transaction_base& tx) {
        tx.exec("delete from integrity.checkpoint where signed_at > to_timestamp(1767225600 + 45)");
        support::rewrite(tx, log, 30, &stolen);
    });
    ASSERT_TRUE(report.finding);
    EXPECT_EQ(report.finding->rule, "checkpoint-key");
}

/// Takes away all that was sealed after the first batch, as one with every right in PostgreSQL.
void forget_seals(TamperedLog& log, bool and_change_an_event) {
    pqxx::work tx{log.admin()};
    if (and_change_an_event) support::rewrite(tx, log, 30, nullptr);
    tx.exec("delete from integrity.checkpoint where size > 20");
    tx.exec("delete from integrity.seal where first_position > 20");
    tx.commit();
}

TEST(Sealing, WhatWasSignedOnceIsNotSignedOtherwise) {
    TamperedLog log{"remembered", 20, 20};
    const auto secrets = support::directory() / "remembered";
    std::filesystem::create_directories(secrets);
    const auto keys = [&] { return log.keys(); };
    const domain::Instant now{1'767'225'900'000'000};
    log.append(20);
    {
        postgres::Sealing sealing{log.database(), keys, secrets};
        ASSERT_TRUE(sealing.round(now));
        // Seals that went with a crash are made again.
        forget_seals(log, false);
        ASSERT_TRUE(sealing.round(now));
        EXPECT_EQ(found_in(log.as_it_is()), "nothing");
        log.append(5);
        forget_seals(log, true);
        const auto round = sealing.round(now);
        ASSERT_FALSE(round);
        EXPECT_EQ(round.error().why, postgres::sealing_halted);
        EXPECT_EQ(log.as_it_is().sealed, 20);
    }
    {
        postgres::Sealing after_a_restart{log.database(), keys, secrets};
        const auto round = after_a_restart.round(now);
        ASSERT_FALSE(round);
        EXPECT_TRUE(round.error().detail.contains("signed at 40")) << round.error().detail;
        EXPECT_TRUE(round.error().detail.contains(secrets.string())) << round.error().detail;
    }
    {
        pqxx::work tx{log.admin()};
        tx.exec("delete from log.event where position > 30");
        tx.exec("update log.lane_head set position = 30 where position > 30");
        tx.commit();
    }
    postgres::Sealing of_a_cut_log{log.database(), keys, secrets};
    const auto round = of_a_cut_log.round(now);
    ASSERT_FALSE(round);
    EXPECT_TRUE(round.error().detail.contains("fewer events")) << round.error().detail;
    // An operator who has restored a backup says so.
    std::filesystem::remove(postgres::signed_heads_file(secrets));
    postgres::Sealing anew{log.database(), keys, secrets};
    EXPECT_TRUE(anew.round(now));
}

TEST(Sealing, ALaneWithoutAnySealIsNotANewOne) {
    TamperedLog log{"bare", 20, 20};
    const auto secrets = support::directory() / "bare";
    std::filesystem::create_directories(secrets);
    const auto keys = [&] { return log.keys(); };
    const domain::Instant now{1'767'225'900'000'000};
    log.append(5);
    postgres::Sealing sealing{log.database(), keys, secrets};
    ASSERT_TRUE(sealing.round(now));
    {
        pqxx::work tx{log.admin()};
        support::rewrite(tx, log, 10, nullptr);
        tx.exec("delete from integrity.checkpoint");
        tx.exec("delete from integrity.seal");
        tx.commit();
    }
    EXPECT_FALSE(sealing.round(now));
    EXPECT_FALSE(sealing.round(now)) << "nor when it is asked again";
    postgres::Sealing after_a_restart{log.database(), keys, secrets};
    EXPECT_FALSE(after_a_restart.round(now));
    EXPECT_EQ(log.as_it_is().sealed, 0);
}

TEST(Sealing, SealsThatWereTakenAwayAreMissed) {
    TamperedLog log{"no_seals", 40, 20};
    forget_seals(log, true);
    EXPECT_EQ(found_in(log.as_it_is()), "nothing") << "events of late wait for their seal";
    log.options().unsealed_seconds_max = -1;
    ASSERT_TRUE(log.as_it_is().finding);
    EXPECT_EQ(log.as_it_is().finding->rule, "seal-missing");
    EXPECT_EQ(log.as_it_is().finding->position, 21);
}

TEST(Sealing, HeartbeatsOfOneSizeDoNotAddUp) {
    TamperedLog log{"heartbeats", 20, 20};
    for (int minute = 1; minute <= 5; ++minute) log.seal(minute * 60);
    EXPECT_EQ(log.as_it_is().checkpoints, 2) << "the first and the newest";
    EXPECT_EQ(found_in(log.as_it_is()), "nothing");
}

TEST(Sealing, ATamperedTreeIsNotSignedOnTopOf) {
    TamperedLog log{"halted", 40, 20};
    {
        pqxx::work tx{log.admin()};
        tx.exec(
            "update integrity.seal set leaves = set_byte(leaves, 5, get_byte(leaves, 5) # 1) "
            "where first_position = 1");
        tx.commit();
    }
    log.append(1);
    postgres::Sealing sealing{log.database(), [&] { return log.keys(); }};
    const auto round = sealing.round({1'767'225'900'000'000});
    ASSERT_FALSE(round);
    EXPECT_EQ(round.error().why, postgres::sealing_halted);
}

TEST(Sealing, ARoundOfWholeBatchesLeavesTheRestForTheNextOne) {
    TamperedLog log{"whole_batches", 10, 10};
    postgres::Sealing sealing{log.database(), [&] { return log.keys(); }};
    const domain::Instant now{1'767'225'900'000'000};
    log.append(projections::seal_events_max - 1);
    EXPECT_EQ(sealing.round(now, postgres::Batches::whole)->sealed, 0);
    log.append(2);
    EXPECT_EQ(sealing.round(now, postgres::Batches::whole)->sealed, projections::seal_events_max);
    EXPECT_EQ(log.as_it_is().sealed, 10 + projections::seal_events_max);
    EXPECT_EQ(sealing.round(now, postgres::Batches::all)->sealed, 1);
    EXPECT_EQ(found_in(log.as_it_is()), "nothing");
}

TEST(Sealing, OfTwoSealersOneWorks) {
    TamperedLog log{"two_sealers", 10, 10};
    log.append(10);
    const auto keys = [&] { return log.keys(); };
    postgres::Sealing first{log.database(), keys}, second{log.database(), keys};
    const domain::Instant now{1'767'225'900'000'000};
    const auto one = first.round(now), two = second.round(now);
    ASSERT_TRUE(one && two);
    EXPECT_TRUE(one->ours);
    EXPECT_EQ(one->sealed, 10);
    EXPECT_FALSE(two->ours);
    EXPECT_EQ(found_in(log.as_it_is()), "nothing");
}

TEST(Sealing, NobodyChangesWhatIsSealedAndTheSealerSeesNoPayload) {
    using postgres::As;
    for (const auto as : {As::sealer, As::auditor, As::reader, As::projector, As::appender}) {
        for (const auto* statement :
             {"update integrity.seal set events = 1", "delete from integrity.seal",
              "truncate integrity.seal", "update integrity.checkpoint set note = ''",
              "delete from integrity.checkpoint", "update integrity.subtree set hash = ''",
              "delete from integrity.signing_key", "update integrity.log set name = 'x'"}) {
            auto connection = postgres::connect(support::database(), as);
            pqxx::work tx{*connection};
            EXPECT_THROW(tx.exec(statement), pqxx::insufficient_privilege)
                << postgres::role_of(as) << ": " << statement;
        }
    }
    for (const auto* statement :
         {"select data from log.event limit 1", "select actor from log.event limit 1"}) {
        auto connection = postgres::connect(support::database(), As::sealer);
        pqxx::work tx{*connection};
        EXPECT_THROW(tx.exec(statement), pqxx::insufficient_privilege);
    }
    // A request role does not learn who else is in a lane.
    auto connection = postgres::connect(support::database(), As::reader);
    pqxx::work tx{*connection};
    EXPECT_THROW(tx.exec("select tenants from integrity.seal limit 1"),
                 pqxx::insufficient_privilege);
}

}  // namespace
}  // namespace sealing_test
