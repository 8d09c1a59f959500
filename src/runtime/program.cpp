#include "src/runtime/program.hpp"

#include <array>
#include <fstream>
#include <sodium.h>

namespace runtime {

std::string program_digest() {
    static const std::string digest = [] {
        crypto_hash_sha256_state state;
        crypto_hash_sha256_init(&state);
        std::ifstream file{"/proc/self/exe", std::ios::binary};
        std::array<char, 1 << 16> block{};
        while (file.read(block.data(), block.size()) || file.gcount() > 0)
            crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(block.data()),
                                      static_cast<unsigned long long>(file.gcount()));
        std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
        crypto_hash_sha256_final(&state, hash.data());
        std::array<char, hash.size() * 2 + 1> hex{};
        return std::string{sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size())};
    }();
    return digest;
}

}  // namespace runtime
