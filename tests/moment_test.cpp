#include "projections/moment.hpp"

#include <gtest/gtest.h>

namespace moment_test {

using projections::number_from;

TEST(Number, IsDigitsThat63BitsHold) {
    EXPECT_EQ(number_from("0"), 0);
    EXPECT_EQ(number_from("007"), 7);
    EXPECT_EQ(number_from("999999999999999999"), 999'999'999'999'999'999);
    EXPECT_EQ(number_from("9223372036854775807"), INT64_MAX);
    for (const auto* wrong : {"", "-0", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "one",
                              "9223372036854775808", "99999999999999999999"})
        EXPECT_FALSE(number_from(wrong)) << wrong;
}

}  // namespace moment_test
