// Columns in binary form mean to PostgreSQL what their values mean to us.
#include "projections/columns.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <random>

namespace columns_test {
namespace {

using namespace projections;

/// The elements as PostgreSQL prints them; "-" for NULL.
template <class T>
std::vector<std::string> printed(const Column<T>& column, const std::string& type) {
    pqxx::connection connection{support::admin_database().url};
    pqxx::nontransaction tx{connection};
    tx.exec("set timezone = 'UTC'");
    std::vector<std::string> texts;
    for (const auto& row : tx.exec("select coalesce(v::text, '-') from unnest($1::" + type +
                                       "[]) with ordinality as u (v, at) order by at",
                                   pqxx::params{column.bound()}))
        texts.push_back(row[0].as<std::string>());
    return texts;
}

using Printed = std::vector<std::string>;

TEST(Columns, KeepWholeNumbersAndTruth) {
    SmallInts small;
    small.push_back(std::int16_t{-32768});
    Ints ints;
    ints.push_back(-1);
    ints.push_back(std::optional<std::int32_t>{});
    BigInts big;
    big.push_back(std::int64_t{9'007'199'254'740'993});
    Bools bools;
    bools.push_back(true);
    bools.push_back(false);
    EXPECT_EQ(printed(small, "smallint"), Printed{"-32768"});
    EXPECT_EQ(printed(ints, "int"), (Printed{"-1", "-"}));
    EXPECT_EQ(printed(big, "bigint"), Printed{"9007199254740993"});
    EXPECT_EQ(printed(bools, "boolean"), (Printed{"true", "false"}));
}

TEST(Columns, KeepTextsIdsAndBytes) {
    Texts texts;
    texts.push_back("Caf\xc3\xa9 \"{NULL},\\");
    texts.push_back("");
    texts.push_back(unless_empty(""));
    Uuids ids;
    ids.push_back(*domain::uuid_from("01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9"));
    Byteas bytes;
    bytes.push_back(Bytea{{"\0\xff", 2}});
    Jsons jsons;
    jsons.push_back(Json{R"({ "a" : 1 })"});
    Jsonbs jsonbs;
    jsonbs.push_back(Jsonb{R"({ "b":1,"a" : 1.50 })"});
    EXPECT_EQ(printed(texts, "text"), (Printed{"Caf\xc3\xa9 \"{NULL},\\", "", "-"}));
    EXPECT_EQ(printed(ids, "uuid"), Printed{"01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9"});
    EXPECT_EQ(printed(bytes, "bytea"), Printed{"\\x00ff"});
    EXPECT_EQ(printed(jsons, "json"), Printed{R"({ "a" : 1 })"}) << "json keeps its bytes";
    EXPECT_EQ(printed(jsonbs, "jsonb"), Printed{R"({"a": 1.50, "b": 1})"});
    EXPECT_TRUE(printed(Texts{}, "text").empty());
}

TEST(Columns, KeepDaysAndInstants) {
    Dates dates;
    for (const auto* day : {"1970-01-01", "2000-02-29", "9999-12-31"})
        dates.push_back(*domain::date_from(day));
    Instants instants;
    instants.push_back(*domain::instant_from("1970-01-01T00:00:00Z"));
    instants.push_back(*domain::instant_from("2026-03-29T01:30:00.123456Z"));
    EXPECT_EQ(printed(dates, "date"), (Printed{"1970-01-01", "2000-02-29", "9999-12-31"}));
    EXPECT_EQ(printed(instants, "timestamptz"),
              (Printed{"1970-01-01 00:00:00+00", "2026-03-29 01:30:00.123456+00"}));
}

TEST(Columns, KeepDecimalsExactlyWithTheirScale) {
    Printed texts{"0",     "0.00", "-1",   "12.50", "0.000000000001", "999999999999999999",
                  "10000", "9999", "0.10", "-0.05", "123456.789012",  "-999999.999999999999"};
    std::mt19937_64 random{20261121};
    for (int i = 0; i < 2000; ++i) {
        const int digits = 1 + static_cast<int>(random() % 18);
        const int scale = static_cast<int>(
            random() % std::min<std::uint64_t>(13, static_cast<std::uint64_t>(digits)));
        std::string text = random() % 2 == 0 ? "-" : "";
        for (int at = digits; at > 0; --at) {
            text += static_cast<char>('1' + random() % 9);
            if (at - 1 == scale && scale > 0) text += '.';
        }
        texts.push_back(text);
    }
    Decimals decimals;
    for (const auto& text : texts) decimals.push_back(*domain::Decimal::from(text));
    EXPECT_EQ(printed(decimals, "numeric"), texts);
}

}  // namespace
}  // namespace columns_test
