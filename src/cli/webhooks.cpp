#include "commands/catalog.hpp"
#include "events/writer.hpp"
#include "projections/webhook_query.hpp"
#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/no_keys.hpp"
#include "src/net/courier.hpp"
#include "src/net/url.hpp"
#include "src/postgres/appender.hpp"
#include "src/postgres/event_store.hpp"
#include "src/postgres/webhooks.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/uuid.hpp"
#include "src/runtime/webhook_parcel.hpp"
#include "src/security/webhook_signature.hpp"

#include <algorithm>
#include <future>
#include <pqxx/pqxx>

namespace cli {
namespace {

domain::TenantId tenant_of(const Context& context) {
    return {context.uuid("tenant").value_or(domain::Uuid{})};
}
domain::Uuid webhook_of(const Context& context) {
    return context.uuid("WEBHOOK").value_or(domain::Uuid{});
}
net::Rules rules_of(const Context& context) {
    return net::Rules{runtime::parts_of(context.config.webhooks.allowed_networks)};
}

Failure no_such_webhook(const Context& context) {
    return {not_there, "webhook " + context.text("WEBHOOK"),
            "find it with: cairn webhook ls --tenant " + context.text("tenant")};
}

/// As the request role, which sees one tenant and nothing else.
Outcome within_tenant(Context& context,
                      const std::function<Outcome(pqxx::transaction_base&)>& work) {
    postgres::Reader reader{runtime::database_of(context.config)};
    std::optional<Outcome> outcome;
    const auto ran = reader.change<bool>(tenant_of(context),
                                         [&](pqxx::transaction_base& tx) -> domain::Result<bool> {
                                             outcome.emplace(work(tx));
                                             return true;
                                         });
    if (!ran) return std::unexpected(explained(context, ran.error()));
    return *std::move(outcome);
}

/// The secrets of the server; made here they would be others than its own.
Checked<security::Secrets> server_secrets(const Context& context) {
    const auto& directory = context.config.secrets_dir;
    std::error_code error;
    if (!std::filesystem::exists(directory / "root.key", error))
        return std::unexpected(
            Failure{not_there, "no root.key in " + directory.string(),
                    "the server makes it at its first start; or give --data-dir"});
    auto secrets = security::load_secrets(directory);
    if (!secrets) return std::unexpected(Failure{secrets.error()});
    return *std::move(secrets);
}

commands::Request request_of(const Context& context) {
    commands::Request request;
    request.who.tenant = tenant_of(context);
    request.command = {runtime::uuid_v7()};
    request.fingerprint = request.command.value;
    request.correlation = request.command.value;
    request.now = runtime::now();
    request.new_id = &runtime::uuid_v7;
    request.path["webhook"] = context.text("WEBHOOK");
    request.vet_url = [rules = rules_of(context)](std::string_view url) {
        return net::vet_url(rules, url);
    };
    return request;
}

/// Appends what was proposed, as nobody's doing but the operator's.
Checked<void> append(const Context& context, domain::Result<commands::Proposal> proposal) {
    if (!proposal) return std::unexpected(explained(context, proposal.error()));
    proposal->append.actor = {events::ActorKind::system, {}};
    postgres::Appender appender{
        runtime::database_of(context.config), {.writers = 1}, [](const postgres::Commit&) {}};
    std::promise<domain::Result<events::Outcome>> promise;
    auto future = promise.get_future();
    appender.submit(std::move(proposal->append),
                    [&](auto outcome) { promise.set_value(std::move(outcome)); });
    const auto outcome = future.get();
    if (!outcome) return std::unexpected(explained(context, outcome.error()));
    return {};
}

void put_list(events::Writer& out, std::string_view name, std::string_view list) {
    out.key(name).open_list();
    while (!list.empty()) {
        const auto item = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), item.size() + 1));
        out.text(item);
    }
    out.close_list();
}

/// The members that were given, as the API takes them.
domain::Result<events::Document> body_of(const Context& context, std::string_view url) {
    events::Writer out;
    out.open();
    if (!url.empty()) out.key("url").text(url);
    if (context.has("description")) out.key("description").text(context.text("description"));
    if (context.has("type") || context.has("stream")) {
        out.key("filter").open();
        put_list(out, "types", context.text("type"));
        put_list(out, "streams", context.text("stream"));
        out.close();
    }
    return events::Document::parse(out.close().take());
}

