#include "src/http/target.hpp"

#include <gtest/gtest.h>

namespace target_test {

using http::Pairs;
using http::target_from;
using namespace std::string_view_literals;

namespace {

std::string path_of(std::string_view raw) {
    const auto target = target_from(raw);
    return target ? target->path : "refused";
}

Pairs query_of(std::string_view raw) {
    const auto target = target_from("/?" + std::string{raw});
    return target ? target->query : Pairs{{"refused", ""}};
}

const Pairs refused{{"refused", ""}};

}  // namespace

TEST(Target, DecodesThePathOnce) {
    EXPECT_EQ(path_of("/"), "/");
    EXPECT_EQ(path_of("/v1/goals"), "/v1/goals");
    EXPECT_EQ(path_of("/v1/goals/"), "/v1/goals/");
    EXPECT_EQ(path_of("/a%20b/%c3%A9"), "/a b/é");
    EXPECT_EQ(path_of("/a%2541"), "/a%41");
    EXPECT_EQ(path_of("/goal.set-target~(1)!$&'*+,;=:@"), "/goal.set-target~(1)!$&'*+,;=:@");
    EXPECT_EQ(path_of("/...//"), "refused");
    EXPECT_EQ(path_of("/..."), "/...");
}

TEST(Target, RefusesAPathThatCouldBeReadInTwoWays) {
    for (const auto raw : {""sv,
                           "*"sv,
                           "a"sv,
                           "http://a/"sv,
                           "a:443"sv,
                           "?a=b"sv,  // not origin-form
                           "/a%2Fb"sv,
                           "/a%2fb"sv,
                           "/%5C"sv,
                           "/a\\b"sv,  // separators
                           "/%00"sv,
                           "/a%0Ab"sv,
                           "/%7F"sv,
                           "/%1f"sv,
                           "/\x01"sv,
                           "/\x7f"sv,  // control bytes
                           "/.."sv,
                           "/a/../b"sv,
                           "/./a"sv,
                           "/a/."sv,
                           "/%2e%2E/a"sv,
                           "/a/.%2e"sv,
                           "//"sv,
                           "//a"sv,
                           "/a//b"sv,  // empty segments
                           "/%"sv,
                           "/%4"sv,
                           "/%zz"sv,
                           "/%4g"sv,
                           "/a%"sv,  // broken encoding
                           "/\xff"sv,
                           "/%ff"sv,
                           "/%c3"sv,
                           "/%c3%28"sv,
                           "/%80"sv,  // not UTF-8
                           "/%c0%af"sv,
                           "/%e0%80%af"sv,
                           "/%f0%80%80%af"sv,  // overlong
                           "/%ed%a0%80"sv,
                           "/%f4%90%80%80"sv,
                           "/%f5%80%80%80"sv,
                           "/%e2%82"sv,
                           "/a#b"sv,
                           "/a b"sv,
                           "/<a>"sv,
                           "/\"a\""sv,
                           "/{a}"sv,
                           "/a\0b"sv}) {
        const auto target = target_from(raw);
        ASSERT_FALSE(target) << raw;
        EXPECT_EQ(target.error().status, 400) << raw;
        EXPECT_EQ(target.error().code, "malformed-request") << raw;
    }
}

TEST(Target, TakesEveryLengthOfUtf8) {
    EXPECT_EQ(path_of("/%7e%c2%80%df%bf"), "/~\xc2\x80\xdf\xbf");
    EXPECT_EQ(path_of("/%e0%a0%80%ed%9f%bf%ee%80%80%ef%bf%bf"),
              "/\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
    EXPECT_EQ(path_of("/%f0%90%80%80%f4%8f%bf%bf"), "/\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

TEST(Target, ReadsTheQueryInItsOrder) {
    EXPECT_EQ(query_of(""), Pairs{});
    EXPECT_EQ(query_of("a=1&b=2&a=3"), (Pairs{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
    EXPECT_EQ(query_of("a&b=&=c"), (Pairs{{"a", ""}, {"b", ""}, {"", "c"}}));
    EXPECT_EQ(query_of("&&a=1&"), (Pairs{{"a", "1"}}));
    EXPECT_EQ(query_of("a=b=c"), (Pairs{{"a", "b=c"}}));
    EXPECT_EQ(query_of("q=a+b%2Bc%20d"), (Pairs{{"q", "a b+c d"}}));
    EXPECT_EQ(query_of("a%3Db=%26%3d"), (Pairs{{"a=b", "&="}}));
    EXPECT_EQ(query_of("q=%2F..%5C/?"), (Pairs{{"q", "/..\\/?"}}));
    EXPECT_EQ(query_of("f[a]={b}|c"), (Pairs{{"f[a]", "{b}|c"}}));
}

TEST(Target, RefusesAQueryThatIsNotEncodedUtf8) {
    for (const auto raw : {"a=%00"sv, "%00=a"sv, "a=%ff"sv, "%ff"sv, "a=%"sv, "a=%2"sv, "a=%g1"sv,
                           "a=\xc3\xa9"sv, "a=b#c"sv, "a=b c"sv, "a=\"b\""sv, "a=\x01"sv}) {
        EXPECT_EQ(query_of(raw), refused) << raw;
    }
}

}  // namespace target_test
