// What a projection on a lane knows of the events it has yet to read.
#include "src/runtime/projector_unit.hpp"

#include <gtest/gtest.h>

#include <array>

namespace projector_unit_test {
namespace {

constexpr std::array<std::string_view, 2> goals{"goal", "goal-health"};

TEST(ProjectorUnit, ReadsWhatIsOfItsCategoriesOrUnknown) {
    projections::Projection board{};
    board.categories = goals;
    const postgres::Categories both{"metric", "goal"}, other{"metric"};
    EXPECT_TRUE(runtime::may_read(board, &both));
    EXPECT_FALSE(runtime::may_read(board, &other));
    EXPECT_TRUE(runtime::may_read(board, nullptr));
}

TEST(ProjectorUnit, IsDueEarlierWhenSomethingMayBeForIt) {
    runtime::Unit unit;
    unit.position = 10;
    unit.not_before_micros = 4;
    unit.gather_until_micros = 16;
    unit.idle_until_micros = 200;
    EXPECT_EQ(unit.due_micros(), 200);
    unit.wanted_to = 11;
    EXPECT_EQ(unit.due_micros(), 16);
    unit.awaited_to = 11;
    EXPECT_EQ(unit.due_micros(), 4);
    unit.position = 11;
    EXPECT_EQ(unit.due_micros(), 200) << "it has been read";
    unit.not_before_micros = 500;
    EXPECT_EQ(unit.due_micros(), 500) << "after a failure it waits in any case";
}

TEST(ProjectorUnit, KnowsItsOwnNewestHeads) {
    runtime::OwnHeads own;
    for (int i = 1; i <= 1000; ++i) own.add(i * 2);
    EXPECT_TRUE(own.contains(2000));
    EXPECT_TRUE(own.contains(1600));
    EXPECT_FALSE(own.contains(1999)) << "another process made it";
    EXPECT_FALSE(own.contains(2)) << "as many as are kept";
}

TEST(ProjectorUnit, KnowsWhenManyEventsCome) {
    runtime::Pace pace;
    EXPECT_FALSE(pace.many(79, 1'000'000));
    EXPECT_FALSE(pace.many(1, 1'100'000)) << "79 in the tenth before";
    EXPECT_FALSE(pace.many(79, 1'199'999)) << "of its own tenth it is judged later";
    EXPECT_TRUE(pace.many(0, 1'200'000)) << "80 in the tenth before";
    EXPECT_FALSE(pace.many(0, 1'300'000));
    pace.many(500, 1'400'000);
    EXPECT_FALSE(pace.many(0, 1'650'000)) << "long ago";
}

}  // namespace
}  // namespace projector_unit_test
