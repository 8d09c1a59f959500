#include "tests/support/broker.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <nats/nats.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace support {
namespace {

using namespace std::chrono_literals;

sockaddr_in loopback(unsigned short port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// Below the range that the kernel gives to clients, so that nobody takes it between two starts.
unsigned short free_port() {
    for (unsigned short port = static_cast<unsigned short>(20'000 + ::getpid() % 10'000);; ++port) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = loopback(port);
        const bool free =
            ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(fd);
        if (free) return port;
    }
}

bool answers(unsigned short port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    const bool connected =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return connected;
}

void must(natsStatus status, const char* what) {
    if (status != NATS_OK)
        throw std::runtime_error{std::string{what} + ": " + natsStatus_GetText(status)};
}

std::string header(natsMsg* message, const char* name) {
    const char* value = nullptr;
    return natsMsgHeader_Get(message, name, &value) == NATS_OK ? value : "";
}

}  // namespace

Broker::Broker(std::filesystem::path directory) : store_{std::move(directory)}, port_{free_port()} {
    std::filesystem::create_directories(store_);
}

Broker::~Broker() {
    if (pid_ > 0) stop(SIGKILL);
    std::error_code ignored;
    std::filesystem::remove_all(store_, ignored);
}

void Broker::start() {
    const auto port = std::to_string(port_);
    const auto store = store_.string(), log = store + ".log";
    pid_ = ::fork();
    if (pid_ == 0) {
        // The tests block signals that the server waits for.
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        ::execlp("nats-server", "nats-server", "-js", "-a", "127.0.0.1", "-p", port.c_str(), "-sd",
                 store.c_str(), "-l", log.c_str(), nullptr);
        ::_exit(127);
    }
    for (int tries = 0; !answers(port_); ++tries) {
        if (tries > 500) throw std::runtime_error{"nats-server does not start"};
        std::this_thread::sleep_for(20ms);
    }
}

void Broker::stop(int signal) {
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void Broker::publish(const std::string& subject, const std::string& body) const {
    natsConnection* connection = nullptr;
    must(natsConnection_ConnectTo(&connection, url().c_str()), "connect");
    jsCtx* context = nullptr;
    must(natsConnection_JetStream(&context, connection, nullptr), "context");
    must(js_Publish(nullptr, context, subject.c_str(), body.data(), static_cast<int>(body.size()),
                    nullptr, nullptr),
         "publish");
    jsCtx_Destroy(context);
    natsConnection_Destroy(connection);
}

void Broker::change_stream(const std::string& stream, int bytes, const char* subjects) const {
    natsConnection* connection = nullptr;
    must(natsConnection_ConnectTo(&connection, url().c_str()), "connect");
    jsCtx* context = nullptr;
    must(natsConnection_JetStream(&context, connection, nullptr), "context");
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = stream.c_str();
    config.Subjects = &subjects;
    config.SubjectsLen = 1;
    config.MaxMsgSize = bytes;
    jsErrCode code{};
    if (js_AddStream(nullptr, context, &config, nullptr, &code) != NATS_OK)
        must(js_UpdateStream(nullptr, context, &config, nullptr, &code), "update the stream");
    jsCtx_Destroy(context);
    natsConnection_Destroy(connection);
}

std::vector<Relayed> Broker::messages(const std::string& stream) const {
    natsConnection* connection = nullptr;
    must(natsConnection_ConnectTo(&connection, url().c_str()), "connect");
    jsCtx* context = nullptr;
    must(natsConnection_JetStream(&context, connection, nullptr), "context");
    jsStreamInfo* info = nullptr;
    std::vector<Relayed> all;
    jsErrCode code{};
    if (js_GetStreamInfo(&info, context, stream.c_str(), nullptr, &code) == NATS_OK) {
        const auto count = info->State.Msgs;
        jsSubOptions options;
        jsSubOptions_Init(&options);
        options.Stream = stream.c_str();
        options.Ordered = true;
        natsSubscription* subscription = nullptr;
        must(js_SubscribeSync(&subscription, context, "cairn.>", nullptr, &options, &code),
             "subscribe");
        natsSubscription_SetPendingLimits(subscription, -1, -1);
        while (all.size() < count) {
            natsMsg* message = nullptr;
            must(natsSubscription_NextMsg(&message, subscription, 5000), "next message");
            jsMsgMetaData* meta = nullptr;
            must(natsMsg_GetMetaData(&meta, message), "metadata");
            all.push_back({static_cast<std::int64_t>(meta->Sequence.Stream),
                           natsMsg_GetSubject(message),
                           header(message, "Nats-Msg-Id"),
                           {natsMsg_GetData(message),
                            static_cast<std::size_t>(natsMsg_GetDataLength(message))},
                           std::stoi("0" + header(message, "Cairn-Lane")),
                           std::stoll("0" + header(message, "Cairn-Position"))});
            jsMsgMetaData_Destroy(meta);
            natsMsg_Destroy(message);
        }
        natsSubscription_Destroy(subscription);
    }
    jsStreamInfo_Destroy(info);
    jsCtx_Destroy(context);
    natsConnection_Destroy(connection);
    return all;
}

}  // namespace support
