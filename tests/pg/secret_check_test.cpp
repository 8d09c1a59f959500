// A server whose secrets are not this database's refuses to start, and says which.
#include "src/postgres/secret_check.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

namespace secret_check_test {
namespace {

security::Secrets secrets_of(unsigned char fill) {
    security::Secrets secrets;
    secrets.root.fill(fill);
    secrets.wrapping.keys[1].fill(static_cast<unsigned char>(fill + 1));
    return secrets;
}

TEST(SecretCheck, KnowsTheSecretsOfItsDatabase) {
    const auto database = support::fresh_database("secret_check");
    const auto ours = secrets_of(1);
    ASSERT_TRUE(postgres::check_secrets(database, ours));
    ASSERT_TRUE(postgres::check_secrets(database, ours)) << "a second start";

    auto rotated = ours;
    rotated.wrapping.keys[2].fill(9);
    ASSERT_TRUE(postgres::check_secrets(database, rotated)) << "a new epoch is welcome";

    const auto without_epoch = postgres::check_secrets(database, ours);
    ASSERT_FALSE(without_epoch);
    EXPECT_EQ(without_epoch.error().why.slug, "secrets-differ");
    EXPECT_TRUE(without_epoch.error().detail.starts_with("wrapping epoch 2 is missing"))
        << without_epoch.error().detail;

    auto other_root = rotated;
    other_root.root.fill(7);
    const auto another = postgres::check_secrets(database, other_root);
    ASSERT_FALSE(another);
    EXPECT_TRUE(another.error().detail.starts_with("root is another")) << another.error().detail;
    ASSERT_TRUE(postgres::check_secrets(database, rotated)) << "a refusal leaves nothing behind";
}

}  // namespace
}  // namespace secret_check_test
