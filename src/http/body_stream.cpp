#include "src/http/body_stream.hpp"

#include <utility>

namespace http {

namespace {
constexpr std::size_t waiting_bytes_max = 256 * 1024;
}

void BodyStream::put(std::string_view bytes) {
    std::unique_lock lock{mutex_};
    waiting_ += bytes;
    give(std::move(lock));
}

void BodyStream::end(bool whole) {
    std::unique_lock lock{mutex_};
    ended_ = true;
    whole_ = whole;
    give(std::move(lock));
}

bool BodyStream::has_room() const {
    const std::lock_guard lock{mutex_};
    return waiting_.size() < waiting_bytes_max;
}

void BodyStream::take(Take take) {
    std::unique_lock lock{mutex_};
    take_ = std::move(take);
    give(std::move(lock));
}

void BodyStream::give(std::unique_lock<std::mutex> lock) {
    if (!take_ || (waiting_.empty() && !ended_)) return;
    auto take = std::exchange(take_, {});
    Piece piece{std::exchange(waiting_, {}), ended_, ended_ && !whole_};
    lock.unlock();
    wake_();
    take(std::move(piece));
}

}  // namespace http
