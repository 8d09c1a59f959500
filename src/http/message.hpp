#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a handler of HTTP requests sees: plain values, no server library.
namespace http {

/// Name and value, in the order received or to be sent.
using Pairs = std::vector<std::pair<std::string, std::string>>;

class BodyStream;
class Presence;

/// One request that passed the edge: framing, target and sizes are already checked.
struct Request {
    std::string id;      // "req_<uuidv7>", made by the server
    std::string method;  // as sent, an upper-case token
    std::string path;    // percent-decoded once and validated, e.g. "/v1/goals"
    Pairs query;         // decoded, in order
    Pairs headers;       // names lower-case, in order
    std::string body;
    std::shared_ptr<BodyStream> rest;  // instead of `body`, where it comes in pieces
    std::string target;                // raw, as received
    std::string client;  // the address at the other end, as text; empty when it is gone
    std::shared_ptr<const Presence> presence{};  // of the client; null where there is none to ask

    /// The first value of this header, or null.
    const std::string* header(std::string_view lower_case_name) const {
        for (const auto& [name, value] : headers) {
            if (name == lower_case_name) return &value;
        }
        return nullptr;
    }

    /// How often this header was sent.
    std::size_t count(std::string_view lower_case_name) const {
        std::size_t found = 0;
        for (const auto& [name, value] : headers) found += name == lower_case_name;
        return found;
    }
};

/// Bytes that several connections may be sending; `owner` keeps `view` alive.
struct Bytes {
    std::shared_ptr<const void> owner;
    std::string_view view;
};

/// An answer without a known end. Called by one connection, on the thread of its loop; nothing
/// here may block. Destroyed when the client has gone.
class Stream {
public:
    virtual ~Stream() = default;

    struct Taken {
        std::vector<Bytes> parts;  ///< of a web socket: one text message each
        bool ended{};              ///< these are the last words
        bool broken{};             ///< ended, and not all was said: the client must notice
        bool all{};                ///< nothing else is ready: `wake` is called when something is
    };
    /// Called once, first. `wake` says, from any thread, that there may be more to take.
    virtual void start(std::function<void()> wake) = 0;
    /// What is ready now, some `bytes_max` of it. Also asked about once a second without a wake.
    virtual Taken take(std::size_t bytes_max) = 0;
    /// The server must end it, for this reason; what take() gives next are the last words.
    virtual void stop(std::string_view reason) = 0;
    /// A text message of the client of a web socket; false when it makes no sense.
    virtual bool hear(std::string_view message) = 0;
};

/// One answer. The server adds Request-Id, Content-Length, Date and the security headers.
struct Reply {
    int status = 200;
    std::string content_type = "application/json";
    Pairs headers;
    std::string body;
    /// Goes on instead of `body`; with status 101 on a web socket.
    std::shared_ptr<Stream> stream{};
};

/// Takes the answer, at most once, on any thread. Destroyed uncalled, it answers 500.
using Respond = std::move_only_function<void(Reply)>;

/// Called on an I/O thread; must not block; calls `respond` exactly once, from any thread.
using Handler = std::function<void(Request, Respond)>;

}  // namespace http
