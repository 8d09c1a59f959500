#include "src/runtime/relay.hpp"

#include "projections/event_view.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <ranges>
#include <thread>

namespace runtime {
namespace {

/// How far back the stream's newest messages are looked at, and how many at a time.
constexpr std::int64_t look_back_max = 10'000, look_at_once = 500;
/// Where others publish to the stream all the time, its last number is never known for long.
constexpr int overtaken_max = 3;
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

/// What cannot be sent as it is, because it is too large or does not read, goes as a reference.
std::vector<broker::Message> messages_of(const std::vector<events::Recorded>& events,
                                         std::size_t message_max) {
    std::vector<broker::Message> messages;
    for (const auto& event : events) {
        auto json = projections::cloud_event_withheld(event);
        if (!json || json->size() + header_bytes > message_max)
            json = projections::cloud_event_reference(event);
        messages.push_back({relay_subject(event), domain::to_text(event.id), *std::move(json),
                            event.lane, event.position});
    }
    return messages;
}

/// A lane whose next event the broker refuses.
struct HeldUp {
    std::int64_t position{};
    domain::Refusal why;
    std::chrono::milliseconds pause{};
    std::chrono::steady_clock::time_point next_try{};
};

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
    std::map<int, HeldUp> held_up;
    /// Lanes that the stream is asked for: those it may hold more of than is known, and those it
    /// holds less of than it has acknowledged.
    std::map<int, postgres::RelayLane> open, lost;
    std::int64_t last = 0;    ///< the stream's number, as far as is known
    int overtaken = 0;        ///< times in a row
    bool met_others = false;  ///< since the lanes were read
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
    domain::Result<void> take_back(std::vector<broker::Held> messages);
    domain::Result<void> take(const broker::Held& held);
    domain::Result<void> keep_up(std::vector<postgres::RelayLane> lanes);
    domain::Result<bool> send(const postgres::RelayLane& lane);
    domain::Result<bool> meet_others();
    void hold_up(const postgres::RelayLane& lane, domain::Refusal why);
    postgres::RelaySaying saying() const;
    void keep(const domain::Result<void>& done);
    bool is_stopping() const {
        const std::lock_guard lock{mutex};
        return stopping;
    }
};

/// Lets the newest of these messages say how far the stream came with their lanes. Of another log,
/// or of this one before it was restored to an earlier point, positions mean something else.
domain::Result<void> Relay::Body::take_back(std::vector<broker::Held> messages) {
    std::erase_if(messages, [this](const broker::Held& held) {
        if (lost.contains(held.lane)) return false;
        const auto lane = open.find(held.lane);
        return lane == open.end() || held.sequence <= *lane->second.sequence;
    });
    if (messages.empty()) return {};
    std::vector<postgres::RelayBook::Place> places;
    for (const auto& held : messages) places.emplace_back(held.lane, held.position);
    const auto ours = book.events_at(places);
    if (!ours) return std::unexpected(ours.error());
    for (const auto& held : std::views::reverse(messages)) {
        const auto event = ours->find({held.lane, held.position});
        if (event == ours->end() || domain::to_text(event->second) != held.id) continue;
        if (auto taken = take(held); !taken) return taken;
    }
    return {};
}

/// Only the newest of a lane: it is neither open nor lost then.
domain::Result<void> Relay::Body::take(const broker::Held& held) {
    const bool was_lost = lost.contains(held.lane);
    if (!was_lost && !open.contains(held.lane)) return {};
    const auto lane = (was_lost ? lost : open).extract(held.lane).mapped();
    if (was_lost)
        log::warn("the broker has lost what it acknowledged",
                  {{"lane", std::to_string(held.lane)},
                   {"events", std::to_string(lane.position - held.position)}});
    if (auto moved = book.move(lane, held.position, held.sequence); !moved)
        return std::unexpected(moved.error());
    return {};
}

/// Asks the stream itself how far it came: behind what is known, because acknowledgements were
/// lost, or before it, because it has lost messages. Lanes that an operator has set are left as
/// they are.
domain::Result<void> Relay::Body::settle(const std::vector<postgres::RelayLane>& lanes) {
    const auto newest = broker->last_sequence();
    if (!newest) return std::unexpected(newest.error());
    std::int64_t known = 0;
    open.clear();
    lost.clear();
    for (const auto& lane : lanes) {
        if (!lane.sequence) continue;
        known = std::max(known, *lane.sequence);
        (*lane.sequence > *newest ? lost : open).emplace(lane.lane, lane);
    }
    last = *newest;
    const auto looked_at_least = std::max<std::int64_t>(0, last - look_back_max);
    for (auto to = last; to > looked_at_least && !is_stopping(); to -= look_at_once) {
        const bool more = (to > known && !open.empty()) || !lost.empty();
        if (!more) break;
        const auto from = std::max(looked_at_least, to - look_at_once) + 1;
        auto held = broker->held(from, to);
        if (!held) return std::unexpected(held.error());
        if (auto taken = take_back(*std::move(held)); !taken) return taken;
    }
    if (lost.empty() || is_stopping()) return {};
    return domain::refuse(relay_lost, "lane " + std::to_string(lost.begin()->first) +
                                          "; cairn relay reset --to 0 sends everything again");
}

/// Somebody else has published to the stream: another process that took this for dead, or a
/// stranger. What the stream holds by now is looked at before anything is sent.
domain::Result<bool> Relay::Body::meet_others() {
    met_others = true;
    ++overtaken;
    const auto lanes = book.lanes();
    if (!lanes) return std::unexpected(lanes.error());
    if (auto settled = settle(*lanes); !settled) return std::unexpected(settled.error());
    return true;
}

void Relay::Body::hold_up(const postgres::RelayLane& lane, domain::Refusal why) {
    auto& held = held_up[lane.lane];
    if (held.position != lane.position + 1) {
        held = {lane.position + 1, {}, options.pause_min, {}};
        log::warn("the broker refuses an event; its lane waits",
                  {{"lane", std::to_string(lane.lane)},
                   {"position", std::to_string(held.position)},
                   {"detail", why.detail}});
    }
    held.why = std::move(why);
    held.next_try = std::chrono::steady_clock::now() + held.pause;
    held.pause = std::min(held.pause * 2, options.pause_max);
}

postgres::RelaySaying Relay::Body::saying() const {
    if (held_up.empty()) return {"running", "", ""};
    const auto& [lane, held] = *held_up.begin();
    const auto more = held_up.size() - 1;
    return {"failing", std::string{held.why.why.slug},
            "lane " + std::to_string(lane) + " waits at position " + std::to_string(held.position) +
                (more == 0 ? "" : ", and " + std::to_string(more) + " more lanes wait") + ": " +
                held.why.detail};
}

/// One batch of one lane; false when there is nothing to send.
domain::Result<bool> Relay::Body::send(const postgres::RelayLane& lane) {
    const auto waiting = held_up.find(lane.lane);
    if (lane.behind() <= 0) {
        if (waiting != held_up.end()) held_up.erase(waiting);
        return false;
    }
    if (waiting != held_up.end()) {
        if (std::chrono::steady_clock::now() < waiting->second.next_try) return false;
        // Somebody may have changed the stream, or its limits, for the sake of this lane.
        if (auto asked = broker->last_sequence(); !asked) return std::unexpected(asked.error());
    }
    const auto events = book.read(lane.lane, lane.position, options.broker.in_flight_max);
    if (!events) return std::unexpected(events.error());
    const auto sent =
        broker->publish(messages_of(*events, broker->message_max()),
                        overtaken < overtaken_max ? std::optional{last} : std::nullopt);
    if (sent.overtaken) return meet_others();
    overtaken = 0;
    last = std::max(last, sent.sequence);
    if (sent.in_doubt) broker.reset();
    if (sent.acknowledged == 0) {
        auto why = sent.refusal.value_or(domain::Refusal{broker::broker_away});
        if (sent.in_doubt || why.why != broker::broker_refused)
            return std::unexpected(std::move(why));
        hold_up(lane, std::move(why));
        return false;
    }
    held_up.erase(lane.lane);
    const auto position = (*events)[sent.acknowledged - 1].position;
    // False: an operator has set the cursor meanwhile, and the next look goes by that.
    if (const auto moved = book.move(lane, position, sent.sequence); !moved)
        return std::unexpected(moved.error());
    const std::lock_guard lock{mutex};
    standing.published += sent.acknowledged;
    standing.duplicates += sent.duplicates;
    return true;
}

/// Lanes take turns, a batch each, until none has more that the broker takes.
domain::Result<void> Relay::Body::keep_up(std::vector<postgres::RelayLane> lanes) {
    for (bool moved = true; moved && !is_stopping();) {
        moved = false;
        met_others = false;
        for (const auto& lane : lanes) {
            if (!broker) return {};
            const auto sent = send(lane);
            if (!sent) return std::unexpected(sent.error());
            moved = moved || *sent;
            if (met_others) break;
        }
        auto next = book.lanes();
        if (!next) return std::unexpected(next.error());
        lanes = *std::move(next);
        const std::lock_guard lock{mutex};
        standing.lag_events = 0;
        for (const auto& lane : lanes) standing.lag_events += lane.behind();
    }
    return book.say(saying());
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
        held_up.clear();
        overtaken = 0;
        if (auto settled = settle(*lanes); !settled) return settled;
        lanes = book.lanes();
        if (!lanes) return std::unexpected(lanes.error());
    }
    if (auto said = book.say(saying()); !said) return said;
    return keep_up(*std::move(lanes));
}

/// After any failure both connections are made anew, so that nothing is sent behind a gap.
void Relay::Body::keep(const domain::Result<void>& done) {
    if (!done) {
        broker.reset();
        held_up.clear();
    }
    const bool failed = !done || !held_up.empty();
    bool changed = false;
    {
        const std::lock_guard lock{mutex};
        changed = standing.failing != failed;
        standing.failing = failed;
        standing.held_lanes = static_cast<int>(held_up.size());
    }
    if (!failed && changed) log::info("events are relayed again", {});
    if (done) return;
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
