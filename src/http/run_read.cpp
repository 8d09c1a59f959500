// Queries: wait for what they need, ask on a worker's thread, answer.
#include "events/writer.hpp"
#include "src/http/api_parts.hpp"
#include "src/http/paging.hpp"
#include "src/http/problem.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace http {
namespace {

using SharedPtr = std::shared_ptr<Shared>;
using ExchangePtr = std::shared_ptr<Exchange>;

domain::Result<projections::Ask> ask_from(Shared& shared, Exchange& exchange,
                                          std::span<const std::string_view> filters, bool pages,
                                          bool as_of) {
    projections::Ask ask{.tenant = exchange.who.tenant,
                         .user = exchange.who.user,
                         .today = {},
                         .keys = exchange.noting_keys(shared),
                         .path = exchange.path};
    for (const auto& [name, value] : exchange.request.query) {
        if (pages && name == "limit") {
            const auto limit = limit_from(value);
            if (!limit) return std::unexpected(limit.error());
            ask.limit = *limit;
        } else if (pages && name == "cursor") {
            const auto place =
                shared.opaque.place(ask.tenant, question_of(exchange.request), value);
            if (!place) return domain::refuse(cursor_invalid);
            ask.cursor = *place;
        } else if ((as_of && name == "as_of") || std::ranges::contains(filters, name)) {
            ask.filters[name].push_back(value);
        } else {
            return domain::refuse(unknown_parameter, name);
        }
    }
    return ask;
}

/// How far the slowest of the projections behind an answer had come before it was asked.
std::string position_token(Shared& shared, const Exchange& exchange,
                           std::span<const std::string_view> needs) {
    if (needs.empty()) return {};
    const auto lane = shared.parts.appender.lane_of(exchange.who.tenant);
    if (!lane) return {};
    auto position = INT64_MAX;
    for (const auto name : needs)
        position = std::min(position, shared.parts.projector.position(name, *lane));
    return "\"" + shared.opaque.consistency_token(exchange.who.tenant, *lane, position) + "\"";
}

void answer(Shared& shared, Exchange& exchange, domain::Result<projections::Answer> answer,
            const std::string& token = {}) {
    if (!answer) return exchange.refuse(shared, answer.error());
    Reply reply;
    reply.content_type = answer->media;
    if (answer->past_position)
        reply.headers.emplace_back("As-Of", "@" + std::to_string(*answer->past_position));
    else if (!token.empty()) reply.headers.emplace_back("Consistency-Token", token);
    std::string next;
    if (!answer->next.empty()) {
        next = next_url(shared, exchange, answer->next);
        reply.headers.emplace_back("Link", "<" + next + ">; rel=\"next\"");
    }
    if (answer->is_page && answer->media == "application/json") {
        events::Writer out;
        out.open().key("items").raw(answer->json).key("next");
        if (next.empty()) out.null();
        else out.text(next);
        out.close();
        reply.body = out.take();
    } else {
        reply.body = std::move(answer->json);
    }
    if (answer->version) {
        const auto tag = "\"" + std::to_string(*answer->version) + "\"";
        reply.headers.emplace_back("ETag", tag);
    }
    exchange.answer(shared, std::move(reply));
}

void post(const SharedPtr& shared, const ExchangePtr& exchange,
          std::move_only_function<void(postgres::Reader&)> job) {
    if (!shared->parts.workers.post(std::move(job)))
        exchange->refuse(*shared, {events::queue_full});
}

/// Waits until every needed projection has passed what the client has seen, then goes on with
/// whether all of them came in time.
void when_fresh(const SharedPtr& shared, std::span<const std::string_view> needs,
                Opaque::Reached reached, int milliseconds,
                std::move_only_function<void(bool)> go_on) {
    if (needs.empty()) return go_on(true);
    shared->parts.projector.when_passed(
        needs.front(), reached.lane, reached.position, milliseconds,
        [shared, needs, reached, milliseconds, go_on = std::move(go_on)](bool passed) mutable {
            if (!passed) return go_on(false);
            when_fresh(shared, needs.subspan(1), reached, milliseconds, std::move(go_on));
        });
}

void ask_now(const SharedPtr& shared, const ExchangePtr& exchange, const Read& read,
             projections::Ask ask) {
    post(shared, exchange,
         [shared, exchange, &read, ask = std::move(ask)](postgres::Reader& reader) mutable {
             shared->calendar.tell(reader, ask);
             if (read.as_of != nullptr && ask.filters.contains("as_of"))
                 return answer(*shared, *exchange, read.as_of(reader, ask));
             const auto token = position_token(*shared, *exchange, read.needs);
             answer(
                 *shared, *exchange,
                 reader.query<projections::Answer>(
                     ask.tenant, [&](pqxx::transaction_base& tx) { return read.query(tx, ask); }),
                 token);
         });
}

}  // namespace

