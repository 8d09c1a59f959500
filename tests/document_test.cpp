// Stored bytes and bodies are input: what is not I-JSON is refused by name, and what is says
// exactly what was written.
#include "events/document.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <random>

namespace document_test {
namespace {

using events::Document;

std::string refusal_of(std::string_view text) {
    const auto parsed = Document::parse(text);
    return parsed ? "none" : std::string{parsed.error().why.slug};
}

std::string written_again(std::string_view text) {
    const auto parsed = Document::parse(text);
    return parsed ? parsed->root().dump() : "refused";
}

std::string lists_in_each_other(int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return std::string(count, '[') + std::string(count, ']');
}

TEST(Document, RefusesWhatIsNotIJson) {
    using namespace std::string_view_literals;
    for (const auto text : {""sv,
                            " "sv,
                            "nul"sv,
                            "01"sv,
                            "1."sv,
                            ".5"sv,
                            "+1"sv,
                            "-"sv,
                            "1e"sv,
                            "1e400"sv,
                            "NaN"sv,
                            "[1,]"sv,
                            "[1 2]"sv,
                            "[1"sv,
                            "{\"a\":1,}"sv,
                            "{\"a\"}"sv,
                            "{1:2}"sv,
                            "{} {}"sv,
                            "{}x"sv,
                            "1\0"sv,
                            "/*c*/1"sv,
                            "1//c"sv,
                            "\"open"sv,
                            "\"\t\""sv,
                            "\"\\x\""sv,
                            "\"\\u12\""sv,
                            "\"\\u0000\""sv,
                            "{\"\\u0000\":1}"sv,
                            "\"\\ud800\""sv,
                            "\"\\udc00\""sv,
                            "\"\xff\""sv,
                            "\"\xc0\x80\""sv,
                            "\"\xed\xa0\x80\""sv,
                            "\"\xf4\x90\x80\x80\""sv,
                            "\xef\xbb\xbf{}"sv})
        EXPECT_EQ(refusal_of(text), "malformed-json") << text;
    EXPECT_EQ(refusal_of(R"({"a":1,"a":2})"), "duplicate-key");
    EXPECT_EQ(refusal_of(R"({"a":1,"b":{"c":1,"\u0063":2}})"), "duplicate-key");
    EXPECT_EQ(refusal_of(R"([{"a":1},{"a":2}])"), "none");
}

TEST(Document, HasItsDepthAndItsSize) {
    EXPECT_EQ(refusal_of(lists_in_each_other(events::json_depth_max)), "none");
    EXPECT_EQ(refusal_of(lists_in_each_other(events::json_depth_max + 1)), "json-too-large");
    EXPECT_EQ(refusal_of(lists_in_each_other(100'000)), "json-too-large");
    std::string list = "[0";
    for (std::size_t i = 2; i < events::json_nodes_max; ++i) list += ",0";
    EXPECT_EQ(refusal_of(list + "]"), "none");
    EXPECT_EQ(refusal_of(list + ",0]"), "json-too-large");
}

TEST(Document, KeepsTextsAndWholeNumbers) {
    EXPECT_EQ(written_again(R"( { "b" : "\u00e9\ud83d\ude00\/\n" , "a" : [ true , null ] } )"),
              "{\"b\":\"\u00e9\U0001F600/\\n\",\"a\":[true,null]}");
    // Longer than any part in which the parser may hand it over.
    const auto text = '"' + std::string(100'000, 'x') + R"(\ny")";
    EXPECT_EQ(written_again(text), text);
    const auto name = '{' + text + ":1}";
    EXPECT_EQ(written_again(name), name);
    for (const auto* whole : {"0", "-1", "9223372036854775807", "-9223372036854775808"})
        EXPECT_EQ(written_again(whole), whole);
    EXPECT_FALSE(Document::parse("9223372036854775808")->root().integer());
}

TEST(Document, ADecimalIsTheNumberThatWasTyped) {
    const auto decimal = [](std::string_view text) {
        const auto value = Document::parse(text)->root().decimal();
        return value ? value->text() : "none";
    };
    for (const auto* text : {"9007199254740.993", "9007199254740993.0", "-123456789012.345678",
                             "1234567890123456.5", "0.1", "-0.000000000001", "12.5",
                             "123456789012345.6", "999999999999999999", "0.123456789012"})
        EXPECT_EQ(decimal(text), text);
    for (const auto* text : {"0.1000000000000000055", "1.00000000000000001", "1e-400", "1e-13",
                             "-1E-99999999999999", "1234567890123456789", "9223372036854775808",
                             "1.2345678901234567e17", "1e23", "100000000000000000001"})
        EXPECT_EQ(decimal(text), "none") << text;
    EXPECT_EQ(decimal("1e3"), "1000");
    EXPECT_EQ(decimal("1.25E+1"), "12.5");
    EXPECT_EQ(decimal("1.50"), "1.5");
    EXPECT_EQ(decimal("125e-2"), "1.25");
    EXPECT_EQ(decimal("1e17"), "100000000000000000");
    EXPECT_EQ(decimal("0e-99999999999999"), "0");
    EXPECT_EQ(decimal("0.10000000000000000000000"), "0.1");
}

TEST(Document, ANumberThatNoDoubleIsIsNeitherTextNorLost) {
    const std::string text = R"({"a":[9007199254740.993,1e-400,"9007199254740.993"]})";
    const auto document = *Document::parse(text);
    EXPECT_EQ(document.root().dump(), text);
    const auto items = document.root().find("a")->items();
    EXPECT_FALSE(items[0].text());
    EXPECT_FALSE(items[0].integer());
    EXPECT_EQ(items[0].number(), 9007199254740.993);
    EXPECT_EQ(items[1].number(), 0.0);
    EXPECT_EQ(items[2].text(), "9007199254740.993");
}

TEST(Document, AnObjectHasItsMembers) {
    std::string object = "{\"0\":0";
    for (std::size_t i = 1; i < events::json_members_max; ++i)
        object += ",\"" + std::to_string(i) + "\":0";
    EXPECT_EQ(refusal_of(object + "}"), "none");
    EXPECT_EQ(refusal_of(object + ",\"more\":0}"), "json-too-large");
}

TEST(Document, OfOurOwnWritingHasNoBoundsButStaysStrict) {
    std::string object = "{\"0\":0";
    for (std::size_t i = 1; i <= events::json_nodes_max; ++i)
        object += ",\"" + std::to_string(i) + "\":0";
    ASSERT_EQ(refusal_of(object + "}"), "json-too-large");
    const auto own = Document::parse_stored(object + "}");
    ASSERT_TRUE(own);
    EXPECT_EQ(own->root().members().size(), events::json_nodes_max + 1);
    EXPECT_FALSE(Document::parse_stored(R"({"a":1,"a":2})"));
    EXPECT_FALSE(Document::parse_stored(lists_in_each_other(events::json_depth_max + 1)));
}

TEST(Document, IsChangedByUpcastsAndKeepsItsOrder) {
    auto document = *Document::parse(R"({"a":1,"b":"two","c":[3],"d":4})");
    document.rename("a", "e");
    document.rename("missing", "f");
    document.remove("c");
    document.remove("missing");
    document.set_text("b", *document.root().find("b")->text());
    document.set_text("g", "seven");
    EXPECT_EQ(document.root().dump(), R"({"b":"two","d":4,"e":1,"g":"seven"})");
    auto list = *Document::parse("[1]");
    list.rename("a", "b");
    list.remove("a");
    list.set_text("a", "b");
    EXPECT_EQ(list.root().dump(), "[1]");
}

TEST(Document, ReadsEveryDoubleAsItIs) {
    std::mt19937_64 random{7};
    for (int i = 0; i < 100'000; ++i) {
        const auto value = std::bit_cast<double>(random());
        if (!std::isfinite(value)) continue;
        char digits[40];
        const auto end = std::to_chars(digits, digits + sizeof digits, value,
                                       std::chars_format::scientific, i % 2 == 0 ? 16 : 19);
        const std::string_view text{digits, end.ptr};
        const auto read = Document::parse(text);
        ASSERT_TRUE(read) << text;
        ASSERT_EQ(read->root().number(), value) << text;
    }
}

}  // namespace
}  // namespace document_test
