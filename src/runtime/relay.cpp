#include "src/runtime/relay.hpp"

#include "projections/event_view.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace runtime {
namespace {

/// How far back the stream's newest messages are looked at.
constexpr std::int64_t look_back_max = 10'000;
/// What the headers of a message need of the broker's limit.
constexpr std::size_t header_bytes = 1024;

void add_token(std::string& subject, std::string_view token) {
    subject += '.';
    if (token.empty()) subject += '_';
    for (const char c : token) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_';
        subject += plain ? c : '_';
    }
}

domain::Result<std::vector<broker::Message>> messages_of(
    const std::vector<events::Recorded>& events, std::size_t payload_max) {
    std::vector<broker::Message> messages;
    for (const auto& event : events) {
        auto json = projections::cloud_event_withheld(event);
        if (!json) return std::unexpected(std::move(json.error()));
        if (json->size() + header_bytes > payload_max)
            json = projections::cloud_event_reference(event);
        messages.push_back({relay_subject(event), domain::to_text(event.id), *std::move(json),
                            event.lane, event.position});
    }
    return messages;
}

}  // namespace

std::string relay_subject(const events::Recorded& event) {
    std::string subject = "cairn";
    add_token(subject, domain::to_text(event.tenant));
    add_token(subject, event.stream.category);
    for (std::string_view rest = event.type;;) {
        const auto dot = rest.find('.');
        add_token(subject, rest.substr(0, dot));
        if (dot == std::string_view::npos) return subject;
        rest.remove_prefix(dot + 1);
    }
}

struct Relay::Body {
    RelayOptions options;
    postgres::RelayBook book;
    std::unique_ptr<broker::JetStream> broker;
    mutable std::mutex mutex;
    std::condition_variable wake;
    RelayStanding standing;
    bool told = false;
    bool stopping = false;
    std::thread thread;

    Body(postgres::Database database, RelayOptions given)
        : options{std::move(given)}, book{std::move(database), options.broker.stream} {}

    void run();
    domain::Result<void> round();
    domain::Result<void> settle(const std::vector<postgres::RelayLane>& lanes);
    domain::Result<void> keep_up(std::vector<postgres::RelayLane> lanes);
    domain::Result<bool> send(const postgres::RelayLane& lane);
    domain::Result<bool> is_known(const broker::Held& held);
    void keep(const domain::Result<void>& done);
    bool is_stopping() const {
        const std::lock_guard lock{mutex};
        return stopping;
    }
};

/// Of another log, or of this one before it was restored to an earlier point, positions mean
/// something else.
domain::Result<bool> Relay::Body::is_known(const broker::Held& held) {
    const auto event = book.event_at(held.lane, held.position);
    if (!event) return std::unexpected(event.error());
    return event->has_value() && domain::to_text(**event) == held.id;
}

/// Asks the stream itself how far it came: behind what is known, because acknowledgements were
/// lost, or before it, because it has lost messages. Lanes that an operator has set are left as
/// they are.
domain::Result<void> Relay::Body::settle(const std::vector<postgres::RelayLane>& lanes) {
    const auto last = broker->last_sequence();
    if (!last) return std::unexpected(last.error());
    std::int64_t known = 0;
    std::map<int, postgres::RelayLane> open, lost;
    for (const auto& lane : lanes) {
        if (!lane.sequence) continue;
        known = std::max(known, *lane.sequence);
        (*lane.sequence > *last ? lost : open).emplace(lane.lane, lane);
    }
    const auto looked_at_least = std::max<std::int64_t>(0, *last - look_back_max);
    for (auto at = *last; at > looked_at_least && ((at > known && !open.empty()) || !lost.empty());
         --at) {
        const auto held = broker->message_at(at);
        if (!held) return std::unexpected(held.error());
        if (!held->has_value()) continue;
        const auto& [id, number, position] = **held;
        const bool was_lost = lost.contains(number);
        if (!was_lost && (!open.contains(number) || at <= *open[number].sequence)) continue;
        const auto ours = is_known(**held);
        if (!ours) return std::unexpected(ours.error());
        if (!*ours) continue;
        auto& lane = was_lost ? lost[number] : open[number];
        if (was_lost)
            log::warn("the broker has lost what it acknowledged",
                      {{"lane", std::to_string(number)},
                       {"events", std::to_string(lane.position - position)}});
        if (auto moved = book.move(lane, position, at); !moved)
            return std::unexpected(moved.error());
        (was_lost ? lost : open).erase(number);
    }
    if (lost.empty()) return {};
    return domain::refuse(relay_lost, "lane " + std::to_string(lost.begin()->first) +
                                          "; cairn relay reset --to 0 sends everything again");
}

