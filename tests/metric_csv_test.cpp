// A file that comes piece by piece is the same file, and no more of it is asked for than is read.
#include "commands/metric_csv.hpp"

#include <gtest/gtest.h>

#include <random>

namespace metric_csv_test {
namespace {

/// Gives a text in pieces of `size` bytes, and counts them.
struct Pieces {
    std::string_view text;
    std::size_t size{};
    std::size_t given = 0;

    bool operator()(std::string& out) {
        const auto piece = text.substr(given, size);
        out += piece;
        given += piece.size();
        return !piece.empty();
    }
};

std::string records_of(commands::CsvReader reader) {
    std::string out;
    while (const auto record = reader.next()) {
        out += std::to_string(reader.line()) + (reader.unclosed() ? "!" : ":");
        for (const auto& field : *record) out += "[" + field + "]";
        out += "\n";
    }
    return out;
}

TEST(Csv, PiecesGiveTheRecordsOfTheWhole) {
    std::mt19937 random{7};
    constexpr std::string_view parts[]{"a", "bc", ",", ",", "\n", "\r\n", "\"", "\"\"", "\n\n"};
    for (int run = 0; run < 300; ++run) {
        std::string text = run % 3 == 0 ? "\xEF\xBB\xBF" : "";
        for (int i = 0; i < 400; ++i) text += parts[random() % std::size(parts)];
        // Longer than the longest quote, so that it ends in the middle of something.
        if (run % 10 == 0) text += "\"" + std::string(40'000, 'x') + "\n1,2\n\"3\n\",4\n";
        const auto whole = records_of({std::string_view{text}, ','});
        for (const std::size_t size : {1u, 7u, 4'096u})
            ASSERT_EQ(records_of({Pieces{text, size}, ','}), whole) << text << size;
    }
}

TEST(Csv, NoMoreIsAskedForThanABatchNeeds) {
    std::string text = "at,metric,value\n";
    for (int row = 0; row < 200'000; ++row) text += "2026-01-01T00:00:00Z,revenue,12.50\n";
    Pieces pieces{text, 4'096};
    const commands::CsvMapping mapping;
    auto rows = commands::CsvRows::open([&](std::string& out) { return pieces(out); }, mapping);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->next(100)->lines, 100);
    EXPECT_LT(pieces.given, 30'000u);
    int lines = 100;
    while (const auto part = rows->next(5'000)) lines += part->lines;
    EXPECT_EQ(lines, 200'000);
}

/// The lines that are rejected, each with its code.
std::string rejects_of(std::string_view text, const commands::CsvMapping& mapping) {
    auto file = commands::CsvRows::open(text, mapping);
    if (!file) return file.error().faults.at(0).detail;
    const auto rows = *file->next(100);
    std::string out;
    for (const auto& reject : rows.rejects)
        out += std::to_string(reject.line) + " " + reject.code + ";";
    return out;
}

TEST(Csv, WhatIsNotUtf8IsNoRow) {
    using namespace std::string_view_literals;
    commands::CsvMapping mapping;
    mapping.metric_key = "revenue";
    mapping.dimensions = {{"Shop", "shop"}};
    constexpr auto header = "at,value,Shop,Note\n"sv;
    const auto rejects = [&](std::string_view rows) {
        return rejects_of(std::string{header} + std::string{rows}, mapping);
    };
    EXPECT_EQ(rejects("2026-01-01,1,Caf\xC3\xA9,x\n"sv), "");
    EXPECT_EQ(rejects("2026-01-01,1,Caf\xE9,x\n2026-01-01,1,Bar,x\n"sv), "2 encoding;");
    EXPECT_EQ(rejects("2026-01-01,1,B\0r,x\n"sv), "2 encoding;");
    EXPECT_EQ(rejects("2026-01-01,1,\xED\xA0\x80,x\n"sv), "2 encoding;") << "a surrogate";
    EXPECT_EQ(rejects("2026-01-01,1,\xC0\x80,x\n"sv), "2 encoding;") << "an overlong NUL";
    EXPECT_EQ(rejects("2026-01-01,1,Bar,Caf\xE9\n"sv), "") << "a column that nobody reads";
    EXPECT_EQ(rejects("2026-01-01,\xE9,Bar,x\n2026\xE9,1,Bar,x\n"sv), "2 encoding;3 encoding;");
}

TEST(Csv, AHeaderIsToldInUtf8) {
    const auto told = rejects_of("at,Caf\xE9,metric\n", {});
    EXPECT_TRUE(told.contains("It has: at, (a name that is not UTF-8), metric.")) << told;
}

}  // namespace
}  // namespace metric_csv_test
