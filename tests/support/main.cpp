#include "tests/support/server.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
    if (sodium_init() < 0) return 1;
    support::start_cluster(true);
    const int result = RUN_ALL_TESTS();
    support::stop_app();
    support::stop_cluster();
    return result;
}
