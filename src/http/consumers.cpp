// /v1/consumers: durable consumers with a cursor that the server keeps.
#include "src/http/consumers.hpp"

#include "events/writer.hpp"
#include "projections/moment.hpp"
#include "src/http/consumer_call.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace http {
namespace {

using postgres::ConsumerKey;

constexpr int delay_seconds_max = 86'400;

std::vector<std::int64_t> positions_of(commands::Body& body) {
    std::vector<std::int64_t> positions;
    for (const auto& text : body.texts("positions")) {
        const auto position = projections::number_from(text);
        if (position) positions.push_back(*position);
        else body.fault("positions", "format", "must be positions as texts");
    }
    return positions;
}

void put_positions(events::Writer& out, std::string_view name,
                   const std::vector<std::int64_t>& positions) {
    out.key(name).open_list();
    for (const auto position : positions) out.text(std::to_string(position));
    out.close_list();
}

/// One kind of filter values, as typed, in the stored form.
void put_filter(events::Writer& out, commands::Body& filter, std::string_view name,
                bool (postgres::FeedFilter::*add)(std::string_view)) {
    postgres::FeedFilter checked;
    out.key(name).open_list();
    for (const auto& value : filter.texts(name)) {
        if (!(checked.*add)(value)) filter.fault(name, "format", "has a value that is none");
        out.text(value);
    }
    out.close_list();
}

postgres::ConsumerSettings settings_from(commands::Body& body) {
    postgres::ConsumerSettings settings;
    auto filter = body.maybe_object("filter");
    events::Writer out;
    out.open();
    if (filter) {
        put_filter(out, *filter, "types", &postgres::FeedFilter::add_type);
        put_filter(out, *filter, "streams", &postgres::FeedFilter::add_stream);
        put_filter(out, *filter, "correlations", &postgres::FeedFilter::add_correlation);
        filter->done();
    }
    settings.filter = out.close().take();
    const auto start = body.maybe_text("start").value_or("now");
    const auto position = projections::number_from(start);
    if (start == "beginning") settings.after = 0;
    else if (position) settings.after = std::max<std::int64_t>(*position - 1, 0);
    else if (start != "now") body.fault("start", "format", "must be beginning, now or a position");
    settings.lease_seconds = bounded(body, "lease_seconds", 30, 1, 3600);
    settings.failures_max = bounded(body, "failures_max", 5, 1, 100);
    return settings;
}

void put_consumer_json(events::Writer& out, const postgres::Consumer& consumer) {
    out.open().key("name").text(consumer.name).key("filter").raw(consumer.filter);
    out.key("position").text(std::to_string(consumer.position));
    out.key("read_position").text(std::to_string(consumer.read_position));
    out.key("head").text(std::to_string(consumer.head));
    out.key("pending").integer(consumer.pending).key("leased").integer(consumer.leased);
    out.key("parked").integer(consumer.parked);
    out.key("lease_seconds").integer(consumer.lease_seconds);
    out.key("failures_max").integer(consumer.failures_max);
    out.key("created_at").text(domain::to_text(consumer.created_at)).close();
}

domain::Result<std::string> shown(pqxx::transaction_base& tx, const ConsumerKey& key) {
    const auto found = postgres::find_consumers(tx, key);
    if (found.empty()) return domain::refuse(postgres::consumer_not_found);
    events::Writer out;
    put_consumer_json(out, found.front());
    return out.take();
}

struct AckAsk {
    postgres::Leased leased;
    int delay_seconds{};
    std::string reason;
};
AckAsk ack_from(commands::Body& body) {
    AckAsk ask;
    const auto lease = domain::uuid_from(body.text("lease"));
    if (!lease) body.fault("lease", "format", "must be the lease of a fetch");
    ask.leased = {lease.value_or(domain::Uuid{}), positions_of(body)};
    return ask;
}
AckAsk nack_from(commands::Body& body) {
    auto ask = ack_from(body);
    ask.delay_seconds = bounded(body, "delay_seconds", 0, 0, delay_seconds_max);
    ask.reason = body.maybe_text("reason").value_or("nack");
    // A code, because free text about a failure tends to quote what was personal in the event.
    if (!is_consumer_name(ask.reason))
        body.fault("reason", "format", "must be a code like smtp-refused");
    return ask;
}

/// Changes the books in one transaction and answers with the JSON that `work` gives.
template <class Work>
void change(const ConsumerCall& call, Work work) {
    call.post([call, work = std::move(work)](postgres::Reader& reader) {
        auto done = reader.change<std::string>(call.key.tenant, work);
        if (done) call.answer(*std::move(done));
        else call.refuse(done.error());
    });
}

/// As change(), for questions.
template <class Work>
void look(const ConsumerCall& call, Work work) {
    call.post([call, work = std::move(work)](postgres::Reader& reader) {
        auto seen = reader.query<std::string>(call.key.tenant, work);
        if (seen) call.answer(*std::move(seen));
        else call.refuse(seen.error());
    });
}

domain::Result<void> must_exist(pqxx::transaction_base& tx, const ConsumerKey& key) {
    if (postgres::find_consumers(tx, key).empty())
        return domain::refuse(postgres::consumer_not_found);
    return {};
}

using Unpark = std::int64_t (*)(pqxx::transaction_base&, const ConsumerKey&,
                                const std::vector<std::int64_t>&);
void unpark(const ConsumerCall& call, std::vector<std::int64_t> positions, Unpark what) {
    change(call,
           [call, positions = std::move(positions),
            what](pqxx::transaction_base& tx) -> domain::Result<std::string> {
               if (auto exists = must_exist(tx, call.key); !exists)
                   return std::unexpected(std::move(exists.error()));
               events::Writer out;
               return out.open().key("count").integer(what(tx, call.key, positions)).close().take();
           });
}

std::vector<std::int64_t> some_positions(commands::Body& body) {
    auto positions = positions_of(body);
    if (positions.empty()) body.fault("positions", "required", "names at least one");
    return positions;
}

}  // namespace

