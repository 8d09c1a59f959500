#include "src/http/feed_stream.hpp"

#include "events/document.hpp"
#include "events/writer.hpp"
#include "projections/event_view.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/uuid.hpp"

#include <deque>
#include <mutex>
#include <set>
#include <sodium.h>

namespace http {
namespace {

constexpr std::int64_t batch_events = 200;
constexpr std::int64_t batch_bytes = 1 << 20;
constexpr std::int64_t silence_micros_max = 15'000'000;
/// Whose values a stream has shown is said again after so long.
constexpr std::int64_t noted_micros_max = 10'000'000;
constexpr std::size_t noted_values_max = 10'000;
constexpr std::int64_t credits_max = 1'000'000;
constexpr std::uint32_t retry_milliseconds = 1000, retry_spread_milliseconds = 2000;

std::shared_ptr<const audit::Opened> opened_by(const audit::RecordingKeys& keys) {
    if (keys.opened().empty()) return nullptr;
    return std::make_shared<const audit::Opened>(keys.opened());
}

Bytes bytes_of(std::string text) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    const std::string_view view{*owner};
    return {std::move(owner), view};
}

/// A stream that reads the log in batches on workers' threads, one at a time.
class LogStream : public Stream, public std::enable_shared_from_this<LogStream> {
public:
    LogStream(std::shared_ptr<Shared> shared, StreamAsk ask)
        : shared_{std::move(shared)}, ask_{std::move(ask)} {}

    void start(std::function<void()> wake) override {
        const std::lock_guard lock{mutex_};
        wake_ = std::move(wake);
    }
    void stop(std::string_view reason) override {
        const std::lock_guard lock{mutex_};
        end_with(reason);
    }

protected:
    struct Framed {
        Bytes frame, json;
    };

    /// Turns an event into what is sent; appends to `out` and says where its JSON is.
    virtual domain::Result<runtime::JsonPlace> frame(std::string& out,
                                                     const events::Recorded& event) = 0;
    /// Everything up to `position` is in the backlog. Under the lock.
    virtual void came_to(std::int64_t position) = 0;

    void end_with(std::string_view reason) {
        if (reason_.empty()) reason_ = reason;
    }

    /// Puts into the trail whose values are about to be shown, unless an entry of late says so;
    /// false when it cannot be recorded, and they must not be shown. Under the lock.
    bool is_noted(const audit::Opened& opened) {
        const auto now = runtime::steady_micros();
        if (now - noted_since_micros_ > noted_micros_max || noted_.size() > noted_values_max) {
            noted_.clear();
            noted_since_micros_ = now;
        }
        bool known = true;
        for (const auto& subject : opened.subjects) {
            for (const auto& field : opened.fields)
                known = known && noted_.contains({subject, field});
        }
        if (known) return true;
        auto entry = ask_.entry;
        entry.at = runtime::now();
        // A request has one entry; those that a stream adds have ids of their own.
        if (std::exchange(is_entered_, true)) entry.request = runtime::uuid_v7();
        entry.subjects = subjects_text(opened);
        entry.fields = fields_text(opened);
        if (!shared_->parts.trail.record(std::move(entry), audit::Need::certain)) return false;
        for (const auto& subject : opened.subjects) {
            for (const auto& field : opened.fields) noted_.emplace(subject, field);
        }
        return true;
    }

    /// Under the lock.
    void fetch(std::int64_t after) {
        fetching_ = true;
        const auto posted = shared_->parts.workers.post(
            [self = shared_from_this(), after](postgres::Reader& reader) {
                self->read(reader, after);
            });
        if (posted) return;
        fetching_ = false;
        end_with("overloaded");
    }

    const std::shared_ptr<Shared> shared_;
    const StreamAsk ask_;
    std::mutex mutex_;
    std::function<void()> wake_ = [] {};
    std::deque<Framed> backlog_;
    std::string reason_;  ///< why it ends; empty: it goes on
    bool fetching_ = false;

private:
    std::set<std::pair<domain::SubjectId, std::string>> noted_;
    std::int64_t noted_since_micros_ = 0;
    bool is_entered_ = false;

