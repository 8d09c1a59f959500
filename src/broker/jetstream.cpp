#include "src/broker/jetstream.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nats/nats.h>
#include <utility>

namespace broker {
namespace {

constexpr const char* id_header = "Nats-Msg-Id";
constexpr const char* lane_header = "Cairn-Lane";
constexpr const char* position_header = "Cairn-Position";
constexpr const char* last_header = "Nats-Expected-Last-Sequence";
constexpr std::int64_t nanos_in_second = 1'000'000'000;
constexpr std::int64_t connect_milliseconds = 2000;

template <class T, void (*destroy)(T*)>
struct Destroy {
    void operator()(T* one) const { destroy(one); }
};
using ConnectionPtr =
    std::unique_ptr<natsConnection, Destroy<natsConnection, natsConnection_Destroy>>;
using OptionsPtr = std::unique_ptr<natsOptions, Destroy<natsOptions, natsOptions_Destroy>>;
using ContextPtr = std::unique_ptr<jsCtx, Destroy<jsCtx, jsCtx_Destroy>>;
using MessagePtr = std::unique_ptr<natsMsg, Destroy<natsMsg, natsMsg_Destroy>>;
using SubscriptionPtr =
    std::unique_ptr<natsSubscription, Destroy<natsSubscription, natsSubscription_Destroy>>;
using InfoPtr = std::unique_ptr<jsConsumerInfo, Destroy<jsConsumerInfo, jsConsumerInfo_Destroy>>;
using MetaPtr = std::unique_ptr<jsMsgMetaData, Destroy<jsMsgMetaData, jsMsgMetaData_Destroy>>;
using StreamPtr = std::unique_ptr<jsStreamInfo, Destroy<jsStreamInfo, jsStreamInfo_Destroy>>;

std::string error_text(natsStatus status, int code = 0) {
    return std::string{natsStatus_GetText(status)} +
           (code == 0 ? "" : ", JetStream error " + std::to_string(code));
}

template <class Number>
std::optional<Number> number_in(natsMsg* message, const char* header) {
    const char* text = nullptr;
    if (natsMsgHeader_Get(message, header, &text) != NATS_OK) return std::nullopt;
    const std::string_view digits{text};
    Number value{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

/// What the library's threads tell the one that waits.
struct Answers {
    struct One {
        bool given{};
        std::int64_t sequence{};  ///< 0: not stored
        bool duplicate{};
    };
    std::mutex mutex;
    std::condition_variable news;
    std::vector<One> all;
    std::int64_t first{};  ///< position of all[0]
    std::size_t open{};    ///< not given yet
    std::optional<std::string> refusal;
    bool overtaken = false;
    bool closed = false;

    void expect(std::int64_t position, std::size_t count) {
        const std::lock_guard lock{mutex};
        all.assign(count, {});
        first = position;
        open = count;
        refusal.reset();
        overtaken = false;
    }
    void keep(std::int64_t position, const jsPubAck* ack, const jsPubAckErr* error) {
        const std::lock_guard lock{mutex};
        const auto index = position - first;
        if (index < 0 || index >= std::ssize(all)) return;
        auto& one = all[static_cast<std::size_t>(index)];
        if (one.given) return;
        one = {true, ack ? static_cast<std::int64_t>(ack->Sequence) : 0, ack && ack->Duplicate};
        if (!ack && !refusal) {
            refusal = error ? error_text(error->Err, error->ErrCode) : "no reason was given";
            overtaken = error && error->ErrCode == JSStreamWrongLastSequenceErr;
        }
        --open;
        news.notify_one();
    }
    void close() {
        const std::lock_guard lock{mutex};
        closed = true;
        news.notify_one();
    }
};

/// Callbacks may come when their connection is gone, so they know a number and not a pointer.
class Listeners {
public:
    static Listeners& all() {
        static Listeners one;
        return one;
    }
    void* add(const std::shared_ptr<Answers>& answers) {
        const std::lock_guard lock{mutex_};
        listening_.emplace(++last_, answers);
        return reinterpret_cast<void*>(last_);
    }
    std::shared_ptr<Answers> find(void* number) {
        const std::lock_guard lock{mutex_};
        const auto found = listening_.find(reinterpret_cast<std::uintptr_t>(number));
        return found == listening_.end() ? nullptr : found->second;
    }
    void remove(void* number) {
        const std::lock_guard lock{mutex_};
        listening_.erase(reinterpret_cast<std::uintptr_t>(number));
    }

private:
    std::mutex mutex_;
    std::uintptr_t last_ = 0;
    std::map<std::uintptr_t, std::shared_ptr<Answers>> listening_;
};

void acknowledged(jsCtx*, natsMsg* given, jsPubAck* ack, jsPubAckErr* error, void* number) {
    const MessagePtr message{given};
    const auto answers = Listeners::all().find(number);
    const auto position = number_in<std::int64_t>(given, position_header);
    if (answers && position) answers->keep(*position, ack, error);
}

void connection_closed(natsConnection*, void* number) {
    if (const auto answers = Listeners::all().find(number)) answers->close();
}

/// Calls in a row; the first that fails says why, and the rest are left out.
class Steps {
public:
    template <class Call>
    Steps& then(Call call) {
        if (status_ == NATS_OK) status_ = call();
        return *this;
    }
    natsStatus status() const { return status_; }

private:
    natsStatus status_ = NATS_OK;
};

std::vector<std::string> parts_of(const std::string& list) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= list.size();) {
        const auto comma = std::min(list.find(',', at), list.size());
        if (comma > at) parts.push_back(list.substr(at, comma - at));
        at = comma + 1;
    }
    return parts;
}

natsStatus set_security(natsOptions* to, const Options& options) {
    const bool tls = !options.tls_ca.empty() || !options.tls_certificate.empty();
    Steps steps;
    if (tls) steps.then([&] { return natsOptions_SetSecure(to, true); });
    if (!options.tls_ca.empty())
        steps.then(
            [&] { return natsOptions_LoadCATrustedCertificates(to, options.tls_ca.c_str()); });
    if (!options.tls_certificate.empty())
        steps.then([&] {
            return natsOptions_LoadCertificatesChain(to, options.tls_certificate.c_str(),
                                                     options.tls_key.c_str());
        });
    if (!options.credentials.empty())
        steps.then([&] {
            return natsOptions_SetUserCredentialsFromFiles(to, options.credentials.c_str(),
                                                           nullptr);
        });
    return steps.status();
}

}  // namespace

struct JetStream::Body {
    Options options;
    std::shared_ptr<Answers> answers = std::make_shared<Answers>();
    void* listener = Listeners::all().add(answers);
    ConnectionPtr connection;
    ContextPtr context;
    std::int64_t stream_max = 0;  ///< bytes of one message; 0: any