bool is_consumer_name(std::string_view text) {
    constexpr std::size_t name_max = 60;
    return !text.empty() && text.size() <= name_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
}

std::optional<ConsumerCall> consumer_call_of(const std::shared_ptr<Shared>& shared,
                                             const std::shared_ptr<Exchange>& exchange) {
    const auto name = exchange->path.find("consumer");
    ConsumerCall call{shared, exchange, {exchange->who.tenant, {}}};
    if (!exchange->request.query.empty()) {
        call.refuse({unknown_parameter, exchange->request.query.front().first});
        return std::nullopt;
    }
    if (name == exchange->path.end()) return call;
    if (!is_consumer_name(name->second)) {
        call.refuse({postgres::consumer_not_found});
        return std::nullopt;
    }
    call.key.name = name->second;
    return call;
}

void list_consumers(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    look(*call, [call = *call](pqxx::transaction_base& tx) -> domain::Result<std::string> {
        events::Writer out;
        out.open().key("items").open_list();
        for (const auto& consumer : postgres::find_consumers(tx, call.key))
            put_consumer_json(out, consumer);
        return out.close_list().close().take();
    });
}

void get_consumer(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    look(*call, [call = *call](pqxx::transaction_base& tx) { return shown(tx, call.key); });
}

void put_consumer(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    auto settings = consumer_body(*call, &settings_from);
    if (!settings) return;
    change(*call,
           [call = *call, settings = *std::move(settings)](
               pqxx::transaction_base& tx) -> domain::Result<std::string> {
               const auto made = postgres::put_consumer(tx, call.key, settings);
               if (!made) return std::unexpected(made.error());
               return shown(tx, call.key);
           });
}

void delete_consumer(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    change(*call, [call = *call](pqxx::transaction_base& tx) -> domain::Result<std::string> {
        postgres::delete_consumer(tx, call.key);
        return "{}";
    });
}

void ack_events(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    auto ask = consumer_body(*call, &ack_from);
    if (!ask) return;
    change(*call,
           [call = *call,
            ask = *std::move(ask)](pqxx::transaction_base& tx) -> domain::Result<std::string> {
               if (auto exists = must_exist(tx, call.key); !exists)
                   return std::unexpected(std::move(exists.error()));
               const auto done = postgres::ack_deliveries(tx, call.key, ask.leased);
               std::vector<std::int64_t> stale;
               for (const auto position : ask.leased.positions) {
                   if (!std::ranges::contains(done, position)) stale.push_back(position);
               }
               events::Writer out;
               out.open();
               put_positions(out, "acked", done);
               put_positions(out, "stale", stale);
               return out.close().take();
           });
}

void nack_events(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    auto ask = consumer_body(*call, &nack_from);
    if (!ask) return;
    change(*call,
           [call = *call,
            ask = *std::move(ask)](pqxx::transaction_base& tx) -> domain::Result<std::string> {
               const auto nacked = postgres::nack_deliveries(tx, call.key, ask.leased,
                                                             ask.delay_seconds, ask.reason);
               if (!nacked) return std::unexpected(nacked.error());
               events::Writer out;
               out.open();
               put_positions(out, "released", nacked->released);
               put_positions(out, "parked", nacked->parked);
               return out.close().take();
           });
}

void list_parked(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    look(*call, [call = *call](pqxx::transaction_base& tx) -> domain::Result<std::string> {
        if (auto exists = must_exist(tx, call.key); !exists)
            return std::unexpected(std::move(exists.error()));
        events::Writer out;
        out.open().key("items").open_list();
        for (const auto& parked : postgres::parked_deliveries(tx, call.key)) {
            out.open().key("position").text(std::to_string(parked.position));
            out.key("stream").text(to_text(parked.stream));
            out.key("failures").integer(parked.failures).key("reason").text(parked.reason);
            out.key("parked_at").text(domain::to_text(parked.parked_at));
            out.key("waiting").integer(parked.waiting).close();
        }
        return out.close_list().close().take();
    });
}

void retry_parked(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    if (auto positions = consumer_body(*call, &positions_of))
        unpark(*call, *std::move(positions), &postgres::retry_parked);
}

void skip_parked(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange) {
    const auto call = consumer_call_of(shared, exchange);
    if (!call) return;
    if (auto positions = consumer_body(*call, &some_positions))
        unpark(*call, *std::move(positions), &postgres::skip_parked);
}

}  // namespace http
