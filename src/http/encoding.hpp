#pragma once
#include "src/http/framing.hpp"

#include <atomic>
#include <memory>

/// Compressed bodies: gzip (RFC 1952) and zstd (RFC 8878), unpacked piece by piece.
namespace http {

enum class Coding { identity, gzip, zstd };

inline constexpr std::string_view codings_taken = "gzip, zstd";

/// What a Content-Encoding header names, `x-gzip` too; empty for anything else, lists included.
std::optional<Coding> coding_from(std::string_view header);
/// What the first bytes of a file tell.
Coding coding_of(std::string_view first_bytes);

/// How much may come of it. A body that unpacks to more than `free_bytes` must also stay below
/// `ratio_max` times its packed size, so that a small request cannot buy a lot of work.
struct UnpackLimits {
    std::size_t bytes_max{};
    std::size_t free_bytes{};
    std::size_t ratio_max = 200;
};

/// One body, or one file. Members of gzip and frames of zstd may follow one another. Not
/// thread-safe. After a fault it is of no use.
class Unpacker {
public:
    Unpacker(Coding coding, const UnpackLimits& limits);
    ~Unpacker();
    Unpacker(const Unpacker&) = delete;
    Unpacker& operator=(const Unpacker&) = delete;

    /// Appends to `out` what these bytes unpack to. Never takes more memory than the limits, the
    /// window of the coding (at most 8 MiB) and `packed` itself.
    std::expected<void, Fault> feed(std::string_view packed, std::string& out);
    /// The same, but only some of it, 64 KiB at most: what of `packed` is left to give again.
    std::expected<std::string_view, Fault> some(std::string_view packed, std::string& out);
    /// Whether some() may find more without more bytes.
    bool has_more() const { return full_; }
    /// Nothing more comes: refuses what is cut off.
    std::expected<void, Fault> finish() const;

private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
    UnpackLimits limits_;
    std::size_t taken_ = 0, unpacked_ = 0;
    bool full_ = false;    ///< what was given last may have left more behind
    bool between_ = true;  ///< nothing is open: here it may end
};

/// The memory that all unpacked bodies of a process may hold together. Thread-safe.
class Room {
public:
    /// A part of it, free again when this goes.
    class Share {
    public:
        Share(Room& room, std::size_t bytes);
        ~Share();
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        /// Keeps only so much of it.
        void shrink(std::size_t bytes);

    private:
        Room* room_;
        std::size_t bytes_;
    };

    explicit Room(std::size_t bytes_max) : bytes_max_{bytes_max} {}
    /// Null when there is not so much left.
    std::unique_ptr<Share> take(std::size_t bytes);

private:
    const std::size_t bytes_max_;
    std::atomic<std::size_t> used_{0};
};

/// A whole body at once.
std::expected<std::string, Fault> unpacked(Coding coding, std::string_view packed,
                                           const UnpackLimits& limits);

}  // namespace http
