// Compressed bodies: whatever arrives, memory is bounded and the fault is named.
#include "src/http/encoding.hpp"
#include "tests/support/packed.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace encoding_test {
namespace {

using http::Coding;
using http::unpacked;
using http::Unpacker;
using support::gzipped;
using support::zstandard;

constexpr http::UnpackLimits limits{.bytes_max = 1 << 20, .free_bytes = 64 * 1024};

std::string codes(Coding coding, const std::string& packed, http::UnpackLimits within = limits) {
    const auto text = unpacked(coding, packed, within);
    return text ? "whole " + std::to_string(text->size())
                : std::to_string(text.error().status) + " " + std::string{text.error().code};
}

std::string noise(std::size_t bytes) {
    std::string out;
    std::uint32_t state = 1;
    while (out.size() < bytes) {
        state = state * 1664525 + 1013904223;
        out += static_cast<char>(state >> 24);
    }
    return out;
}

TEST(Encoding, KnowsItsNames) {
    EXPECT_EQ(http::coding_from("gzip"), Coding::gzip);
    EXPECT_EQ(http::coding_from(" X-GZIP "), Coding::gzip);
    EXPECT_EQ(http::coding_from("zstd"), Coding::zstd);
    EXPECT_EQ(http::coding_from("identity"), Coding::identity);
    for (const auto* other : {"", "br", "deflate", "gzip, gzip", "gzip,zstd", "gzip;q=1"})
        EXPECT_FALSE(http::coding_from(other)) << other;
    EXPECT_EQ(http::coding_of(gzipped("x")), Coding::gzip);
    EXPECT_EQ(http::coding_of(zstandard("x")), Coding::zstd);
    EXPECT_EQ(http::coding_of("at,metric,value"), Coding::identity);
}

TEST(Encoding, WhatWasPackedComesBackHoweverItIsCut) {
    rc::check("a round trip in pieces", [](const std::string& text, std::uint8_t cut) {
        for (const auto coding : {Coding::gzip, Coding::zstd, Coding::identity}) {
            const auto packed = coding == Coding::gzip   ? gzipped(text)
                                : coding == Coding::zstd ? zstandard(text)
                                                         : text;
            Unpacker unpacker{coding, limits};
            std::string out;
            for (std::size_t at = 0; at < packed.size(); at += cut + 1UL)
                RC_ASSERT(unpacker.feed(std::string_view{packed}.substr(at, cut + 1UL), out));
            RC_ASSERT(unpacker.finish());
            RC_ASSERT(out == text);
        }
    });
}

TEST(Encoding, MembersAndFramesMayFollowOneAnother) {
    EXPECT_EQ(*unpacked(Coding::gzip, gzipped("one ") + gzipped("two"), limits), "one two");
    EXPECT_EQ(*unpacked(Coding::zstd, zstandard("one ") + zstandard("two"), limits), "one two");
    EXPECT_EQ(codes(Coding::gzip, ""), "whole 0");
    EXPECT_EQ(codes(Coding::gzip, gzipped("")), "whole 0");
    EXPECT_EQ(codes(Coding::zstd, zstandard("")), "whole 0");
}

TEST(Encoding, EveryCutIsNoticed) {
    const auto text = noise(3000);
    for (const auto& [coding, packed] :
         {std::pair{Coding::gzip, gzipped(text)}, std::pair{Coding::zstd, zstandard(text)}}) {
        for (std::size_t bytes = 1; bytes < packed.size(); bytes += 7)
            EXPECT_EQ(codes(coding, packed.substr(0, bytes)), "400 body-truncated") << bytes;
        EXPECT_EQ(codes(coding, packed), "whole 3000");
    }
}

TEST(Encoding, GarbageIsCorrupt) {
    const auto text = noise(3000);
    auto flipped = gzipped(text);
    flipped[flipped.size() - 6] ^= 1;
    EXPECT_EQ(codes(Coding::gzip, flipped), "400 body-corrupt") << "the check sum";
    flipped = zstandard(text);
    flipped.back() ^= 1;
    EXPECT_EQ(codes(Coding::zstd, flipped), "400 body-corrupt") << "the check sum";
    for (const auto coding : {Coding::gzip, Coding::zstd}) {
        EXPECT_EQ(codes(coding, noise(500)), "400 body-corrupt");
        EXPECT_EQ(codes(coding, R"({"points":[]})"), "400 body-corrupt");
    }
    EXPECT_EQ(codes(Coding::gzip, zstandard("x")), "400 body-corrupt");
    EXPECT_EQ(codes(Coding::gzip, gzipped("x") + "and more"), "400 body-corrupt");
    EXPECT_EQ(codes(Coding::zstd, zstandard("x") + "and more"), "400 body-corrupt");
}

TEST(Encoding, BombsStopAtTheirLimit) {
    const std::string zeros(64 << 20, '\0');
    for (const auto& [coding, bomb] :
         {std::pair{Coding::gzip, gzipped(zeros)}, std::pair{Coding::zstd, zstandard(zeros)}}) {
        Unpacker unpacker{coding, limits};
        std::string out;
        EXPECT_EQ(unpacker.feed(bomb, out).error().status, 413);
        EXPECT_LE(out.size(), limits.bytes_max);
    }
    const std::string inner = gzipped(zeros);
    EXPECT_EQ(codes(Coding::gzip, gzipped(inner)), "whole " + std::to_string(inner.size()))
        << "only one layer is ever unpacked";
    const auto dense = gzipped(std::string(200'000, 'x'));
    EXPECT_EQ(codes(Coding::gzip, dense), "413 payload-too-large") << "the ratio";
    EXPECT_EQ(codes(Coding::gzip, dense, {1 << 20, 1 << 20}), "whole 200000");
    EXPECT_EQ(codes(Coding::gzip, gzipped(noise(1 << 20))), "whole 1048576");
    EXPECT_EQ(codes(Coding::gzip, gzipped(noise((1 << 20) + 1))), "413 payload-too-large");
}

/// One byte in a frame that asks for a window of two to the power of `log` bytes.
std::string frame_with_window(int log) {
    std::string frame{"\x28\xB5\x2F\xFD"};
    frame += '\0';  // no size of the content, no check sum
    frame += static_cast<char>((log - 10) << 3);
    return frame + std::string{"\x09\0\0x", 4};
}

TEST(Encoding, AWindowLargerThanBrowsersTakeIsRefused) {
    EXPECT_EQ(codes(Coding::zstd, frame_with_window(23)), "whole 1");
    EXPECT_EQ(codes(Coding::zstd, frame_with_window(24)), "400 body-corrupt");
    EXPECT_EQ(codes(Coding::zstd, frame_with_window(31)), "400 body-corrupt");
}

TEST(Encoding, RoomIsNeverGivenTwice) {
    http::Room room{100};
    auto most = room.take(80);
    ASSERT_TRUE(most);
    EXPECT_FALSE(room.take(21));
    most->shrink(10);
    const auto more = room.take(90);
    EXPECT_TRUE(more);
    EXPECT_FALSE(room.take(1));
    most.reset();
    EXPECT_TRUE(room.take(10));
    EXPECT_FALSE(room.take(SIZE_MAX));
}

}  // namespace
}  // namespace encoding_test
