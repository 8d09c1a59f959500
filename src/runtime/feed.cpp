#include "src/runtime/feed.hpp"

#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/feed_channel.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include "projections/columns.hpp"
#include "projections/fields.hpp"

#include <atomic>
#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

namespace runtime {
namespace {

using Milliseconds = std::chrono::milliseconds;

constexpr int read_max = 1000;
/// One buffer's size, about: whoever still sends a part of it keeps it whole.
constexpr std::size_t buffer_bytes = 128 << 10;
constexpr Milliseconds look_interval{100};
constexpr Milliseconds pause_after_failure{500};

}  // namespace

/// Guards: `mutex` the lanes and waiters, each channel's own mutex what is in it.
struct Feed::Body {
    postgres::Database database;
    FeedOptions options;
    Frame frame;

    using Channels = std::map<domain::TenantId, std::shared_ptr<Channel>>;
    struct Lane {
        std::int64_t head = 0;   ///< as far as we were told
        std::int64_t tail = -1;  ///< read up to here; -1: nobody follows
        Channels channels;
        /// Whether there is something to read.
        bool has_news() const { return !channels.empty() && (tail < 0 || head > tail); }
    };
    struct Waiter {
        std::unique_ptr<Follower> follower;
        std::shared_ptr<std::atomic<bool>> woken;
        std::int64_t until_micros{};
        std::move_only_function<void(bool)> done;
    };

    std::mutex mutex;
    std::condition_variable wake;
    std::map<int, Lane> lanes;
    std::list<Waiter> waiters;
    bool waiter_woken = false;
    bool breathing = false;  ///< the next look is near: nobody need wake the thread
    bool stopping = false;
    std::int64_t not_before_micros{};
    std::int64_t next_recheck_micros{};
    std::thread thread;

    void run();
    void rest();
    bool has_news() const;
    bool is_followed() const;
    void start_lanes(pqxx::connection& connection);
    void read_lanes(pqxx::connection& connection);
    void publish(const postgres::LaneTail& tail, const Channels& channels);
    void recheck(pqxx::connection& connection);
    void drop_empty_channels();
    void tell_waiters();
};

namespace {

/// The frames of one tenant's events, in buffers of a bounded size.
std::optional<std::vector<FeedEvent>> framed(const Frame& frame,
                                             const std::vector<const events::Recorded*>& events) {
    struct At {
        std::size_t buffer{}, offset{}, size{};
        JsonPlace json;
    };
    std::vector<std::shared_ptr<std::string>> buffers;
    std::vector<At> places;
    for (const auto* event : events) {
        if (buffers.empty() || buffers.back()->size() > buffer_bytes)
            buffers.push_back(std::make_shared<std::string>());
        auto& out = *buffers.back();
        const auto offset = out.size();
        const auto json = frame(out, *event);
        if (!json) {
            log::warn("feed could not show an event",
                      {{"code", std::string{json.error().why.slug}}});
            return std::nullopt;
        }
        places.push_back({buffers.size() - 1, offset, out.size() - offset, *json});
    }
    std::vector<FeedEvent> made;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto& [buffer, offset, size, json] = places[i];
        const std::string_view whole{*buffers[buffer]};
        FeedEvent entry{*events[i], buffers[buffer], whole.substr(offset, size),
                        whole.substr(json.offset, json.size), json.opened};
        entry.event.data.clear();
        made.push_back(std::move(entry));
    }
    return made;
}

}  // namespace

bool Feed::Body::has_news() const {
    return std::ranges::any_of(lanes, [](const auto& entry) { return entry.second.has_news(); });
}

bool Feed::Body::is_followed() const {
    return std::ranges::any_of(lanes,
                               [](const auto& entry) { return !entry.second.channels.empty(); });
}

/// Until a lane has something to read, or it is time to look after followers and waiters.
void Feed::Body::rest() {
    std::unique_lock lock{mutex};
    wake.wait_for(lock, look_interval, [this] { return stopping || waiter_woken || has_news(); });
    breathing = true;
    const std::chrono::microseconds breath{not_before_micros - steady_micros()};
    wake.wait_for(lock, breath, [this] { return stopping || waiter_woken; });
    breathing = false;
}

/// A lane whose first follower has come is tailed from its head on; whoever wants more than that
/// reads it from the log.
void Feed::Body::start_lanes(pqxx::connection& connection) {
    {
        const std::lock_guard lock{mutex};
        const bool new_one = std::ranges::any_of(lanes, [](const auto& entry) {
            return entry.second.tail < 0 && !entry.second.channels.empty();
        });
        if (!new_one) return;
    }
    pqxx::nontransaction tx{connection};
    std::vector<std::shared_ptr<Channel>> started;
    for (const auto& row : tx.exec("select lane, position from log.lane_head")) {
        const auto [number, head] = row.as<int, std::int64_t>();
        const std::lock_guard lock{mutex};
        auto& lane = lanes[number];
        lane.head = std::max(lane.head, head);
        if (lane.tail >= 0 || lane.channels.empty()) continue;
        lane.tail = head;
        for (const auto& [tenant, channel] : lane.channels) {
            channel->restart(head);
            started.push_back(channel);
        }
    }
    for (const auto& channel : started) channel->wake();
}

