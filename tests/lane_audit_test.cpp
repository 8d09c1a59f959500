// A lane told in part: what others have kept of it is compared where it can be, and counted where
// it cannot.
#include "events/lane_audit.hpp"

#include <gtest/gtest.h>

namespace lane_audit_test {
namespace {

TEST(LaneAudit, CountsWhatCouldNotBeCompared) {
    const events::Hash two{2}, one{1};
    events::merkle::Frontier tree;
    tree.append(1, two);
    tree.append(0, one);
    events::LaneAudit audit{0, "log/0", {}};
    audit.expect({{{"log/0", 1, {}}, "w"}, {{"log/0", 3, tree.root()}, "w"}});
    EXPECT_FALSE(audit.gap(3, {two, one}));
    EXPECT_EQ(audit.compared(), 1);
    EXPECT_EQ(audit.passed_over(), 1);
    EXPECT_FALSE(audit.end());

    events::LaneAudit forged{0, "log/0", {}};
    forged.expect({{{"log/0", 3, two}, "w"}});
    ASSERT_TRUE(forged.gap(3, {two, one}));
}

}  // namespace
}  // namespace lane_audit_test