    ~Body() {
        context.reset();
        if (connection) natsConnection_Close(connection.get());
        connection.reset();
        Listeners::all().remove(listener);
    }

    natsStatus open();
    domain::Result<void> make_stream();
    natsStatus send(const Message& message, const char* before, std::optional<std::int64_t> after);
    domain::Result<std::optional<Held>> next_of(natsSubscription* all, std::uint64_t& left);
    Published collect(std::size_t sent);
};

natsStatus JetStream::Body::open() {
    natsOptions* made = nullptr;
    if (const auto status = natsOptions_Create(&made); status != NATS_OK) return status;
    const OptionsPtr settings{made};
    const auto servers = parts_of(options.url);
    std::vector<const char*> addresses;
    for (const auto& server : servers) addresses.push_back(server.c_str());
    natsConnection* connected = nullptr;
    jsCtx* context_made = nullptr;
    jsOptions js;
    jsOptions_Init(&js);
    js.Wait = options.ack_wait.count();
    js.PublishAsync.MaxPending = options.in_flight_max;
    js.PublishAsync.AckHandler = acknowledged;
    js.PublishAsync.AckHandlerClosure = listener;
    return Steps{}
        .then([&] {
            return natsOptions_SetServers(made, addresses.data(),
                                          static_cast<int>(addresses.size()));
        })
        .then([&] { return natsOptions_SetName(made, "cairn relay"); })
        .then([&] { return natsOptions_SetTimeout(made, connect_milliseconds); })
        .then([&] { return natsOptions_SetAllowReconnect(made, false); })
        .then([&] { return natsOptions_SetPingInterval(made, 2000); })
        .then([&] { return natsOptions_SetClosedCB(made, connection_closed, listener); })
        .then([&] { return set_security(made, options); })
        .then([&] { return natsConnection_Connect(&connected, made); })
        .then([&] {
            connection.reset(connected);
            return natsConnection_JetStream(&context_made, connected, &js);
        })
        .then([&] {
            context.reset(context_made);
            return NATS_OK;
        })
        .status();
}

domain::Result<void> JetStream::Body::make_stream() {
    jsStreamInfo* found = nullptr;
    jsErrCode code{};
    auto status = js_GetStreamInfo(&found, context.get(), options.stream.c_str(), nullptr, &code);
    const StreamPtr there{found};
    if (status == NATS_OK) return {};
    if (code != JSStreamNotFoundErr)
        return domain::refuse(broker_refused, "stream: " + error_text(status, code));
    const char* subjects[]{options.subjects.c_str()};
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = options.stream.c_str();
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    config.Replicas = options.replicas;
    config.Duplicates = options.duplicates.count() * nanos_in_second;
    config.Description = "Events of Cairn, in order";
    jsStreamInfo* made = nullptr;
    status = js_AddStream(&made, context.get(), &config, nullptr, &code);
    const StreamPtr added{made};
    if (status != NATS_OK)
        return domain::refuse(broker_refused,
                              "the stream cannot be made: " + error_text(status, code));
    return {};
}

natsStatus JetStream::Body::send(const Message& message, const char* before,
                                 std::optional<std::int64_t> after) {
    natsMsg* made = nullptr;
    const auto lane = std::to_string(message.lane), position = std::to_string(message.position);
    auto status =
        Steps{}
            .then([&] {
                return natsMsg_Create(&made, message.subject.c_str(), nullptr, message.body.data(),
                                      static_cast<int>(message.body.size()));
            })
            .then([&] {
                return natsMsgHeader_Set(made, "Content-Type", "application/cloudevents+json");
            })
            .then([&] { return natsMsgHeader_Set(made, lane_header, lane.c_str()); })
            .then([&] { return natsMsgHeader_Set(made, position_header, position.c_str()); })
            .then([&] {
                // The library's option cannot say that a stream is still empty.
                return after ? natsMsgHeader_Set(made, last_header, std::to_string(*after).c_str())
                             : NATS_OK;
            })
            .status();
    MessagePtr owned{made};
    if (status != NATS_OK) return status;
    jsPubOptions publishing;
    jsPubOptions_Init(&publishing);
    publishing.MaxWait = options.ack_wait.count();
    publishing.MsgId = message.id.c_str();
    publishing.ExpectStream = options.stream.c_str();
    publishing.ExpectLastMsgId = before;
    auto* taken = owned.release();
    status = js_PublishMsgAsync(context.get(), &taken, &publishing);
    owned.reset(taken);
    return status;
}

/// Waits until every message is answered for, or nothing more can be expected.
Published JetStream::Body::collect(std::size_t sent) {
    std::unique_lock lock{answers->mutex};
    auto& all = answers->all;
    const auto unsent = all.size() - sent;
    while (answers->open > unsent && !answers->closed) {
        const auto before = answers->open;
        // As long as answers come in, a long span may take its time.
        const bool moved = answers->news.wait_for(
            lock, options.ack_wait, [&] { return answers->open < before || answers->closed; });
        if (!moved) break;
    }
    Published done;
    for (const auto& one : all) {
        if (one.sequence == 0) break;
        ++done.acknowledged;
        done.sequence = one.sequence;
        done.duplicates += one.duplicate;
    }
    done.in_doubt = answers->open > unsent;
    done.overtaken = done.acknowledged == 0 && answers->overtaken;
    if (answers->refusal) done.refusal = {broker_refused, *answers->refusal};
    else if (done.in_doubt) done.refusal = {broker_away, "no acknowledgement came"};
    return done;
}

JetStream::JetStream(std::unique_ptr<Body> body) : body_{std::move(body)} {}
JetStream::~JetStream() = default;

domain::Result<std::unique_ptr<JetStream>> JetStream::connect(const Options& options) {
    auto body = std::make_unique<Body>();
    body->options = options;
    if (const auto status = body->open(); status != NATS_OK)
        return domain::refuse(broker_away, error_text(status));
    if (auto made = body->make_stream(); !made) return std::unexpected(made.error());
    return std::unique_ptr<JetStream>{new JetStream{std::move(body)}};
}

bool JetStream::is_open() const {
    return natsConnection_Status(body_->connection.get()) == NATS_CONN_STATUS_CONNECTED;
}

std::size_t JetStream::message_max() const {
    const auto server = natsConnection_GetMaxPayload(body_->connection.get());
    const auto stream = body_->stream_max > 0 ? body_->stream_max : server;
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(stream, 0, std::max<std::int64_t>(0, server)));
}

