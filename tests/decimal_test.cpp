#include "domain/base/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace decimal_test {

using domain::Decimal;

TEST(Decimal, KeepsItsText) {
    for (const auto* text : {"0", "1", "-1", "12.50", "0.000000000001", "-0.5", "100000",
                             "999999999999999999", "-999999.999999999999", "0.00"})
        EXPECT_EQ(Decimal::from(text)->text(), text);
}

TEST(Decimal, DropsTheZerosInFront) {
    EXPECT_EQ(Decimal::from("007.10")->text(), "7.10");
    EXPECT_EQ(Decimal::from("-0")->text(), "0");
}

TEST(Decimal, IsRefusedWhenMalformed) {
    for (const auto* text : {"", "-", ".", ".5", "5.", "1.2.3", "+1", "1e3", " 1", "1 ", "--1",
                             "0x1", "1,5", "-.5", "NaN", "inf"})
        EXPECT_FALSE(Decimal::from(text)) << text;
}

TEST(Decimal, IsRefusedWhenTooLongToBeExact) {
    EXPECT_FALSE(Decimal::from("1000000000000000000"));
    EXPECT_FALSE(Decimal::from("1234567.000000000000"));
    EXPECT_FALSE(Decimal::from("0.0000000000001"));
    EXPECT_TRUE(Decimal::from("123456.000000000000"));
    EXPECT_TRUE(Decimal::from("00000000000000000000000001"));
}

TEST(Decimal, ComparesByValueWhateverTheScale) {
    EXPECT_EQ(*Decimal::from("12.5"), *Decimal::from("12.500"));
    EXPECT_LT(*Decimal::from("-2"), *Decimal::from("-1.999999999999"));
    EXPECT_GT(*Decimal::from("999999999999999999"), *Decimal::from("999999.999999999999"));
    EXPECT_EQ(Decimal::whole(12), *Decimal::from("12.00"));
}

TEST(Decimal, IsCloseToItsApproximation) {
    EXPECT_DOUBLE_EQ(Decimal::from("-12.50")->approximate(), -12.5);
    EXPECT_DOUBLE_EQ(Decimal{}.approximate(), 0);
}

RC_GTEST_PROP(DecimalProperty, ReadsBackWhatItWrites, ()) {
    const auto units = *rc::gen::inRange<std::int64_t>(-999'999'999'999, 1'000'000'000'000);
    const auto scale = *rc::gen::inRange<std::size_t>(0, 7);
    auto digits = std::to_string(units < 0 ? -units : units);
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
    const auto text = units < 0 ? "-" + digits : digits;
    RC_ASSERT(Decimal::from(text)->text() == text);
}

RC_GTEST_PROP(DecimalProperty, NeverThrowsOnAnyText, (const std::string& text)) {
    const auto decimal = Decimal::from(text);
    if (decimal) RC_ASSERT(Decimal::from(decimal->text()) == decimal);
}

}  // namespace decimal_test