/// Only what somebody follows leaves the database, of all lanes at once.
void Feed::Body::read_lanes(pqxx::connection& connection) {
    std::vector<postgres::LanePlace> due;
    std::map<int, Channels> channels;
    std::vector<domain::TenantId> tenants;
    {
        const std::lock_guard lock{mutex};
        const auto now = steady_micros();
        if (now < not_before_micros || !has_news()) return;
        not_before_micros = now + std::int64_t{options.breath_milliseconds} * 1000;
        for (const auto& [number, lane] : lanes) {
            if (lane.tail < 0 || !lane.has_news()) continue;
            due.push_back({number, lane.tail});
            channels[number] = lane.channels;
            for (const auto& [tenant, channel] : lane.channels) tenants.push_back(tenant);
        }
    }
    if (due.empty()) return;
    pqxx::nontransaction tx{connection};
    for (const auto& tail : postgres::read_tails(tx, due, tenants, {read_max}))
        publish(tail, channels[tail.lane]);
}

/// Framing happens without a lock. A channel that came meanwhile, or whose events could not be
/// framed, begins anew behind them: its followers read them from the log.
void Feed::Body::publish(const postgres::LaneTail& tail, const Channels& channels) {
    std::map<domain::TenantId, std::vector<const events::Recorded*>> by_tenant;
    for (const auto& event : tail.events) by_tenant[event.tenant].push_back(&event);
    std::map<domain::TenantId, std::optional<std::vector<FeedEvent>>> made;
    for (const auto& [tenant, channel] : channels) made[tenant] = framed(frame, by_tenant[tenant]);

    std::vector<std::shared_ptr<Channel>> to_wake;
    {
        const std::lock_guard lock{mutex};
        auto& lane = lanes[tail.lane];
        lane.tail = std::max(lane.tail, tail.through);
        lane.head = std::max(lane.head, tail.through);
        for (auto& [tenant, channel] : lane.channels) {
            const auto known = channels.find(tenant);
            auto frames = made.find(tenant);
            if (known == channels.end() || known->second != channel || !frames->second)
                channel->restart(tail.through);
            else channel->append(*std::move(frames->second), tail.through);
            to_wake.push_back(channel);
        }
    }
    for (const auto& channel : to_wake) channel->wake();
}

/// One question for everybody who follows: whom the directory knows as removed or deactivated.
void Feed::Body::recheck(pqxx::connection& connection) {
    std::vector<std::pair<domain::TenantId, std::shared_ptr<Channel>>> channels;
    {
        const std::lock_guard lock{mutex};
        if (steady_micros() < next_recheck_micros) return;
        next_recheck_micros = steady_micros() + std::int64_t{options.recheck_seconds} * 1'000'000;
        for (const auto& [number, lane] : lanes)
            channels.insert(channels.end(), lane.channels.begin(), lane.channels.end());
    }
    projections::Uuids tenants, users;
    for (const auto& [tenant, channel] : channels) {
        for (const auto& user : channel->users()) {
            tenants.push_back(tenant);
            users.push_back(user);
        }
    }
    if (tenants.size() == 0) return;
    pqxx::nontransaction tx{connection};
    const auto rows = tx.exec(R"sql(
        select f.tenant, f.person from unnest($1::uuid[], $2::uuid[]) as f (tenant, person)
         where exists (select from board.member m where m.tenant = f.tenant
                          and m.member = f.person and m.removed)
            or exists (select from board.person p where p.tenant = f.tenant
                          and p.person = f.person and not p.active))sql",
                              pqxx::params{tenants.bound(), users.bound()});
    for (const auto& row : rows) {
        const domain::TenantId tenant{projections::uuid_of(row[0])};
        const domain::UserId user{projections::uuid_of(row[1])};
        for (const auto& [owner, channel] : channels) {
            if (owner == tenant) channel->shut_out(user);
        }
    }
}

void Feed::Body::drop_empty_channels() {
    const std::lock_guard lock{mutex};
    for (auto& [number, lane] : lanes) {
        std::erase_if(lane.channels, [](const auto& entry) { return entry.second->empty(); });
        if (lane.channels.empty()) lane.tail = -1;
    }
}