Published JetStream::publish(std::span<const Message> messages, std::optional<std::int64_t> after) {
    if (messages.empty()) return {};
    body_->answers->expect(messages.front().position, messages.size());
    std::size_t sent = 0;
    auto status = NATS_OK;
    for (const char* before = nullptr; sent < messages.size(); ++sent) {
        status = body_->send(messages[sent], before, std::exchange(after, std::nullopt));
        if (status != NATS_OK) break;
        before = messages[sent].id.c_str();
    }
    auto done = body_->collect(sent);
    if (status != NATS_OK && !done.refusal) done.refusal = {broker_away, error_text(status)};
    return done;
}

domain::Result<std::int64_t> JetStream::last_sequence() {
    jsStreamInfo* found = nullptr;
    jsErrCode code{};
    const auto status = js_GetStreamInfo(&found, body_->context.get(),
                                         body_->options.stream.c_str(), nullptr, &code);
    const StreamPtr info{found};
    if (status != NATS_OK)
        return domain::refuse(broker_refused, "stream: " + error_text(status, code));
    body_->stream_max = info->Config->MaxMsgSize;
    return static_cast<std::int64_t>(info->State.LastSeq);
}

/// Empty for a message that is not one of ours. `left` becomes how many follow.
domain::Result<std::optional<Held>> JetStream::Body::next_of(natsSubscription* all,
                                                             std::uint64_t& left) {
    natsMsg* found = nullptr;
    const auto status = natsSubscription_NextMsg(&found, all, options.ack_wait.count());
    const MessagePtr message{found};
    if (status != NATS_OK) return domain::refuse(broker_refused, "messages: " + error_text(status));
    jsMsgMetaData* given = nullptr;
    if (const auto told = natsMsg_GetMetaData(&given, found); told != NATS_OK)
        return domain::refuse(broker_refused, "messages: " + error_text(told));
    const MetaPtr meta{given};
    left = meta->NumPending;
    const auto sequence = static_cast<std::int64_t>(meta->Sequence.Stream);
    const char* id = nullptr;
    const auto lane = number_in<int>(found, lane_header);
    const auto position = number_in<std::int64_t>(found, position_header);
    if (!lane || !position || natsMsgHeader_Get(found, id_header, &id) != NATS_OK)
        return std::nullopt;
    return Held{sequence, id, *lane, *position};
}

