// Formulas: what is understood, what is refused and where, and which units come out.
#include "domain/formula.hpp"

#include <gtest/gtest.h>

namespace formula_test {
namespace {

using namespace domain::formula;

std::string refusal_of(std::string_view text) {
    const auto parsed = parse(text);
    return parsed ? "" : parsed.error().detail;
}

std::string unit_of_text(std::string_view text) {
    const std::map<std::string, Unit, std::less<>> units{{"revenue", unit_from("USD")},
                                                         {"cost", unit_from("USD")},
                                                         {"covers", unit_from("count")},
                                                         {"hours", unit_from("h")},
                                                         {"share", unit_from("ratio")}};
    const auto unit = unit_of(*parse(text), units);
    return unit ? to_text(*unit) : unit.error().detail;
}

TEST(Formula, BindsProductsBeforeSums) {
    const auto sum = parse("a + b * -c");
    ASSERT_TRUE(sum);
    EXPECT_EQ(sum->operation, Operation::add);
    EXPECT_EQ(sum->operands[1].operation, Operation::multiply);
    EXPECT_EQ(sum->operands[1].operands[1].operation, Operation::negate);
    const auto left = parse("a - b - c");
    EXPECT_EQ(left->operands[0].operation, Operation::subtract) << "from the left";
    EXPECT_EQ(parse("(a + b) * c")->operation, Operation::multiply);
}

TEST(Formula, NamesItsInputsOnceInTheirOrder) {
    EXPECT_EQ(inputs(*parse("safe_div(revenue - cost, revenue) * 100")),
              (std::vector<std::string>{"revenue", "cost"}));
}

TEST(Formula, CountsItsPartsAsIfItsInputsWereWrittenOut) {
    const auto parsed = parse("a + -b * 2");
    EXPECT_EQ(parts_of(*parsed, {}), 6u);
    EXPECT_EQ(parts_of(*parsed, {{"a", 10}, {"b", 100}}), 114u);
    EXPECT_EQ(parts_of(*parsed, {{"a", parts_max}, {"b", parts_max}}), parts_max + 1);
}

TEST(Formula, SaysWhereItIsNotUnderstood) {
    EXPECT_EQ(refusal_of("a +"), "At byte 4: the formula ends too early.");
    EXPECT_EQ(refusal_of("a b"), "At byte 3: expected an operator.");
    EXPECT_EQ(refusal_of("(a"), "At byte 3: expected ).");
    EXPECT_EQ(refusal_of("1.2.3"), "At byte 6: this is no exact decimal.");
    EXPECT_EQ(refusal_of("nix(a)"), "At byte 5: there is no function nix.");
    EXPECT_EQ(refusal_of("min(a)"), "At byte 7: min takes 2 values.");
    EXPECT_EQ(refusal_of("a; drop table x"), "At byte 2: expected an operator.");
    EXPECT_FALSE(parse(std::string(100, '(') + "a" + std::string(100, ')'))) << "bounded depth";
    EXPECT_FALSE(parse(std::string(2000, 'a')));
}

TEST(Formula, KnowsTheUnitOfItsResult) {
    EXPECT_EQ(unit_of_text("revenue / covers"), "USD/count");
    EXPECT_EQ(unit_of_text("(revenue - cost) / revenue"), "ratio");
    EXPECT_EQ(unit_of_text("revenue / hours * hours"), "USD");
    EXPECT_EQ(unit_of_text("revenue * share"), "USD");
    EXPECT_EQ(unit_of_text("max(revenue, 0)"), "USD") << "a plain number fits beside any unit";
    EXPECT_EQ(unit_of_text("1 / hours"), "ratio/h");
    EXPECT_EQ(unit_of_text("2*3 + revenue"), "USD") << "numbers fold";
    EXPECT_EQ(unit_of_text("max(revenue, abs(-(2 + 1) / 4))"), "USD");
}

TEST(Formula, RefusesUnitsThatDoNotGoTogether) {
    EXPECT_EQ(unit_of_text("revenue + covers"), "USD and count do not go together.");
    EXPECT_EQ(unit_of_text("min(revenue, hours)"), "USD and h do not go together.");
    EXPECT_EQ(unit_of_text("2*share*hours + revenue"), "h and USD do not go together.");
    EXPECT_EQ(unit_of_text("revenue + nix"), "There is no metric nix.");
}

}  // namespace
}  // namespace formula_test
