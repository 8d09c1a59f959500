// The chain's hash covers everything that an entry says, and trees are drawn from what caused what.
#include "projections/effect_tree.hpp"
#include "src/audit/entry.hpp"
#include "tests/support/given.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace audit_entry_test {
namespace {

using audit::Entry;

Entry an_entry() {
    Entry entry;
    entry.tenant = support::id<domain::TenantId>(1);
    entry.at = {1'700'000'000'000'001};
    entry.request = support::id<domain::EventId>(2).value;
    entry.actor = support::id<domain::UserId>(3);
    entry.status = 200;
    entry.role = "owner";
    entry.action = "user.list";
    entry.purpose = "service";
    entry.subjects = "{00000000-0000-0000-0000-000000000003}";
    entry.fields = "{user.email}";
    entry.source = std::string(16, 's');
    return entry;
}

TEST(AuditEntry, EveryPartOfAnEntryIsInItsHash) {
    const std::vector<std::function<void(Entry&)>> changes{
        [](Entry& e) { e.tenant = support::id<domain::TenantId>(9); },
        [](Entry& e) { ++e.at.micros; },
        [](Entry& e) { e.request = support::id<domain::EventId>(9).value; },
        [](Entry& e) { e.command = domain::Uuid{}; },
        [](Entry& e) { e.command = support::id<domain::EventId>(9).value; },
        [](Entry& e) { e.actor = support::id<domain::UserId>(9); },
        [](Entry& e) { e.resource = domain::Uuid{}; },
        [](Entry& e) { e.status = 403; },
        [](Entry& e) { e.role = "staff"; },
        [](Entry& e) { e.action = "user.get"; },
        [](Entry& e) { e.refused = true; },
        [](Entry& e) { e.code = "forbidden"; },
        [](Entry& e) { e.purpose = "audit"; },
        [](Entry& e) { e.subjects = "{}"; },
        [](Entry& e) { e.fields = "{user.email,user.display_name}"; },
        [](Entry& e) { e.source[0] = 't'; },
        [](Entry& e) { e.cut = audit::Cut{}; },
        [](Entry& e) { e.cut = audit::Cut{1, {}}; },
        // The same letters, cut elsewhere.
        [](Entry& e) { e.role = "owneruser", e.action = ".list"; },
    };
    const audit::Link start;
    std::set<events::Hash> hashes{audit::hash_of(an_entry(), start)};
    for (const auto& change : changes) {
        auto entry = an_entry();
        change(entry);
        EXPECT_TRUE(hashes.insert(audit::hash_of(entry, start)).second)
            << "change " << hashes.size() << " is not noticed";
    }
    audit::Link later = start;
    later.hash[31] = 1;
    EXPECT_TRUE(hashes.insert(audit::hash_of(an_entry(), later)).second);
    EXPECT_TRUE(hashes.insert(audit::hash_of(an_entry(), {1, {}})).second);
}

TEST(AuditEntry, TheHashIsWhatItWas) {
    // Worked out by hashlib over the bytes that src/audit/entry.hpp tells of.
    const auto hash = audit::hash_of(an_entry(), {});
    std::string hex;
    for (const auto byte : hash) {
        hex += "0123456789abcdef"[byte >> 4];
        hex += "0123456789abcdef"[byte & 15];
    }
    EXPECT_EQ(hex, "ced7d98a4db9cbe0131bda7d7775d90c576c887f26c88babc2fe08bc99b759fd");
}

projections::Effect effect(int id, int command, int cause, std::string type) {
    projections::Effect effect;
    effect.id = support::id<domain::EventId>(id);
    effect.command = support::id<domain::CommandId>(command);
    effect.causation = support::id<domain::EventId>(cause).value;
    effect.position = id;
    effect.type = std::move(type);
    return effect;
}

TEST(EffectTree, CommandsHangBelowTheEventsThatCausedThem) {
    const auto tree =
        projections::tree_of({effect(1, 100, 100, "ingested"), effect(2, 100, 100, "ingested too"),
                              effect(3, 101, 2, "checked-in"), effect(4, 102, 3, "health-changed"),
                              effect(5, 103, 2, "checked-in too")});
    ASSERT_EQ(tree.size(), 1u);
    ASSERT_EQ(tree[0].events.size(), 2u);
    EXPECT_TRUE(tree[0].events[0].caused.empty());
    const auto& caused = tree[0].events[1].caused;
    ASSERT_EQ(caused.size(), 2u);
    EXPECT_EQ(caused[0].events[0].event.type, "checked-in");
    EXPECT_EQ(caused[1].events[0].event.type, "checked-in too");
    ASSERT_EQ(caused[0].events[0].caused.size(), 1u);
    EXPECT_EQ(caused[0].events[0].caused[0].events[0].event.type, "health-changed");
}

TEST(EffectTree, WhatClaimsALaterOrUnknownCauseStandsAtTheTop) {
    const auto tree = projections::tree_of(
        {effect(1, 100, 2, "a"), effect(2, 101, 1, "b"), effect(3, 102, 77, "c")});
    ASSERT_EQ(tree.size(), 2u);
    EXPECT_EQ(tree[0].events[0].caused.size(), 1u);
    EXPECT_EQ(tree[1].events[0].event.type, "c");
}

}  // namespace
}  // namespace audit_entry_test