    void read(postgres::Reader& reader, std::int64_t after) {
        auto batch = reader.query<postgres::FeedBatch>(
            ask_.who.tenant,
            [&](pqxx::transaction_base& tx) -> domain::Result<postgres::FeedBatch> {
                return postgres::read_feed(tx, ask_.who.tenant, ask_.filter, after,
                                           {batch_events, batch_bytes});
            });
        auto why = batch ? keep(*batch) : std::string{batch.error().why.slug};
        std::function<void()> wake;
        {
            const std::lock_guard lock{mutex_};
            fetching_ = false;
            if (!why.empty()) end_with(why);
            wake = wake_;
        }
        wake();
    }

    /// Frames a batch, and no more of it than may wait; says why it could not.
    std::string keep(const postgres::FeedBatch& batch) {
        const auto owner = std::make_shared<std::string>();
        struct At {
            std::size_t offset{}, size{};
            runtime::JsonPlace json;
        };
        std::vector<At> places;
        audit::Opened opened;
        auto through = batch.through;
        for (const auto& event : batch.events) {
            if (std::ssize(*owner) > batch_bytes) break;
            const auto offset = owner->size();
            const auto json = frame(*owner, event);
            if (!json) return std::string{json.error().why.slug};
            places.push_back({offset, owner->size() - offset, *json});
            if (json->opened) opened.add(*json->opened);
            through = places.size() == batch.events.size() ? batch.through : event.position;
        }
        const std::lock_guard lock{mutex_};
        if (!is_noted(opened)) return std::string{audit::audit_unavailable.slug};
        const std::string_view whole{*owner};
        for (const auto& [offset, size, json] : places)
            backlog_.push_back({{owner, whole.substr(offset, size)},
                                {owner, whole.substr(json.offset, json.size)}});
        came_to(through);
        return {};
    }
};

/// Live: the backlog of a catch-up first, then what the feed shares.
class LiveStream final : public LogStream {
public:
    LiveStream(std::shared_ptr<Shared> shared, StreamAsk ask, bool web_socket)
        : LogStream{std::move(shared), std::move(ask)},
          web_socket_{web_socket},
          credits_{web_socket ? 0 : credits_max},
          frame_{frame_of(shared_->parts.keys, shared_->parts.secrets)} {}

    /// False when the tenant has as many followers as it may have.
    bool join() {
        const auto weak = weak_from_this();
        follower_ = shared_->parts.feed.follow(
            {ask_.who.tenant, ask_.who.user, ask_.lane, ask_.after, ask_.filter}, [weak] {
                const auto self = std::static_pointer_cast<LiveStream>(weak.lock());
                if (self) self->woken();
            });
        return follower_ != nullptr;
    }

    Taken take(std::size_t bytes_max) override;
    bool hear(std::string_view message) override;

private:
    domain::Result<runtime::JsonPlace> frame(std::string& out,
                                             const events::Recorded& event) override {
        return frame_(out, event);
    }
    void came_to(std::int64_t position) override { follower_->move_to(position); }
    void woken();
    void take_backlog(Taken& taken, std::size_t bytes_max);
    void take_shared(Taken& taken, std::size_t bytes_max);
    bool give(Taken& taken, std::size_t bytes_max, const Bytes& frame, const Bytes& json);
    void say(Taken& taken, std::string_view what, std::string_view reason = {});
    std::string token() const {
        return shared_->opaque.event_token(ask_.who.tenant, follower_->position());
    }

