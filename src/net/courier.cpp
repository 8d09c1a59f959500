#include "src/net/courier.hpp"

#include "domain/webhook.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/thread_name.hpp"

#include <algorithm>
#include <atomic>
#include <curl/curl.h>
#include <map>
#include <mutex>
#include <set>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace net {
namespace {

constexpr std::size_t excerpt_bytes_max = 500;
/// More of an answer's body is not read: its status has been said.
constexpr std::size_t read_bytes_max = 16 * 1024;
constexpr long idle_connections_max = 64;

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One request between send() and its Done.
struct Transfer {
    const Rules& rules;
    Parcel parcel;
    Courier::Done done;
    std::string host;
    std::unique_ptr<CURL, FreeEasy> easy{curl_easy_init()};
    std::unique_ptr<curl_slist, FreeList> headers{};
    std::string answer{};
    std::size_t read_bytes{};
    bool refused{};  ///< an address that the name led to
    std::int64_t started_micros = runtime::steady_micros();
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* of) {
    auto& transfer = *static_cast<Transfer*>(of);
    const auto room = excerpt_bytes_max - std::min(excerpt_bytes_max, transfer.answer.size());
    transfer.answer.append(bytes, std::min(room, count));
    transfer.read_bytes += count;
    return transfer.read_bytes <= read_bytes_max ? count : CURL_WRITEFUNC_ERROR;
}

curl_socket_t open_socket(void* of, curlsocktype, curl_sockaddr* to) {
    auto& transfer = *static_cast<Transfer*>(of);
    const bool https = transfer.parcel.url.starts_with("https:");
    const auto endpoint = endpoint_of(to->addr);
    if (!endpoint || !may_connect(transfer.rules, *endpoint, https)) {
        transfer.refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::string printable(std::string text) {
    for (char& c : text) c = c >= 0x20 && c < 0x7F ? c : '.';
    return text;
}

std::string_view failure_of(const Transfer& transfer, CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST: return "name-not-resolved";
        case CURLE_COULDNT_CONNECT:
            return transfer.refused ? "address-not-allowed" : "connect-failed";
        case CURLE_OPERATION_TIMEDOUT: return "timeout";
        case CURLE_PEER_FAILED_VERIFICATION: return "certificate-not-valid";
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER: return "tls-failed";
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_PARTIAL_FILE: return "connection-broken";
        default: return "answer-not-understood";
    }
}

Returned returned_of(Transfer& transfer, CURLcode code) {
    Returned returned{.micros = runtime::steady_micros() - transfer.started_micros};
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer.easy.get(), CURLINFO_RETRY_AFTER, &retry_after);
    // A body that was cut off by us, because it is long, takes nothing from its status.
    const bool cut = code == CURLE_WRITE_ERROR && transfer.read_bytes > read_bytes_max;
    if (code == CURLE_OK || cut) returned.status = static_cast<int>(status);
    else returned.failure = failure_of(transfer, code);
    returned.excerpt = printable(std::move(transfer.answer));
    constexpr curl_off_t week_seconds = 7 * 86'400;
    if (retry_after > 0)
        returned.retry_after_seconds = static_cast<int>(std::min(retry_after, week_seconds));
    return returned;
}

void set_up(Transfer& transfer, const CourierOptions& options) {
    auto* easy = transfer.easy.get();
    const auto set = [easy](CURLoption option, auto value) {
        curl_easy_setopt(easy, option, value);
    };
    for (const auto& header : transfer.parcel.headers)
        transfer.headers.reset(curl_slist_append(transfer.headers.release(), header.c_str()));
    set(CURLOPT_URL, transfer.parcel.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, transfer.rules.has_networks() ? "http,https" : "https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, transfer.parcel.body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.parcel.body.size()));
    set(CURLOPT_HTTPHEADER, transfer.headers.get());
    set(CURLOPT_USERAGENT, "Cairn-Webhooks/1");
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_milliseconds));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_milliseconds));
    set(CURLOPT_NOSIGNAL, 1L);
    // Without it, ending a transfer joins the thread that waits for the resolver, and with it us.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(&transfer));
    set(CURLOPT_PRIVATE, static_cast<void*>(&transfer));
}

}  // namespace