Checked<void> check_tenant(const Context& context, events::Store& store) {
    const auto tenant = tenant_of(context);
    const auto stream = store.read(tenant, {"tenant", tenant.value}, 0, 1);
    if (!stream) return std::unexpected(explained(context, stream.error()));
    if (stream->empty())
        return std::unexpected(Failure{not_there, "tenant " + context.text("tenant"),
                                       "find it with: cairn tenant ls"});
    return {};
}

/// Gives a webhook a command of the API's; the id that it has.
Checked<domain::Uuid> command(Context& context, commands::Handler handler, std::string_view url) {
    auto request = request_of(context);
    auto body = body_of(context, url);
    if (!body) return std::unexpected(Failure{body.error()});
    request.body = *std::move(body);
    NoKeys keys;
    postgres::Reader reader{runtime::database_of(context.config)};
    auto proposal = handler(reader, keys, request);
    if (!proposal && proposal.error().why.kind == domain::Reason::Kind::missing)
        return std::unexpected(no_such_webhook(context));
    if (auto done = append(context, std::move(proposal)); !done)
        return std::unexpected(done.error());
    return request.command.value;
}

Outcome switched(Context& context, commands::Handler handler, std::string_view status) {
    if (const auto done = command(context, handler, ""); !done)
        return std::unexpected(done.error());
    Record record;
    record.fields.emplace_back("webhook", context.text("WEBHOOK"));
    record.fields.emplace_back("status", std::string{status});
    return Answer{std::move(record)};
}

/// The parser has checked the word; written out, the planner knows the index of dead letters.
std::string status_condition(const Context& context) {
    if (!context.has("status")) return "";
    return " and status = '" + context.text("status") + "'";
}

Cell instant_or_nothing(const pqxx::field& field) {
    return field.is_null() ? Cell{} : Cell{instant_text(field.view())};
}

}  // namespace

Outcome webhook_ls(Context& context) {
    return within_tenant(context, [&](pqxx::transaction_base& tx) -> Outcome {
        Table table{{"webhook", "url", "status", "cause", "pending", "dead", "created_at"}, {}};
        for (const auto& row :
             tx.exec(R"sql(
                select w.webhook, w.url, case when w.enabled then 'enabled' else 'disabled' end,
                       w.cause, d.pending, d.dead, w.created_at
                  from board.webhook w
                 cross join lateral (
                     select (select count(*) from feed.webhook_delivery d
                              where d.tenant = w.tenant and d.webhook = w.webhook
                                and d.status = 'pending') as pending,
                            (select count(*) from feed.webhook_delivery d
                              where d.tenant = w.tenant and d.webhook = w.webhook
                                and d.status = 'dead') as dead) d
                 where w.tenant = $1 and not w.deleted
                 order by w.created_position limit $2)sql",
                     pqxx::params{context.text("tenant"), context.number("limit", 50)}))
            table.rows.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                                  row[2].as<std::string>(), text_or_nothing(row[3]),
                                  row[4].as<std::int64_t>(), row[5].as<std::int64_t>(),
                                  instant_text(row[6].view())});
        return Answer{std::move(table)};
    });
}

Outcome webhook_create(Context& context) {
    const auto secrets = server_secrets(context);
    if (!secrets) return std::unexpected(secrets.error());
    postgres::Reader reader{runtime::database_of(context.config)};
    if (auto known = check_tenant(context, reader); !known) return std::unexpected(known.error());
    const auto id = command(context, commands::webhook::create, context.text("URL"));
    if (!id) return std::unexpected(id.error());
    Record record;
    record.fields.emplace_back("webhook", domain::to_text(*id));
    record.fields.emplace_back("url", context.text("URL"));
    record.fields.emplace_back("secret", security::to_text(security::webhook_secret(
                                             *secrets, tenant_of(context), {*id}, {*id})));
    return Answer{std::move(record)};
}

Outcome webhook_set(Context& context) {
    if (const auto done = command(context, commands::webhook::change, context.text("url")); !done)
        return std::unexpected(done.error());
    Record record;
    record.fields.emplace_back("webhook", context.text("WEBHOOK"));
    record.fields.emplace_back("changed", true);
    return Answer{std::move(record)};
}

Outcome webhook_enable(Context& context) {
    return switched(context, commands::webhook::enable, "enabled");
}

Outcome webhook_disable(Context& context) {
    return switched(context, commands::webhook::disable, "disabled");
}

