#include "src/runtime/uuid.hpp"

#include <sodium.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "domain/base/check.hpp"

namespace runtime {
namespace {

constexpr std::size_t random_bytes_per_id = 10;

/// Random bytes bought in bulk: one system call serves this many ids of the thread.
class RandomBytes {
public:
    RandomBytes() {
        static const bool ready = sodium_init() >= 0;
        domain::ensure(ready, "libsodium has no source of randomness");
    }

    const std::uint8_t* take() {
        if (next_ == bytes_.size()) {
            randombytes_buf(bytes_.data(), bytes_.size());
            next_ = 0;
        }
        const std::uint8_t* taken = bytes_.data() + next_;
        next_ += random_bytes_per_id;
        return taken;
    }

private:
    std::array<std::uint8_t, 100 * random_bytes_per_id> bytes_{};
    std::size_t next_ = bytes_.size();
};

}  // namespace

domain::Uuid uuid_v7() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const auto milliseconds = static_cast<std::uint64_t>(now.tv_sec) * 1000 +
                              static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;

    domain::Uuid id;
    for (std::size_t i = 0; i < 6; ++i) {
        id.bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
    }
    thread_local RandomBytes random;
    std::copy_n(random.take(), random_bytes_per_id, id.bytes.begin() + 6);
    id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0f));
    id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

}  // namespace runtime
