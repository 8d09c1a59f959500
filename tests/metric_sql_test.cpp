// Formulas as SQL: one text, no longer than its bound, which whatever a definition may say keeps.
#include "projections/metric_sql.hpp"

#include <gtest/gtest.h>

namespace metric_sql_test {
namespace {

using domain::formula::parse;
using projections::metric::sql_bytes_max;
using projections::metric::sql_of;

std::string sql(std::string_view formula) {
    return sql_of(*parse(formula), {{"a", "i0.value"}, {"b", "coalesce(i1.value, 0)"}}).value();
}

/// `word` so many times, added up.
std::string sum_of(std::string_view word, int times) {
    std::string sum{word};
    for (int i = 1; i < times; ++i) sum.append("+").append(word);
    return sum;
}

TEST(MetricSql, WritesEachOperation) {
    EXPECT_EQ(sql("-a + b * 2"), "((-i0.value) + (coalesce(i1.value, 0) * 2::numeric))");
    EXPECT_EQ(sql("abs(a - b)"), "abs((i0.value - coalesce(i1.value, 0)))");
    EXPECT_EQ(sql("a / nix"), "(i0.value / nullif(null::numeric, 0))");
    EXPECT_EQ(sql("min(a, 1)"),
              "(select case when count(v) = 2 then min(v) end from unnest(array[i0.value, "
              "1::numeric]) u (v))");
}

TEST(MetricSql, EndsWhereItsBoundIs) {
    const auto formula = parse(sum_of("a", 500));
    EXPECT_TRUE(sql_of(*formula, {{"a", std::string(500, '0')}}));
    const auto refused = sql_of(*formula, {{"a", std::string(530, '0')}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().why, domain::formula::invalid_formula);
    EXPECT_FALSE(sql_of(*parse("a"), {{"a", std::string(sql_bytes_max + 1, '0')}}));
}

TEST(MetricSql, WhatADefinitionMaySayFits) {
    // The longest parts, written out: operations of two on numbers of as many digits as there are.
    const std::string part = "min(1234567890.12345678,1234567890.12345678)";
    const auto parts = domain::formula::parts_of(*parse(part), {});
    const auto bytes = sql(part).size();
    EXPECT_LT((bytes + std::string_view{"coalesce(i1499.value, 0)"}.size()) *
                  domain::formula::parts_max / parts,
              sql_bytes_max);
}

}  // namespace
}  // namespace metric_sql_test