/// One batch of one lane; false when there is nothing to send.
domain::Result<bool> Relay::Body::send(const postgres::RelayLane& lane) {
    if (lane.behind() <= 0) return false;
    const auto events = book.read(lane.lane, lane.position, options.broker.in_flight_max);
    if (!events) return std::unexpected(events.error());
    const auto messages = messages_of(*events, broker->payload_max());
    if (!messages) return std::unexpected(messages.error());
    const auto sent = broker->publish(*messages);
    if (sent.in_doubt) broker.reset();
    if (sent.acknowledged == 0)
        return std::unexpected(sent.refusal.value_or(domain::Refusal{broker::broker_away}));
    const auto position = (*events)[sent.acknowledged - 1].position;
    // False: an operator has set the cursor meanwhile, and the next look goes by that.
    if (const auto moved = book.move(lane, position, sent.sequence); !moved)
        return std::unexpected(moved.error());
    const std::lock_guard lock{mutex};
    standing.published += sent.acknowledged;
    standing.duplicates += sent.duplicates;
    return true;
}

/// Lanes take turns, a batch each, until none has more.
domain::Result<void> Relay::Body::keep_up(std::vector<postgres::RelayLane> lanes) {
    for (bool moved = true; moved && !is_stopping();) {
        moved = false;
        for (const auto& lane : lanes) {
            if (!broker) return {};
            const auto sent = send(lane);
            if (!sent) return std::unexpected(sent.error());
            moved = moved || *sent;
        }
        auto next = book.lanes();
        if (!next) return std::unexpected(next.error());
        lanes = *std::move(next);
        const std::lock_guard lock{mutex};
        standing.lag_events = 0;
        for (const auto& lane : lanes) standing.lag_events += lane.behind();
    }
    return {};
}

domain::Result<void> Relay::Body::round() {
    const auto ours = book.is_ours();
    if (!ours) return std::unexpected(ours.error());
    auto lanes = book.lanes();
    if (!lanes) return std::unexpected(lanes.error());
    {
        const std::lock_guard lock{mutex};
        standing.ours = *ours;
        standing.lag_events = 0;
        for (const auto& lane : *lanes) standing.lag_events += lane.behind();
    }
    if (!*ours) {
        broker.reset();
        return {};
    }
    if (broker && !broker->is_open()) broker.reset();
    if (!broker) {
        auto connected = broker::JetStream::connect(options.broker);
        if (!connected) return std::unexpected(connected.error());
        broker = *std::move(connected);
        if (auto settled = settle(*lanes); !settled) return settled;
        lanes = book.lanes();
        if (!lanes) return std::unexpected(lanes.error());
    }
    if (auto said = book.say({"running", "", ""}); !said) return said;
    return keep_up(*std::move(lanes));
}

/// After any failure both connections are made anew, so that nothing is sent behind a gap.
void Relay::Body::keep(const domain::Result<void>& done) {
    const bool failed = !done.has_value();
    bool changed = false;
    {
        const std::lock_guard lock{mutex};
        changed = standing.failing != failed;
        standing.failing = failed;
    }
    if (!failed) {
        if (changed) log::info("events are relayed again", {});
        return;
    }
    broker.reset();
    const std::string code{done.error().why.slug};
    if (changed)
        log::warn("events are not relayed", {{"code", code}, {"detail", done.error().detail}});
    const bool halted = done.error().why == relay_lost;
    // Where the database is away too, nobody can be told but the log.
    if (const auto said = book.say({halted ? "halted" : "failing", code, done.error().detail});
        !said && changed)
        log::warn("the relay's state is not written",
                  {{"code", std::string{said.error().why.slug}}});
}

void Relay::Body::run() {
    auto pause = options.pause_min;
    while (true) {
        const auto done = round();
        keep(done);
        std::unique_lock lock{mutex};
        if (done) {
            pause = options.pause_min;
            wake.wait_for(lock, options.look_every, [this] { return stopping || told; });
        } else {
            wake.wait_for(lock, pause, [this] { return stopping; });
            pause = std::min(pause * 2, options.pause_max);
        }
        told = false;
        if (stopping) return;
    }
}

Relay::Relay(postgres::Database database, RelayOptions options)
    : body_{std::make_unique<Body>(std::move(database), std::move(options))} {
    body_->thread = std::thread{[body = body_.get()] {
        name_thread("cairn-relay");
        body->run();
    }};
}

Relay::~Relay() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->stopping = true;
    }
    body_->wake.notify_one();
    body_->thread.join();
}

void Relay::tell() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->told = true;
    }
    body_->wake.notify_one();
}

RelayStanding Relay::standing() const {
    const std::lock_guard lock{body_->mutex};
    return body_->standing;
}

}  // namespace runtime