domain::Result<std::vector<Held>> JetStream::held(std::int64_t from, std::int64_t to) {
    jsSubOptions reading;
    jsSubOptions_Init(&reading);
    reading.Stream = body_->options.stream.c_str();
    reading.Ordered = true;
    reading.Config.DeliverPolicy = js_DeliverByStartSequence;
    reading.Config.OptStartSeq = static_cast<std::uint64_t>(std::max<std::int64_t>(1, from));
    reading.Config.HeadersOnly = true;
    natsSubscription* made = nullptr;
    jsErrCode code{};
    const auto status = js_SubscribeSync(&made, body_->context.get(),
                                         body_->options.subjects.c_str(), nullptr, &reading, &code);
    const SubscriptionPtr all{made};
    if (status != NATS_OK)
        return domain::refuse(broker_refused, "messages: " + error_text(status, code));
    jsConsumerInfo* told = nullptr;
    if (const auto asked = natsSubscription_GetConsumerInfo(&told, made, nullptr, &code);
        asked != NATS_OK)
        return domain::refuse(broker_refused, "messages: " + error_text(asked, code));
    const InfoPtr info{told};
    std::vector<Held> found;
    // Those that were delivered before it was asked are no longer pending.
    for (auto left = info->NumPending + info->Delivered.Consumer; left > 0;) {
        auto one = body_->next_of(made, left);
        if (!one) return std::unexpected(std::move(one.error()));
        if (!one->has_value()) continue;
        if ((*one)->sequence > to) break;
        found.push_back(**std::move(one));
    }
    return found;
}

}  // namespace broker