void run_read(SharedPtr shared, ExchangePtr exchange, const Read& read) {
    auto ask = ask_from(*shared, *exchange, read.filters, read.pages, read.as_of != nullptr);
    if (!ask) return exchange->refuse(*shared, ask.error());
    const auto* accept = exchange->request.header("accept");
    ask->csv = read.csv && accept != nullptr && accept->starts_with("text/csv");
    ask->lines = read.lines && accept != nullptr && accept->starts_with("application/x-ndjson");
    run_asked(shared, exchange, read, *std::move(ask));
}

void run_asked(SharedPtr shared, ExchangePtr exchange, const Read& read, projections::Ask ask) {
    const auto* token = exchange->request.header("consistency-token");
    if (token == nullptr) return ask_now(shared, exchange, read, std::move(ask));
    const auto reached = shared->opaque.reached(exchange->who.tenant, *token);
    if (!reached)
        return exchange->refuse(*shared, {invalid_header, "Consistency-Token is not one of ours"});
    const auto wait = exchange->prefer.wait_milliseconds.value_or(wait_default_milliseconds);
    when_fresh(shared, read.needs, *reached, wait,
               [shared, exchange, &read, ask = std::move(ask)](bool fresh) mutable {
                   if (!fresh && !exchange->prefer.lenient)
                       return exchange->refuse(*shared, {projection_behind});
                   ask_now(shared, exchange, read, std::move(ask));
               });
}

void run_question(SharedPtr shared, ExchangePtr exchange, const Question& question) {
    const auto ask = [shared, exchange, &question](postgres::Reader& reader,
                                                   const commands::Request& request) {
        const auto asked = question.check(reader, request);
        if (!asked) return exchange->refuse(*shared, asked.error());
        projections::Ask ask{.tenant = request.who.tenant,
                             .user = request.who.user,
                             .today = {},
                             .keys = shared->parts.keys,
                             .path = exchange->path};
        for (const auto& [name, value] : *asked) ask.filters[name].push_back(value);
        run_asked(shared, exchange, question.read, std::move(ask));
    };
    with_plain_body(
        shared, exchange, {}, [shared, exchange, &question, ask](postgres::Reader* reader) {
            const auto& query = exchange->request.query;
            if (!query.empty())
                return exchange->refuse(*shared, {unknown_parameter, query.front().first});
            auto body = body_of(exchange->request, question.schema);
            if (!body) return exchange->refuse(*shared, body.error());
            commands::Request request;
            request.who = exchange->who;
            request.path = exchange->path;
            request.body = *std::move(body);
            if (reader != nullptr) return ask(*reader, request);
            post(shared, exchange,
                 [ask, request = std::move(request)](postgres::Reader& own) { ask(own, request); });
        });
}

void run_log_read(SharedPtr shared, ExchangePtr exchange, const LogRead& read) {
    auto ask = ask_from(*shared, *exchange, read.filters, read.pages, false);
    if (!ask) return exchange->refuse(*shared, ask.error());
    post(shared, exchange,
         [shared, exchange, &read, ask = *std::move(ask)](postgres::Reader& reader) mutable {
             shared->calendar.tell(reader, ask);
             answer(*shared, *exchange, read.query(reader, ask));
         });
}

std::span<const std::string_view> needs_of(std::string_view path) {
    const auto found = match("GET", path);
    const auto* read = found.route == nullptr ? nullptr : std::get_if<Read>(&found.route->does);
    return read == nullptr ? std::span<const std::string_view>{} : read->needs;
}

domain::Result<projections::Answer> ask_path(Shared& shared, postgres::Reader& reader,
                                             const commands::Who& who, events::Keys& keys,
                                             std::string_view path) {
    auto found = match("GET", path);
    const auto* read = found.route == nullptr ? nullptr : std::get_if<Read>(&found.route->does);
    if (read == nullptr) return domain::refuse(projections::not_found);
    projections::Ask ask{.tenant = who.tenant,
                         .user = who.user,
                         .today = {},
                         .keys = keys,
                         .path = std::move(found.parameters)};
    shared.calendar.tell(reader, ask);
    return reader.query<projections::Answer>(
        who.tenant, [&](pqxx::transaction_base& tx) { return read->query(tx, ask); });
}

}  // namespace http
