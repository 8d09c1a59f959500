#include "src/http/encoding.hpp"

#include "domain/base/decider.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <variant>
#include <zlib.h>
#include <zstd.h>

namespace http {
namespace {

constexpr std::size_t unpacked_piece_bytes = 64 * 1024;
// RFC 9659: who unpacks zstd over HTTP need not keep more than 8 MiB of window.
constexpr int zstd_window_log_max = 23;

constexpr Fault corrupt{400, "body-corrupt", "The body does not unpack as its Content-Encoding."};
constexpr Fault truncated{400, "body-truncated", "The compressed body ends too early."};
constexpr Fault unpacks_too_large{413, "payload-too-large",
                                  "The body unpacks to more than is taken."};
constexpr Fault too_dense{413, "payload-too-large",
                          "The body unpacks to more than 200 times its size."};

using Piece = std::array<char, unpacked_piece_bytes>;

/// What one step took and gave.
struct Step {
    std::size_t taken{}, given{};
    bool ended{};  ///< a member or frame is complete
    bool failed{};
};

class Gzip {
public:
    Gzip() {
        constexpr int gzip_only = 16 + MAX_WBITS;
        if (inflateInit2(&state_, gzip_only) != Z_OK) throw std::bad_alloc{};
    }
    ~Gzip() { inflateEnd(&state_); }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    Step step(std::string_view packed, Piece& piece) {
        constexpr std::size_t at_once_max = 1U << 30;
        const auto offered = std::min(packed.size(), at_once_max);
        // zlib's input is not const for old compilers' sake; it is only read.
        state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        state_.avail_in = static_cast<uInt>(offered);
        state_.next_out = reinterpret_cast<Bytef*>(piece.data());
        state_.avail_out = static_cast<uInt>(piece.size());
        const int code = inflate(&state_, Z_NO_FLUSH);
        Step step{offered - state_.avail_in, piece.size() - state_.avail_out, code == Z_STREAM_END,
                  code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR};
        if (step.ended) inflateReset(&state_);
        return step;
    }

private:
    z_stream state_{};
};

class Zstd {
public:
    Zstd() : state_{ZSTD_createDCtx(), &ZSTD_freeDCtx} {
        if (!state_) throw std::bad_alloc{};
        ZSTD_DCtx_setParameter(state_.get(), ZSTD_d_windowLogMax, zstd_window_log_max);
    }

    Step step(std::string_view packed, Piece& piece) {
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        ZSTD_outBuffer out{piece.data(), piece.size(), 0};
        const auto code = ZSTD_decompressStream(state_.get(), &out, &in);
        return {in.pos, out.pos, code == 0, ZSTD_isError(code) != 0};
    }

private:
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> state_;
};

}  // namespace

std::optional<Coding> coding_from(std::string_view header) {
    std::string name;
    for (const char c : header) {
        if (c != ' ' && c != '\t') name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    if (name == "identity") return Coding::identity;
    if (name == "gzip" || name == "x-gzip") return Coding::gzip;
    if (name == "zstd") return Coding::zstd;
    return std::nullopt;
}

Coding coding_of(std::string_view first_bytes) {
    if (first_bytes.starts_with("\x1F\x8B")) return Coding::gzip;
    if (first_bytes.starts_with("\x28\xB5\x2F\xFD")) return Coding::zstd;
    return Coding::identity;
}

Room::Share::Share(Room& room, std::size_t bytes) : room_{&room}, bytes_{bytes} {}

Room::Share::~Share() { room_->used_ -= bytes_; }

void Room::Share::shrink(std::size_t bytes) {
    room_->used_ -= bytes_ - bytes;
    bytes_ = bytes;
}

std::unique_ptr<Room::Share> Room::take(std::size_t bytes) {
    auto used = used_.load();
    do {
        if (bytes > bytes_max_ - used) return nullptr;
    } while (!used_.compare_exchange_weak(used, used + bytes));
    return std::make_unique<Share>(*this, bytes);
}

struct Unpacker::Stream {
    std::variant<std::monostate, Gzip, Zstd> library;

    Step step(std::string_view packed, Piece& piece) {
        return std::visit(domain::Match{[&](std::monostate) {
                                            const auto bytes =
                                                std::min(packed.size(), piece.size());
                                            std::copy_n(packed.data(), bytes, piece.data());
                                            return Step{bytes, bytes, true, false};
                                        },
                                        [&](auto& some) { return some.step(packed, piece); }},
                          library);
    }
};

Unpacker::Unpacker(Coding coding, const UnpackLimits& limits)
    : stream_{std::make_unique<Stream>()}, limits_{limits} {
    if (coding == Coding::gzip) stream_->library.emplace<Gzip>();
    if (coding == Coding::zstd) stream_->library.emplace<Zstd>();
}

Unpacker::~Unpacker() = default;

std::expected<void, Fault> Unpacker::feed(std::string_view packed, std::string& out) {
    do {
        const auto left = some(packed, out);
        if (!left) return std::unexpected(left.error());
        packed = *left;
    } while (!packed.empty() || full_);
    return {};
}

std::expected<std::string_view, Fault> Unpacker::some(std::string_view packed, std::string& out) {
    Piece piece;
    const auto step = stream_->step(packed, piece);
    const bool stuck = step.taken == 0 && step.given == 0 && !step.ended;
    if (step.failed || (stuck && !packed.empty())) return std::unexpected(corrupt);
    unpacked_ += step.given;
    if (unpacked_ > limits_.bytes_max) return std::unexpected(unpacks_too_large);
    // What was offered counts, or the first bytes of a body could be too dense for its size.
    if (unpacked_ > limits_.free_bytes && unpacked_ / limits_.ratio_max > taken_ + packed.size())
        return std::unexpected(too_dense);
    taken_ += step.taken;
    out.append(piece.data(), step.given);
    full_ = step.given == piece.size() && !step.ended;
    if (!stuck) between_ = step.ended;
    return packed.substr(step.taken);
}

std::expected<void, Fault> Unpacker::finish() const {
    if (!between_) return std::unexpected(truncated);
    return {};
}

std::expected<std::string, Fault> unpacked(Coding coding, std::string_view packed,
                                           const UnpackLimits& limits) {
    std::string out;
    Unpacker unpacker{coding, limits};
    if (auto fed = unpacker.feed(packed, out); !fed) return std::unexpected(fed.error());
    if (auto whole = unpacker.finish(); !whole) return std::unexpected(whole.error());
    return out;
}

}  // namespace http