struct Courier::Body {
    CourierOptions options;
    std::unique_ptr<CURLM, FreeMulti> multi{curl_multi_init()};
    std::atomic<std::size_t> under_way{0};
    std::atomic<bool> stopping{false};
    std::mutex mutex;
    std::vector<std::unique_ptr<Transfer>> waiting;
    std::map<std::string, std::size_t> by_host;  ///< how many are under way
    std::set<std::string> by_turn;
    std::vector<std::unique_ptr<Transfer>> running;  ///< of the thread alone
    std::thread thread;

    explicit Body(CourierOptions given) : options{std::move(given)} {
        curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, idle_connections_max);
        thread = std::thread{[this] { run(); }};
    }

    ~Body() { stop(); }

    void stop() {
        {
            const std::lock_guard lock{mutex};
            stopping = true;
        }
        curl_multi_wakeup(multi.get());
        if (thread.joinable()) thread.join();
    }

    void run() {
        constexpr int look_milliseconds = 1'000;
        runtime::name_thread("cairn-courier");
        while (!stopping) {
            begin_waiting();
            int still_running = 0;
            curl_multi_perform(multi.get(), &still_running);
            end_finished();
            curl_multi_poll(multi.get(), nullptr, 0, look_milliseconds, nullptr);
        }
        begin_waiting();
        while (!running.empty()) finish(*running.back(), {.failure = "stopped"});
    }

    void begin_waiting() {
        std::vector<std::unique_ptr<Transfer>> taken;
        {
            const std::lock_guard lock{mutex};
            taken.swap(waiting);
        }
        for (auto& transfer : taken) {
            set_up(*transfer, options);
            running.push_back(std::move(transfer));
            curl_multi_add_handle(multi.get(), running.back()->easy.get());
        }
    }

    void end_finished() {
        int left = 0;
        while (const auto* message = curl_multi_info_read(multi.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const auto code = message->data.result;
            char* of = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &of);
            auto& transfer = *reinterpret_cast<Transfer*>(of);
            finish(transfer, returned_of(transfer, code));
        }
    }

    void finish(Transfer& transfer, Returned returned) {
        curl_multi_remove_handle(multi.get(), transfer.easy.get());
        auto done = std::move(transfer.done);
        leave(transfer);
        std::erase_if(running, [&](const auto& one) { return one.get() == &transfer; });
        done(std::move(returned));
    }

    /// Under the mutex.
    Taken enter(const std::string& host, const std::string& turn) {
        const auto to_host = by_host.find(host);
        if (stopping || under_way >= options.under_way_max) return Taken::full;
        if (to_host != by_host.end() && to_host->second >= options.each_host_max)
            return Taken::full;
        if (!turn.empty() && by_turn.contains(turn)) return Taken::in_turn;
        ++by_host[host];
        if (!turn.empty()) by_turn.insert(turn);
        ++under_way;
        return Taken::yes;
    }

    void leave(const Transfer& transfer) {
        const std::lock_guard lock{mutex};
        if (--by_host[transfer.host] == 0) by_host.erase(transfer.host);
        by_turn.erase(transfer.parcel.turn);
        --under_way;
    }
};

Courier::Courier(CourierOptions options) : body_{std::make_unique<Body>(std::move(options))} {}
Courier::~Courier() = default;
void Courier::stop() { body_->stop(); }

Courier::Taken Courier::send(Parcel parcel, Done done) {
    auto host = domain::webhook::origin_of(parcel.url);
    {
        const std::lock_guard lock{body_->mutex};
        if (const auto taken = body_->enter(host, parcel.turn); taken != Taken::yes) return taken;
        body_->waiting.push_back(std::unique_ptr<Transfer>{new Transfer{
            body_->options.rules, std::move(parcel), std::move(done), std::move(host)}});
    }
    curl_multi_wakeup(body_->multi.get());
    return Taken::yes;
}

std::size_t Courier::under_way() const { return body_->under_way; }
const Rules& Courier::rules() const { return body_->options.rules; }

}  // namespace net
