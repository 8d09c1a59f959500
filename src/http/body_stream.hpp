#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

/// A body on its way from its connection to whoever takes it, piece by piece.
namespace http {

/// Holds some 256 KiB at most: the connection reads no further until they are taken. Thread-safe.
class BodyStream {
public:
    struct Piece {
        std::string bytes;
        bool ended{};   ///< nothing follows
        bool broken{};  ///< nothing follows, and something is missing
    };
    using Take = std::move_only_function<void(Piece)>;

    /// `wake` is told, on any thread, when there is room again.
    explicit BodyStream(std::function<void()> wake) : wake_{std::move(wake)} {}

    // The connection's side.
    void put(std::string_view bytes);
    void end(bool whole);
    bool has_room() const;

    /// Gives `take` what has come since, once: now, or on the connection's thread as soon as there
    /// is something. One at a time.
    void take(Take take);

private:
    void give(std::unique_lock<std::mutex> lock);

    mutable std::mutex mutex_;
    std::function<void()> wake_;
    std::string waiting_;
    Take take_;
    bool ended_ = false;
    bool whole_ = false;
};

}  // namespace http
