// POST /v1/consumers/{consumer}/fetch: leases go to clients that are there and may see them.
#include "events/writer.hpp"
#include "projections/event_view.hpp"
#include "src/http/consumer_call.hpp"
#include "src/http/consumers.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/uuid.hpp"

#include <pqxx/pqxx>

namespace http {
namespace {

constexpr int wait_seconds_max = 20;
constexpr int max_default = 10, max_max = 500;
/// While something of the consumer is out, its return is looked for this often.
constexpr std::int64_t busy_milliseconds = 500;
/// Whoever waits longer is asked this often whether it is still there.
constexpr std::int64_t idle_milliseconds = 1000;

struct FetchAsk {
    int max{};
    int wait_seconds{};
};
FetchAsk fetch_from(commands::Body& body) {
    return {bounded(body, "max", max_default, 1, max_max),
            bounded(body, "wait", 0, 0, wait_seconds_max)};
}

domain::Result<std::string> fetched_json(const ConsumerCall& call,
                                         const postgres::Fetched& fetched) {
    events::Writer out;
    out.open().key("lease");
    if (fetched.deliveries.empty()) out.null();
    else out.text(domain::to_text(fetched.lease));
    out.key("lease_seconds").integer(fetched.lease_seconds).key("items").open_list();
    for (const auto& delivery : fetched.deliveries) {
        auto& keys = call.exchange->noting_keys(*call.shared);
        const auto event = projections::event_json(keys, delivery.event);
        if (!event) return std::unexpected(event.error());
        out.open().key("failures").integer(delivery.failures).key("event").raw(*event).close();
    }
    return out.close_list().close().take();
}

/// What nobody got is for the next member at once, and no failure.
void give_back(const ConsumerCall& call, postgres::Reader& reader, domain::Uuid lease) {
    const auto given = reader.change<bool>(call.key.tenant,
                                           [&](pqxx::transaction_base& tx) -> domain::Result<bool> {
                                               postgres::give_back_lease(tx, call.key, lease);
                                               return true;
                                           });
    if (!given)
        runtime::log::warn("a lease could not be given back and will run out",
                           {{"code", std::string{given.error().why.slug}}});
}

void answer_nothing(const ConsumerCall& call, const postgres::Fetched& fetched) {
    if (const auto json = fetched_json(call, {.lease_seconds = fetched.lease_seconds}))
        call.answer(*json);
}

/// Leased events go to a client that is there and may see them, or back.
void hand_out(const ConsumerCall& call, postgres::Reader& reader,
              const postgres::Fetched& fetched) {
    if (!fetched.deliveries.empty() && call.client_has_left()) {
        give_back(call, reader, fetched.lease);
        return answer_nothing(call, fetched);
    }
    auto json = fetched_json(call, fetched);
    // What cannot be shown at all keeps its lease and is parked in the end.
    const bool later = !json && json.error().why.kind == domain::Reason::Kind::unavailable;
    if (json) call.answer(*std::move(json));
    else call.refuse(json.error());
    if (later || call.exchange->withheld) give_back(call, reader, fetched.lease);
}

void fetch(const ConsumerCall& call, postgres::Reader& reader, int max, std::int64_t until_micros);

/// Until there is more, or its client leaves, or the time is over.
void wait_for_more(const ConsumerCall& call, const postgres::Fetched& fetched, int max,
                   std::int64_t until_micros) {
    const auto& who = call.exchange->who;
    const auto left = (until_micros - runtime::steady_micros()) / 1000;
    const auto slice = std::min(left, fetched.busy ? busy_milliseconds : idle_milliseconds);
    const auto slice_end = runtime::steady_micros() + slice * 1000;
    call.shared->parts.feed.when_more(
        {who.tenant, who.user, fetched.lane, fetched.read_position, fetched.filter},
        static_cast<int>(slice), [=](bool more) {
            // Nothing is leased to a client that has left.
            if (call.client_has_left()) return answer_nothing(call, fetched);
            const auto now = runtime::steady_micros();
            // An early end without more is that of the server: it must not begin another wait.
            if (!more && !fetched.busy && now >= slice_end && now < until_micros)
                return wait_for_more(call, fetched, max, until_micros);
            call.post([call, max, until_micros](postgres::Reader& again) {
                fetch(call, again, max, until_micros);
            });
        });
}

void fetch(const ConsumerCall& call, postgres::Reader& reader, int max, std::int64_t until_micros) {
    const auto& who = call.exchange->who;
    auto fetched = reader.change<postgres::Fetched>(
        who.tenant, [&](pqxx::transaction_base& tx) -> domain::Result<postgres::Fetched> {
            if (postgres::is_shut_out(tx, who.tenant, who.user)) return domain::refuse(not_allowed);
            return postgres::fetch_deliveries(tx, call.key, runtime::uuid_v7(), max);
        });
    if (!fetched) return call.refuse(fetched.error());
    const bool over = runtime::steady_micros() >= until_micros;
    if (fetched->deliveries.empty() && !over && fetched->lane >= 0)
        return wait_for_more(call, *fetched, max, until_micros);
    hand_out(call, reader, *fetched);
}

}  // namespace

void fetch_events(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    const auto ask = consumer_body(*call, &fetch_from);
    if (!ask) return;
    const auto until = runtime::steady_micros() + std::int64_t{ask->wait_seconds} * 1'000'000;
    call->post([call = *call, max = ask->max, until](postgres::Reader& reader) {
        fetch(call, reader, max, until);
    });
}

}  // namespace http
