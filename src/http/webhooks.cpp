#include "src/http/webhooks.hpp"

#include "commands/body.hpp"
#include "events/writer.hpp"
#include "projections/webhook_query.hpp"
#include "src/http/api_parts.hpp"
#include "src/postgres/webhooks.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/uuid.hpp"
#include "src/runtime/webhook_parcel.hpp"
#include "src/security/webhook_signature.hpp"

#include <pqxx/pqxx>

namespace http {
namespace {

using SharedPtr = std::shared_ptr<Shared>;
using ExchangePtr = std::shared_ptr<Exchange>;
using WebhookTarget = projections::webhooks::Target;

/// Who asks waits for the receiver, so one receiver holds up one test of a tenant.
constexpr domain::Reason test_under_way{domain::Reason::Kind::conflict, "webhook-test-under-way",
                                        "A test of one of the tenant's webhooks is under way"};

/// One call about the webhook in the path.
struct WebhookCall {
    SharedPtr shared;
    ExchangePtr exchange;
    domain::Uuid webhook{};

    domain::TenantId tenant() const { return exchange->who.tenant; }
    void refuse(const domain::Refusal& refusal) const { exchange->refuse(*shared, refusal); }
    void answer(std::string body) const {
        exchange->answer(*shared, {200, "application/json", {}, std::move(body)});
    }
    void post(std::move_only_function<void(postgres::Reader&)> job) const {
        if (!shared->parts.workers.post(std::move(job))) refuse({events::queue_full});
    }
};

std::optional<domain::Uuid> id_in(const Exchange& exchange, std::string_view name) {
    const auto found = exchange.path.find(name);
    return found == exchange.path.end() ? std::nullopt : domain::uuid_from(found->second);
}

std::optional<WebhookCall> webhook_call_of(const SharedPtr& shared, const ExchangePtr& exchange) {
    WebhookCall call{shared, exchange};
    const auto id = id_in(*exchange, "webhook");
    const auto& query = exchange->request.query;
    if (!query.empty()) call.refuse({unknown_parameter, query.front().first});
    else if (!id) call.refuse({projections::not_found});
    else call.webhook = *id;
    if (exchange->answered) return std::nullopt;
    return call;
}

/// Goes on with the webhook, on a worker's thread.
template <class Work>
void with_target(const WebhookCall& call, Work work) {
    call.post([call, work = std::move(work)](postgres::Reader& reader) {
        const auto stream =
            reader.read(call.tenant(), {"webhook", call.webhook}, 0, events::all_events);
        if (!stream) return call.refuse(stream.error());
        const auto target = projections::webhooks::target(*stream, runtime::now());
        if (!target) return call.refuse(target.error());
        if (!*target) return call.refuse({projections::not_found});
        work(**target);
    });
}

std::string secret_json(const security::Secrets& secrets, const WebhookTarget& target) {
    const auto text = [&](domain::WebhookSecretId name) {
        return security::to_text(
            security::webhook_secret(secrets, target.tenant, target.webhook, name));
    };
    events::Writer out;
    out.open().key("secret").text(text(target.secret)).key("previous");
    if (target.previous_secret && target.previous_until) {
        out.open().key("secret").text(text(*target.previous_secret));
        out.key("until").text(domain::to_text(*target.previous_until)).close();
    } else {
        out.null();
    }
    return out.close().take();
}

std::string tested_json(const std::string& id, const net::Returned& returned) {
    constexpr std::int64_t micros_in_millisecond = 1000;
    events::Writer out;
    out.open().key("id").text(id).key("delivered").boolean(returned.delivered());
    out.key("answer_status");
    if (returned.status > 0) out.integer(returned.status);
    else out.null();
    out.key("failure");
    if (returned.failure.empty()) out.null();
    else out.text(returned.failure);
    out.key("excerpt").text(returned.excerpt);
    out.key("took_milliseconds").integer(returned.micros / micros_in_millisecond);
    return out.close().take();
}

/// Changes the books of a webhook that exists, and answers how many deliveries that concerned.
void put_back(const WebhookCall& call,
              std::function<domain::Result<std::int64_t>(pqxx::transaction_base&)> work) {
    call.post([call, work = std::move(work)](postgres::Reader& reader) {
        const auto count = reader.change<std::int64_t>(
            call.tenant(), [&](pqxx::transaction_base& tx) -> domain::Result<std::int64_t> {
                if (!projections::webhooks::exists(tx, call.tenant(), call.webhook))
                    return domain::refuse(projections::not_found);
                return work(tx);
            });
        if (!count) return call.refuse(count.error());
        events::Writer out;
        call.answer(out.open().key("count").integer(*count).close().take());
    });
}

domain::Result<domain::Instant> since_in(const Exchange& exchange) {
    const auto document = body_of(exchange.request, "RedeliveryInput");
    if (!document) return std::unexpected(document.error());
    std::vector<domain::Fault> faults;
    commands::Body body{*document ? std::optional{(*document)->root()} : std::nullopt, faults};
    const auto text = body.text("since");
    const auto since = domain::instant_from(text);
    if (!since && !text.empty())
        body.fault("since", "format", "must be an instant like 2026-01-31T12:00:00Z");
    body.done();
    if (auto refusal = commands::refusal_of(std::move(faults)))
        return std::unexpected(*std::move(refusal));
    return since.value_or(domain::Instant{});
}

}  // namespace

void show_webhook_secret(SharedPtr shared, ExchangePtr exchange) {
    const auto call = webhook_call_of(shared, exchange);
    if (!call) return;
    with_target(*call, [call = *call](const WebhookTarget& target) {
        call.answer(secret_json(call.shared->parts.secrets, target));
    });
}

void test_webhook(SharedPtr shared, ExchangePtr exchange) {
    const auto call = webhook_call_of(shared, exchange);
    if (!call) return;
    with_target(*call, [call = *call](const WebhookTarget& target) {
        const auto id = domain::to_text(runtime::uuid_v7());
        const auto at = runtime::now();
        const auto& parts = call.shared->parts;
        auto parcel = runtime::webhook_parcel(parts.secrets, target, id, at,
                                              runtime::test_event(target, id, at));
        parcel.turn = "test of " + domain::to_text(call.tenant());
        const auto taken = parts.courier.send(
            std::move(parcel),
            [call, id](const net::Returned& returned) { call.answer(tested_json(id, returned)); });
        using enum net::Courier::Taken;
        if (taken == in_turn) call.refuse({test_under_way});
        else if (taken == full) call.refuse({events::queue_full});
    });
}

void redeliver_one(SharedPtr shared, ExchangePtr exchange) {
    const auto call = webhook_call_of(shared, exchange);
    if (!call) return;
    const auto delivery = id_in(*exchange, "delivery");
    if (!delivery) return call->refuse({projections::not_found});
    put_back(*call,
             [call = *call,
              delivery = *delivery](pqxx::transaction_base& tx) -> domain::Result<std::int64_t> {
                 const auto known = postgres::redeliver(tx, call.tenant(), call.webhook, delivery);
                 if (!known) return domain::refuse(projections::not_found);
                 return *known;
             });
}

void redeliver_since(SharedPtr shared, ExchangePtr exchange) {
    const auto call = webhook_call_of(shared, exchange);
    if (!call) return;
    const auto since = since_in(*exchange);
    if (!since) return call->refuse(since.error());
    put_back(
        *call,
        [call = *call, since = *since](pqxx::transaction_base& tx) -> domain::Result<std::int64_t> {
            return postgres::redeliver_dead(tx, call.tenant(), call.webhook, since);
        });
}

}  // namespace http
