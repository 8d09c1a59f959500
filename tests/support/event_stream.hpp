#pragma once
#include "tests/support/server.hpp"

#include <optional>

/// A client of server-sent events that reads as the standard says, byte by byte.
namespace support {

struct SentEvent {
    std::string type, data, id;
};

class EventStream {
public:
    /// Asks for `target`; `after` is sent as Last-Event-ID unless it is empty. A receive buffer of
    /// 0 bytes leaves the system's own.
    EventStream(unsigned short port, const std::string& target, const std::string& token,
                const std::string& after = {}, int receive_buffer = 0,
                const std::string& accept = "text/event-stream");
    ~EventStream();
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;

    int status() const { return status_; }
    const std::string& head() const { return head_; }
    /// The next event, none when the stream ended or nothing came for so long.
    std::optional<SentEvent> next(int milliseconds = 5000);
    /// As next(), without the words of the server itself.
    std::optional<SentEvent> next_fact(int milliseconds = 5000);
    /// After so many bytes of body nothing more is read: a cut inside whatever is there.
    void cut_after(std::size_t bytes) { bytes_left_ = bytes; }
    /// Of the last event that came whole, or of an empty one.
    const std::string& last_id() const { return last_id_; }
    bool ended() const { return ended_; }
    /// Whether the last chunk came: everything was said.
    bool complete() const { return complete_; }
    /// The body's next line; for what is no event stream.
    std::optional<std::string> line(int milliseconds = 5000);

private:
    bool fill(int milliseconds);
    void take_chunks();

    int socket_ = -1;
    int status_ = 0;
    bool ended_ = false, complete_ = false;
    std::string head_, raw_, body_, last_id_, id_, data_, type_;
    std::size_t bytes_left_ = SIZE_MAX;
};

}  // namespace support
