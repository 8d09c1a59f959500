#include "events/sha256.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sodium.h>

namespace sha256_test {

using events::Hash;
using events::sha256;

std::string hex_of(const Hash& hash) {
    std::string hex(2 * hash.size() + 1, '\0');
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    hex.pop_back();
    return hex;
}

// The examples of FIPS 180-4.
TEST(Sha256, HashesTheStandardsExamples) {
    EXPECT_EQ(hex_of(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex_of(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hex_of(sha256("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

RC_GTEST_PROP(Sha256, PartsAreHashedAsOneAndAsAnotherLibraryHashesThem,
              (const std::string& first, const std::string& second)) {
    const auto whole = first + second;
    Hash theirs;
    crypto_hash_sha256(theirs.data(), reinterpret_cast<const unsigned char*>(whole.data()),
                       whole.size());
    RC_ASSERT(sha256({first, second}) == theirs);
    RC_ASSERT(sha256(whole) == theirs);
}

}  // namespace sha256_test