Outcome webhook_rotate(Context& context) {
    const auto secrets = server_secrets(context);
    if (!secrets) return std::unexpected(secrets.error());
    const auto secret = command(context, commands::webhook::rotate_secret, "");
    if (!secret) return std::unexpected(secret.error());
    Record record;
    record.fields.emplace_back("webhook", context.text("WEBHOOK"));
    record.fields.emplace_back(
        "secret", security::to_text(security::webhook_secret(*secrets, tenant_of(context),
                                                             {webhook_of(context)}, {*secret})));
    return Answer{std::move(record)};
}

Outcome webhook_test(Context& context) {
    const auto secrets = server_secrets(context);
    if (!secrets) return std::unexpected(secrets.error());
    postgres::Reader reader{runtime::database_of(context.config)};
    const auto stream =
        reader.read(tenant_of(context), {"webhook", webhook_of(context)}, 0, events::all_events);
    if (!stream) return std::unexpected(explained(context, stream.error()));
    const auto at = runtime::now();
    const auto target = projections::webhooks::target(*stream, at);
    if (!target) return std::unexpected(Failure{target.error()});
    if (!*target) return std::unexpected(no_such_webhook(context));
    net::Courier courier{{.rules = rules_of(context)}};
    const auto id = domain::to_text(runtime::uuid_v7());
    std::promise<net::Returned> promise;
    auto future = promise.get_future();
    courier.send(
        runtime::webhook_parcel(*secrets, **target, id, at, runtime::test_event(**target, id, at)),
        [&](net::Returned returned) { promise.set_value(std::move(returned)); });
    const auto returned = future.get();
    Record record;
    record.fields.emplace_back("id", id);
    record.fields.emplace_back("delivered", returned.delivered());
    record.fields.emplace_back("answer_status", std::int64_t{returned.status});
    record.fields.emplace_back("failure", returned.failure);
    record.fields.emplace_back("excerpt", returned.excerpt);
    return Answer{std::move(record), returned.delivered() ? ok : failed};
}

Outcome webhook_deliveries(Context& context) {
    return within_tenant(context, [&](pqxx::transaction_base& tx) -> Outcome {
        if (!projections::webhooks::exists(tx, tenant_of(context), webhook_of(context)))
            return std::unexpected(no_such_webhook(context));
        Table table{{"delivery", "type", "status", "attempts", "answer_status", "failure",
                     "attempted_at", "next_attempt_at"},
                    {}};
        for (const auto& row :
             tx.exec(std::string{R"sql(
                select event, type, status, attempts + attempts_before, answer_status::text,
                       failure, attempted_at, next_attempt_at
                  from feed.webhook_delivery
                 where tenant = $1 and webhook = $2)sql"} +
                         status_condition(context) + " order by position desc limit $3",
                     pqxx::params{context.text("tenant"), context.text("WEBHOOK"),
                                  context.number("limit", 50)}))
            table.rows.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                                  row[2].as<std::string>(), row[3].as<std::int64_t>(),
                                  row[4].is_null() ? Cell{} : Cell{Json{row[4].as<std::string>()}},
                                  text_or_nothing(row[5]), instant_or_nothing(row[6]),
                                  instant_or_nothing(row[7])});
        return Answer{std::move(table)};
    });
}

Outcome webhook_redeliver(Context& context) {
    const auto since = domain::instant_from(context.text("since"));
    const auto delivery = context.uuid("delivery");
    if (since.has_value() == delivery.has_value())
        return std::unexpected(Failure{bad_usage, "webhook redeliver",
                                       "give --delivery ID or --since 2026-01-31T00:00:00Z"});
    return within_tenant(context, [&](pqxx::transaction_base& tx) -> Outcome {
        const auto tenant = tenant_of(context);
        const auto webhook = webhook_of(context);
        if (!projections::webhooks::exists(tx, tenant, webhook))
            return std::unexpected(no_such_webhook(context));
        const auto count = delivery ? postgres::redeliver(tx, tenant, webhook, *delivery)
                                    : postgres::redeliver_dead(tx, tenant, webhook, *since);
        if (!count)
            return std::unexpected(Failure{not_there, "delivery " + context.text("delivery"),
                                           "see cairn webhook deliveries"});
        Record record;
        record.fields.emplace_back("count", *count);
        return Answer{std::move(record)};
    });
}

Outcome webhook_rm(Context& context) {
    if (auto sure = context.confirm("delete webhook " + context.text("WEBHOOK")); !sure)
        return std::unexpected(sure.error());
    if (const auto done = command(context, commands::webhook::remove, ""); !done)
        return std::unexpected(done.error());
    Record record;
    record.fields.emplace_back("webhook", context.text("WEBHOOK"));
    record.fields.emplace_back("deleted", true);
    return Answer{std::move(record)};
}

}  // namespace cli
