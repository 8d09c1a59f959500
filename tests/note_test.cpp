// Signed notes, checkpoints and the chain of keys; the first vector is that of C2SP's signed-note.
#include "events/sealing.hpp"

#include <gtest/gtest.h>

namespace note_test {
namespace {

using namespace events;

const std::string origin = "cairn.test/0";

SigningSeed seed_of(unsigned char byte) {
    SigningSeed seed;
    seed.fill(byte);
    return seed;
}

LaneKeys keys_of(const LaneSeeds& seeds) {
    LaneKeys keys;
    for (const auto& [epoch, seed] : seeds) keys.push_back(public_key_of(seed));
    return keys;
}

/// The notes of a log whose keys were rotated to the end of `seeds`.
std::vector<std::string> chain_of(const LaneSeeds& seeds) {
    std::vector<std::string> notes;
    LaneKeys keys;
    for (const auto& [epoch, seed] : seeds) {
        keys.push_back(public_key_of(seed));
        notes.push_back(to_text(*key_note(origin, keys, seeds)));
    }
    return notes;
}

const Checkpoint head{origin, 42, sha256("root")};

TEST(Note, ReadsAndVerifiesTheNoteOfGoSumdb) {
    // From the documentation of golang.org/x/mod/sumdb/note.
    const std::string text =
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdn"
        "gotpRZb6KE6RyyBwJnAM=\n";
    const auto key =
        note_key_from("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    const auto note = note_from(text);
    ASSERT_TRUE(key && note);
    EXPECT_TRUE(is_signed_by(*note, *key));
    EXPECT_EQ(to_text(*note), text);
    EXPECT_EQ(verifier_text(*key, NoteAlgorithm::plain),
              "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
}

TEST(Note, ACosignatureHoldsItsTime) {
    Note note{to_text(head), {}};
    note.lines.push_back(cosign(note, "witness", seed_of(7), 1'679'315'147));
    const NoteKey key{"witness", public_key_of(seed_of(7))};
    EXPECT_EQ(cosigned_at(note, key), 1'679'315'147);
    EXPECT_FALSE(is_signed_by(note, key));
    note.lines[0].bytes[7] ^= 1;
    EXPECT_FALSE(cosigned_at(note, key));
}

TEST(Note, NoByteOfACheckpointCanChange) {
    const LaneSeeds seeds{{1, seed_of(1)}, {2, seed_of(2)}};
    const auto keys = keys_of(seeds);
    const auto text = to_text(signed_checkpoint(head, keys, seeds, 1000));
    ASSERT_TRUE(checked_checkpoint(text, origin, keys));
    EXPECT_EQ(checked_checkpoint(text, origin, keys)->epoch, 2);
    EXPECT_EQ(checked_checkpoint(text, origin, keys)->signed_at, 1000);
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = text;
            changed[at] = static_cast<char>(changed[at] ^ 1 << bit);
            EXPECT_FALSE(checked_checkpoint(changed, origin, keys)) << at << ": " << changed;
        }
        auto shorter = text;
        shorter.erase(at, 1);
        EXPECT_FALSE(checked_checkpoint(shorter, origin, keys)) << at;
    }
    EXPECT_FALSE(checked_checkpoint(text + "\n", origin, keys));
    EXPECT_EQ(checked_checkpoint(text, "cairn.other/0", keys).error(), "checkpoint-origin");
}

TEST(Note, KeysAreRotatedByTheOneBefore) {
    const LaneSeeds seeds{{1, seed_of(1)}, {2, seed_of(2)}, {3, seed_of(3)}};
    EXPECT_EQ(keys_from(origin, chain_of(seeds)), keys_of(seeds));
    // An outsider's key has nobody who vouches for it.
    const LaneSeeds stranger{{1, seed_of(9)}, {2, seed_of(2)}};
    auto mixed = chain_of(seeds);
    mixed[1] = chain_of(stranger)[1];
    EXPECT_FALSE(keys_from(origin, mixed));
    auto skipped = chain_of(seeds);
    skipped.erase(skipped.begin() + 1);
    EXPECT_FALSE(keys_from(origin, skipped));
    EXPECT_FALSE(keys_from("cairn.other/0", chain_of(seeds)));
    EXPECT_FALSE(keys_from(origin, {}));
    // Without the seed of the key before, a new one cannot be made known.
    EXPECT_FALSE(key_note(origin, keys_of(seeds), {{3, seed_of(3)}}));
}

TEST(Note, NoByteOfAKeyNoteCanChange) {
    const auto chain = chain_of({{1, seed_of(1)}, {2, seed_of(2)}});
    for (std::size_t at = 0; at < chain[1].size(); ++at) {
        auto changed = chain;
        changed[1][at] = static_cast<char>(changed[1][at] ^ 4);
        EXPECT_FALSE(keys_from(origin, changed)) << at;
    }
}

TEST(Note, AnOverlapSignsForThoseWhoKnowTheOldKeyOnly) {
    const LaneSeeds seeds{{1, seed_of(1)}, {2, seed_of(2)}};
    const auto note = signed_checkpoint(head, keys_of(seeds), seeds, 1000);
    EXPECT_TRUE(is_signed_by(note, {origin, public_key_of(seed_of(1))}));
    // Later the old seed is gone, and so is its line.
    const auto later = signed_checkpoint(head, keys_of(seeds), {{2, seed_of(2)}}, 1000);
    EXPECT_FALSE(is_signed_by(later, {origin, public_key_of(seed_of(1))}));
    EXPECT_TRUE(checked_checkpoint(to_text(later), origin, keys_of(seeds)));
}

TEST(Note, MalformedNotesAreNone) {
    for (const std::string text :
         {"", "\n", "text\n", "text\n\n", "text\n\n— name\n", "text\n\n— na+me AAAAAAA=\n",
          "text\n\n— name AAAA\n", "text\n\n- name AAAAAAA=\n",
          "text\n\n— name AAAAAAA=", "text\n\n— name AAAAAAB=\n"})
        EXPECT_FALSE(note_from(text)) << text;
    for (const std::string text : {"o\n1\n", "o\n01\nAAAA\n", "\n1\nAAAA\n", "o\n-1\nAAAA\n"})
        EXPECT_FALSE(checkpoint_from(text)) << text;
}

TEST(Note, LeavesDifferInEveryPartOfTheirPlace) {
    const domain::TenantId tenant{{{1, 2, 3}}}, other{{{1, 2, 4}}};
    const auto content = sha256("content");
    const auto leaf = leaf_hash({1, 2, tenant, 3}, content, "trace");
    EXPECT_EQ(leaf, leaf_hash({1, 2, tenant, 3}, content, "trace"));
    EXPECT_NE(leaf, leaf_hash({0, 2, tenant, 3}, content, "trace"));
    EXPECT_NE(leaf, leaf_hash({1, 3, tenant, 3}, content, "trace"));
    EXPECT_NE(leaf, leaf_hash({1, 2, other, 3}, content, "trace"));
    EXPECT_NE(leaf, leaf_hash({1, 2, tenant, 4}, content, "trace"));
    EXPECT_NE(leaf, leaf_hash({1, 2, tenant, 3}, sha256("other"), "trace"));
    EXPECT_NE(leaf, leaf_hash({1, 2, tenant, 3}, content, "trade"));
}

}  // namespace
}  // namespace note_test