    const bool web_socket_;
    std::int64_t credits_;  ///< events that may be given; server-sent ones need none
    const runtime::Frame frame_;
    std::unique_ptr<runtime::Follower> follower_;
    std::size_t given_bytes_ = 0;
    std::int64_t said_micros_ = runtime::steady_micros();
    bool begun_ = false;
    bool caught_up_ = false;
};

void LiveStream::woken() {
    const std::lock_guard lock{mutex_};
    wake_();
}

/// Neighbours in one buffer become one part, so that a burst is one piece for the kernel.
bool LiveStream::give(Taken& taken, std::size_t bytes_max, const Bytes& frame, const Bytes& json) {
    if (given_bytes_ >= bytes_max || credits_ == 0) return false;
    given_bytes_ += frame.view.size();
    if (web_socket_) {
        --credits_;
        taken.parts.push_back(json);
        return true;
    }
    const bool neighbour =
        !taken.parts.empty() &&
        taken.parts.back().view.data() + taken.parts.back().view.size() == frame.view.data();
    if (neighbour)
        taken.parts.back().view = {taken.parts.back().view.data(),
                                   taken.parts.back().view.size() + frame.view.size()};
    else taken.parts.push_back(frame);
    return true;
}

void LiveStream::take_backlog(Taken& taken, std::size_t bytes_max) {
    while (!backlog_.empty() &&
           give(taken, bytes_max, backlog_.front().frame, backlog_.front().json))
        backlog_.pop_front();
}

void LiveStream::take_shared(Taken& taken, std::size_t bytes_max) {
    if (!backlog_.empty() || fetching_ || credits_ == 0) return;
    const auto before = follower_->position();
    const auto parts_before = taken.parts.size();
    audit::Opened opened;
    const auto is = follower_->take([&](const runtime::FeedEvent& event) {
        if (!give(taken, bytes_max, {event.owner, event.frame}, {event.owner, event.json}))
            return false;
        if (event.opened) opened.add(*event.opened);
        return true;
    });
    if (!is_noted(opened)) {
        // Nobody has seen them: who comes back gets them.
        taken.parts.resize(parts_before);
        follower_->move_to(before);
        return end_with(audit::audit_unavailable.slug);
    }
    if (is == runtime::Follower::Is::shut_out) end_with("forbidden");
    if (is == runtime::Follower::Is::behind) fetch(follower_->position());
    taken.all = is == runtime::Follower::Is::drained || is == runtime::Follower::Is::waiting;
    if (taken.all && !std::exchange(caught_up_, true)) say(taken, "caught-up");
}

/// Words of our own beside the events.
void LiveStream::say(Taken& taken, std::string_view what, std::string_view reason) {
    events::Writer out;
    out.open();
    if (web_socket_) out.key("control").text(what);
    if (!reason.empty()) out.key("reason").text(reason);
    out.key("position").text(std::to_string(follower_->position())).close();
    if (web_socket_) return taken.parts.push_back(bytes_of(out.take()));
    std::string text = "event: " + std::string{what} + "\ndata: " + out.take() + "\n";
    // Only what was really given may be resumed behind: the rest of a backlog was not.
    if (backlog_.empty()) text += "id: " + token() + "\n";
    taken.parts.push_back(bytes_of(text + "\n"));
}

Stream::Taken LiveStream::take(std::size_t bytes_max) {
    const std::lock_guard lock{mutex_};
    Taken taken;
    given_bytes_ = 0;
    const auto now = runtime::steady_micros();
    if (!web_socket_ && !std::exchange(begun_, true)) {
        const auto retry = retry_milliseconds + randombytes_uniform(retry_spread_milliseconds);
        taken.parts.push_back(
            bytes_of("retry: " + std::to_string(retry) + "\nid: " + token() + "\n\n"));
    }
    if (runtime::now() > ask_.expires) end_with("token-expired");
    if (reason_.empty()) take_backlog(taken, bytes_max);
    if (reason_.empty()) take_shared(taken, bytes_max);
    if (!reason_.empty()) {
        say(taken, "cut", reason_);
        taken.ended = true;
    } else if (taken.parts.empty() && !web_socket_ && now - said_micros_ > silence_micros_max) {
        // The id moves on over what the filter leaves out, so that a return reads less again.
        const bool known = backlog_.empty() && !fetching_;
        taken.parts.push_back(bytes_of(known ? ": still here\nid: " + token() + "\n\n"
                                             : std::string{": still here\n\n"}));
    }
    if (!taken.parts.empty()) said_micros_ = now;
    return taken;
}

/// {"credit":n}: n more events may be sent.
bool LiveStream::hear(std::string_view message) {
    const auto document = events::Document::parse(message);
    if (!document || !document->root().is_object() || document->root().members().size() != 1)
        return false;
    const auto credit = document->root().find("credit");
    const auto value = credit ? credit->integer() : std::nullopt;
    if (!value || *value < 1 || *value > credits_max) return false;
    const std::lock_guard lock{mutex_};
    credits_ = std::min(credits_ + *value, credits_max);
    return true;
}

/// Everything up to a position, in lines.
class DumpStream final : public LogStream {
public:
    DumpStream(std::shared_ptr<Shared> shared, StreamAsk ask)
        : LogStream{std::move(shared), std::move(ask)}, position_{ask_.after} {}

