// GET /v1/events: one address, the form by Accept.
#include "events/writer.hpp"
#include "projections/event_view.hpp"
#include "src/http/feed_query.hpp"
#include "src/http/feed_stream.hpp"
#include "src/http/paging.hpp"
#include "src/http/problem.hpp"
#include "src/runtime/clock.hpp"

#include <pqxx/pqxx>

namespace http {
namespace {

/// Looks of one request; what they did not reach is on the next page.
constexpr int looks_max = 10;
constexpr std::int64_t page_bytes_max = 4 << 20;

using SharedPtr = std::shared_ptr<Shared>;
using ExchangePtr = std::shared_ptr<Exchange>;

struct Page {
    std::string items = "[";
    int count = 0;
    std::int64_t through{}, head{};
    int lane{-1};

    bool is_full(int limit) const { return count >= limit || std::ssize(items) > page_bytes_max; }
    void add(std::string_view json) {
        if (count++ > 0) items += ',';
        items += json;
    }
};

/// One conversation with the feed.
struct Asked {
    SharedPtr shared;
    ExchangePtr exchange;
    FeedForm form{};
    FeedQuery query;
    std::int64_t until_micros{};  ///< of a long poll
};
using AskedPtr = std::shared_ptr<Asked>;

void post(const AskedPtr& asked, std::move_only_function<void(postgres::Reader&)> job) {
    if (!asked->shared->parts.workers.post(std::move(job)))
        asked->exchange->refuse(*asked->shared, {events::queue_full});
}

domain::Result<postgres::FeedBatch> look(postgres::Reader& reader, const Asked& asked,
                                         std::int64_t after, std::int64_t limit) {
    const auto& who = asked.exchange->who;
    return reader.query<postgres::FeedBatch>(
        who.tenant, [&](pqxx::transaction_base& tx) -> domain::Result<postgres::FeedBatch> {
            if (postgres::is_shut_out(tx, who.tenant, who.user)) return domain::refuse(not_allowed);
            return postgres::read_feed(tx, who.tenant, asked.query.filter, after,
                                       {limit, page_bytes_max});
        });
}

domain::Result<void> fill(postgres::Reader& reader, const Asked& asked, Page& page) {
    auto& keys = asked.exchange->noting_keys(*asked.shared);
    const auto show =
        asked.form == FeedForm::page ? &projections::event_json : &projections::cloud_event_json;
    for (int looks = 0; looks < looks_max && !page.is_full(asked.query.limit); ++looks) {
        const auto batch = look(reader, asked, page.through, asked.query.limit - page.count);
        if (!batch) return std::unexpected(batch.error());
        page.head = batch->head;
        page.lane = batch->lane;
        for (const auto& event : batch->events) {
            if (page.is_full(asked.query.limit)) break;
            const auto json = show(keys, event);
            if (!json) return std::unexpected(json.error());
            page.add(*json);
            page.through = event.position;
        }
        if (page.is_full(asked.query.limit)) break;
        page.through = std::max(page.through, batch->through);
        if (page.through >= page.head) break;
    }
    return {};
}

void answer_page(const Asked& asked, const Page& page) {
    const bool json = asked.form == FeedForm::page;
    Reply reply;
    reply.content_type = json ? "application/json" : "application/cloudevents-batch+json";
    reply.headers.emplace_back("Vary", "Accept");
    std::string next;
    if (page.through < page.head) {
        next = next_url(*asked.shared, *asked.exchange, std::to_string(page.through));
        reply.headers.emplace_back("Link", "<" + next + ">; rel=\"next\"");
    }
    if (asked.until_micros > 0) {
        const auto wait = *asked.exchange->prefer.wait_milliseconds / 1000;
        reply.headers.emplace_back("Preference-Applied", "wait=" + std::to_string(wait));
    }
    if (json) {
        events::Writer out;
        out.open().key("items").raw(page.items + "]").key("next");
        if (next.empty()) out.null();
        else out.text(next);
        out.key("position").text(std::to_string(page.through)).close();
        reply.body = out.take();
    } else {
        reply.body = page.items + "]";
    }
    asked.exchange->answer(*asked.shared, std::move(reply));
}

void run_page(const AskedPtr& asked, postgres::Reader& reader, std::int64_t after);

/// A page without events waits, as the client prefers, for the first one.
void wait_for_more(const AskedPtr& asked, Page page) {
    const auto left = (asked->until_micros - runtime::steady_micros()) / 1000;
    const auto& who = asked->exchange->who;
    if (left <= 0 || page.lane < 0) return answer_page(*asked, page);
    asked->shared->parts.feed.when_more(
        {who.tenant, who.user, page.lane, page.through, asked->query.filter},
        static_cast<int>(left), [asked, page](bool more) {
            if (!more) return answer_page(*asked, page);
            post(asked, [asked, after = page.through](postgres::Reader& reader) {
                run_page(asked, reader, after);
            });
        });
}

void run_page(const AskedPtr& asked, postgres::Reader& reader, std::int64_t after) {
    Page page{.through = after};
    const auto filled = fill(reader, *asked, page);
    if (!filled) return asked->exchange->refuse(*asked->shared, filled.error());
    if (page.through > page.head && page.lane >= 0)
        return asked->exchange->refuse(
            *asked->shared, projections::wrong_parameter("after", "is ahead of the log"));
    const bool wait = page.count == 0 && page.through >= page.head && asked->until_micros > 0;
    if (wait) return wait_for_more(asked, std::move(page));
    answer_page(*asked, page);
}

/// A stream begins where its client was, or at the head that is there now.
void open_stream(const AskedPtr& asked, postgres::Reader& reader) {
    const auto& shared = asked->shared;
    const auto& exchange = *asked->exchange;
    const auto refuse = [&](const domain::Refusal& refusal) {
        asked->exchange->refuse(*shared, refusal);
    };
    // Of a stream, one row is enough to know the lane and its head.
    const auto found = look(reader, *asked, INT64_MAX, 1);
    if (!found) return refuse(found.error());
    auto lane = found->lane;
    if (lane < 0) {
        const auto given = shared->parts.appender.lane_of(exchange.who.tenant);
        if (!given) return refuse(given.error());
        lane = *given;
    }
    const bool dump = asked->form == FeedForm::lines;
    const auto after = asked->query.after.value_or(dump ? 0 : found->head);
    if (after > found->head)
        return refuse(projections::wrong_parameter("after", "is ahead of the log"));
    StreamAsk ask{exchange.who,
                  exchange.expires,
                  asked->query.filter,
                  after,
                  found->head,
                  lane,
                  stream_entry(*shared, exchange)};
    const bool web_socket = asked->form == FeedForm::web_socket;
    Reply reply;
    reply.status = web_socket ? 101 : 200;
    reply.content_type = dump ? "application/x-ndjson" : "text/event-stream";
    reply.headers.emplace_back("Vary", "Accept");
    reply.headers.emplace_back("X-Accel-Buffering", "no");
    reply.stream = dump ? dump_stream(shared, std::move(ask))
                        : live_stream(shared, std::move(ask), web_socket);
    if (!reply.stream) return refuse({events::queue_full, "the tenant has too many streams"});
    asked->exchange->answer(*shared, std::move(reply));
}

}  // namespace

void run_events(SharedPtr shared, ExchangePtr exchange) {
    const auto form = feed_form(exchange->request);
    if (form == FeedForm::none)
        return exchange->answer(
            *shared, problem(406, "not-acceptable", "None of the forms you accept is offered",
                             "There are application/json, application/x-ndjson, "
                             "application/cloudevents-batch+json and text/event-stream.",
                             exchange->request.id));
    auto query = feed_query(*shared, *exchange, form);
    if (!query) return exchange->refuse(*shared, query.error());
    auto asked = std::make_shared<Asked>(shared, exchange, form, *std::move(query));
    const bool page = form == FeedForm::page || form == FeedForm::cloud_events;
    const auto wait = page ? exchange->prefer.wait_milliseconds.value_or(0) : 0;
    if (wait > 0) asked->until_micros = runtime::steady_micros() + std::int64_t{wait} * 1000;
    post(asked, [asked, page](postgres::Reader& reader) {
        if (page) run_page(asked, reader, asked->query.after.value_or(0));
        else open_stream(asked, reader);
    });
}

}  // namespace http