/// Who was woken looks again; who has waited long enough is told so.
void Feed::Body::tell_waiters() {
    std::list<std::pair<Waiter, bool>> due;
    {
        const std::lock_guard lock{mutex};
        waiter_woken = false;
        const auto now = steady_micros();
        for (auto at = waiters.begin(); at != waiters.end();) {
            const bool woken = at->woken->exchange(false);
            const bool more = woken && at->follower && at->follower->take([](const FeedEvent&) {
                return false;
            }) != Follower::Is::waiting;
            if (!more && now < at->until_micros && !stopping) {
                ++at;
                continue;
            }
            due.emplace_back(std::move(*at), more);
            at = waiters.erase(at);
        }
    }
    for (auto& [waiter, more] : due) waiter.done(more);
}

void Feed::Body::run() {
    std::unique_ptr<pqxx::connection> connection;
    while (true) {
        rest();
        drop_empty_channels();
        bool followed = false;
        {
            const std::lock_guard lock{mutex};
            if (stopping) return;
            followed = is_followed();
        }
        const auto ran = postgres::refusing([&]() -> domain::Result<void> {
            if (!followed) return {};
            if (!connection) connection = postgres::connect(database, postgres::As::projector);
            start_lanes(*connection);
            read_lanes(*connection);
            recheck(*connection);
            return {};
        });
        tell_waiters();
        if (ran) continue;
        log::warn("feed could not read the log",
                  {{"code", std::string{ran.error().why.slug}}, {"detail", ran.error().detail}});
        connection.reset();
        std::this_thread::sleep_for(pause_after_failure);
    }
}

Feed::Feed(postgres::Database database, FeedOptions options, Frame frame)
    : body_{std::make_shared<Body>()} {
    body_->database = std::move(database);
    body_->options = options;
    body_->frame = std::move(frame);
    body_->thread = std::thread{[body = body_.get()] {
        name_thread("cairn-feed");
        body->run();
    }};
}

Feed::~Feed() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->stopping = true;
    }
    body_->wake.notify_all();
    body_->thread.join();
    body_->tell_waiters();
}

void Feed::wake(int lane, std::int64_t position) {
    {
        const std::lock_guard lock{body_->mutex};
        auto& known = body_->lanes[lane];
        if (position <= known.head) return;
        known.head = position;
        if (known.channels.empty() || body_->breathing) return;
    }
    body_->wake.notify_one();
}

std::unique_ptr<Follower> Feed::follow(Wanted wanted, std::function<void()> wake) {
    std::shared_ptr<Channel> channel;
    {
        const std::lock_guard lock{body_->mutex};
        auto& lane = body_->lanes[wanted.lane];
        auto& found = lane.channels[wanted.tenant];
        if (!found) found = std::make_shared<Channel>(body_->options, lane.tail);
        if (found->followers() >= body_->options.followers_max) return nullptr;
        channel = found;
        // Joined under the lock, or an empty channel could be dropped before its first follower.
        auto body = std::make_shared<Follower::Body>(channel, wanted.user, wanted.after,
                                                     std::move(wanted.filter), std::move(wake));
        channel->join(body);
        body_->wake.notify_one();
        return std::make_unique<Follower>(std::move(body));
    }
}

void Feed::when_more(Wanted wanted, int milliseconds, std::move_only_function<void(bool)> done) {
    auto woken = std::make_shared<std::atomic<bool>>(true);
    const std::weak_ptr<Body> weak = body_;
    auto follower = follow(std::move(wanted), [woken, weak] {
        *woken = true;
        const auto body = weak.lock();
        if (!body) return;
        {
            const std::lock_guard lock{body->mutex};
            body->waiter_woken = true;
        }
        body->wake.notify_one();
    });
    {
        const std::lock_guard lock{body_->mutex};
        // Without a place among the followers the time passes all the same, or callers would spin.
        if (!body_->stopping) {
            body_->waiters.push_back({std::move(follower), std::move(woken),
                                      steady_micros() + std::int64_t{milliseconds} * 1000,
                                      std::move(done)});
            body_->waiter_woken = true;
            body_->wake.notify_one();
            return;
        }
    }
    done(false);
}

std::size_t Feed::followers() const {
    const std::lock_guard lock{body_->mutex};
    std::size_t count = 0;
    for (const auto& [number, lane] : body_->lanes) {
        for (const auto& [tenant, channel] : lane.channels) count += channel->followers();
    }
    return count;
}

Follower::~Follower() { body_->channel->leave(body_.get()); }
Follower::Is Follower::take(const std::function<bool(const FeedEvent&)>& give) {
    return body_->channel->take(*body_, give);
}
void Follower::move_to(std::int64_t position) { body_->after = position; }
std::int64_t Follower::position() const { return body_->after; }

}  // namespace runtime