    Taken take(std::size_t bytes_max) override {
        const std::lock_guard lock{mutex_};
        Taken taken;
        if (runtime::now() > ask_.expires) end_with("token-expired");
        if (!reason_.empty()) {
            // The summary is missing and so is the last chunk: nobody takes it for the whole.
            taken.ended = taken.broken = true;
            return taken;
        }
        for (std::size_t given = 0; given < bytes_max && !backlog_.empty();) {
            given += backlog_.front().frame.view.size();
            taken.parts.push_back(std::move(backlog_.front().frame));
            backlog_.pop_front();
        }
        if (!backlog_.empty() || fetching_) return taken;
        if (position_ < ask_.until) {
            fetch(position_);
            return taken;
        }
        events::Writer out;
        out.open().key("summary").open().key("events").integer(events_);
        out.key("position").text(std::to_string(ask_.until)).close().close();
        taken.parts.push_back(bytes_of(out.take() + "\n"));
        taken.ended = true;
        return taken;
    }
    bool hear(std::string_view) override { return false; }

private:
    domain::Result<runtime::JsonPlace> frame(std::string& out,
                                             const events::Recorded& event) override {
        // What was committed after the dump began belongs to the next one.
        if (event.position > ask_.until) return runtime::JsonPlace{out.size(), 0};
        audit::RecordingKeys keys{shared_->parts.keys};
        auto json = projections::event_json(keys, event);
        if (!json) return std::unexpected(std::move(json.error()));
        const runtime::JsonPlace place{out.size(), json->size(), opened_by(keys)};
        out += *json;
        out += '\n';
        ++events_;
        return place;
    }
    void came_to(std::int64_t position) override { position_ = position; }

    std::int64_t position_;
    std::int64_t events_ = 0;  ///< by one job at a time, and read between two
};

}  // namespace

/// The id comes behind the data: a client that takes an id for received as soon as it reads it,
/// as npm's eventsource 2 does, then never skips an event whose data was cut off.
runtime::Frame frame_of(postgres::KeyRing& keys, const security::Secrets& secrets) {
    return
        [&keys, opaque = Opaque{secrets}](
            std::string& out, const events::Recorded& event) -> domain::Result<runtime::JsonPlace> {
            audit::RecordingKeys noting{keys};
            auto json = projections::cloud_event_json(noting, event);
            if (!json) return std::unexpected(std::move(json.error()));
            ((out += "event: ") += event.type) += "\ndata: ";
            const runtime::JsonPlace place{out.size(), json->size(), opened_by(noting)};
            ((out += *json) += "\nid: ") += opaque.event_token(event.tenant, event.position);
            out += "\n\n";
            return place;
        };
}

std::shared_ptr<Stream> live_stream(std::shared_ptr<Shared> shared, StreamAsk ask,
                                    bool web_socket) {
    auto stream = std::make_shared<LiveStream>(std::move(shared), std::move(ask), web_socket);
    if (!stream->join()) return nullptr;
    return stream;
}

std::shared_ptr<Stream> dump_stream(std::shared_ptr<Shared> shared, StreamAsk ask) {
    return std::make_shared<DumpStream>(std::move(shared), std::move(ask));
}

}  // namespace http
