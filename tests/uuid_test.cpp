#include "src/runtime/uuid.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <set>
#include <thread>

namespace uuid_test {

TEST(Uuid, IsVersionSevenAndNewEachTime) {
    std::set<domain::Uuid> ids;
    for (int i = 0; i < 10'000; ++i) {
        const auto id = runtime::uuid_v7();
        EXPECT_EQ(id.bytes[6] >> 4, 7);
        EXPECT_EQ(id.bytes[8] >> 6, 2);
        ids.insert(id);
    }
    EXPECT_EQ(ids.size(), 10'000u);
}

TEST(Uuid, StartsWithTheMillisecondsOfTheClock) {
    const auto milliseconds_in = [](const domain::Uuid& id) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 6; ++i) value = value << 8 | id.bytes[i];
        return value;
    };
    const auto first = milliseconds_in(runtime::uuid_v7());
    const auto seconds = static_cast<std::uint64_t>(std::time(nullptr));
    EXPECT_NEAR(static_cast<double>(first), static_cast<double>(seconds) * 1000, 2000);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    EXPECT_GT(milliseconds_in(runtime::uuid_v7()), first);
}

}  // namespace uuid_test
