// Values of metrics as exact decimals: rounded, never cut, and refused where they do not fit.
#include "projections/metric_decimal.hpp"

#include <gtest/gtest.h>

namespace metric_decimal_test {
namespace {

std::string exact(std::string_view numeric, int precision = 0) {
    const auto value = projections::metric::exact_of(numeric, precision);
    return value ? value->text() : std::string{value.error().why.slug};
}

TEST(MetricDecimal, IsRoundedAndNotCut) {
    EXPECT_EQ(exact("2.3333333333335"), "2.333333");
    EXPECT_EQ(exact("2.6666666666667"), "2.666667");
    EXPECT_EQ(exact("-2.0000005"), "-2.000001") << "half away from zero";
    EXPECT_EQ(exact("0.9999999"), "1.000000");
    EXPECT_EQ(exact("99.9999999"), "100.000000");
    EXPECT_EQ(exact("12.5"), "12.5");
    EXPECT_EQ(exact("-7"), "-7");
}

TEST(MetricDecimal, HasThePrecisionOfItsMetric) {
    EXPECT_EQ(exact("0.0000004"), "0.000000");
    EXPECT_EQ(exact("0.0000004", 9), "0.0000004");
    EXPECT_EQ(exact("0.0000000046", 9), "0.000000005");
}

TEST(MetricDecimal, GivesUpDecimalsBeforeItGivesUpTheValue) {
    EXPECT_EQ(exact("1234567890123.1234567"), "1234567890123.12346");
    EXPECT_EQ(exact("123456789012345678.9"), "123456789012345679");
    EXPECT_EQ(exact("99999999999999999.96"), "100000000000000000");
    EXPECT_EQ(exact("1234567890123456789"), "value-too-large");
    EXPECT_EQ(exact("999999999999999999.5"), "value-too-large");
}

}  // namespace
}  // namespace metric_decimal_test
