// Commands: parse, propose on a worker's thread, append, answer. A refusal is only final when the
// command's id is unknown: a repeat gets the first outcome, whatever has happened since.
#include "commands/body.hpp"
#include "events/writer.hpp"
#include "src/http/api_parts.hpp"
#include "src/http/problem.hpp"
#include "src/net/url.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/uuid.hpp"
#include "src/security/webhook_signature.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace http {
namespace {

constexpr int attempts_max = 64;

using SharedPtr = std::shared_ptr<Shared>;
using ExchangePtr = std::shared_ptr<Exchange>;

struct EventHead {
    std::string id, type;
    std::int64_t version{}, position{};
};

/// One command on its way.
struct Running {
    SharedPtr shared;
    ExchangePtr exchange;
    const Command& command;
    commands::Request request;
    bool validate_only{};
    int attempts{};
    std::vector<EventHead> events;  ///< as proposed; positions follow with the outcome
    bool gives_token = true;        ///< a registration's answer, while it may be repeated
    Decided decided;                ///< is told instead of the client
};
using RunningPtr = std::shared_ptr<Running>;

void propose(const RunningPtr& running, postgres::Reader& reader);

void refuse(const RunningPtr& running, const domain::Refusal& refusal) {
    using enum domain::Reason::Kind;
    const auto kind = refusal.why.kind;
    const auto outcome = kind == stale || kind == conflict       ? "conflict"
                         : kind == defect || kind == unavailable ? "error"
                                                                 : "rejected";
    running->shared->parts.observe_command(running->command.name, outcome);
    if (running->decided) return running->decided(std::unexpected(refusal));
    running->exchange->refuse(*running->shared, refusal);
}

void post(const RunningPtr& running, std::move_only_function<void(postgres::Reader&)> job) {
    if (!running->shared->parts.workers.post(std::move(job))) refuse(running, {events::queue_full});
}

std::string replaced(std::string_view text, std::string_view name, std::string_view value) {
    std::string out{text};
    const auto at = out.find(name);
    if (at != std::string::npos) out.replace(at, name.size(), value);
    return out;
}

/// The path with {id}, {command} and the route's own parameters filled in.
std::string filled(const Running& running, std::string_view text, const events::Outcome& outcome) {
    auto out = replaced(text, "{id}", domain::to_text(outcome.stream.id));
    out = replaced(out, "{command}", domain::to_text(running.request.command));
    for (const auto& [name, value] : running.request.path)
        out = replaced(out, "{" + name + "}", value);
    return out;
}

void put_events(events::Writer& out, const Running& running) {
    out.key("events").open_list();
    for (const auto& event : running.events) {
        out.open().key("id").text(event.id).key("type").text(event.type);
        out.key("version").integer(event.version);
        if (event.position > 0) out.key("position").text(std::to_string(event.position));
        out.close();
    }
    out.close_list();
}

/// Whoever has the key of an old registration gets no token of its owner any more.
void put_registration(events::Writer& out, const Running& running) {
    const auto& who = running.request.who;
    const auto seconds = running.shared->parts.token_seconds;
    out.key("tenant_id").text(domain::to_text(who.tenant));
    out.key("user_id").text(domain::to_text(who.user));
    if (!running.gives_token) return;
    out.key("access_token").text(running.shared->parts.tokens.issue(who, runtime::now(), seconds));
    out.key("token_type").text("Bearer").key("expires_in").integer(seconds);
}

/// A repeat names the same secret, so it is shown the same.
void put_secret(events::Writer& out, const Running& running, const events::Outcome& outcome) {
    out.key("secret").text(security::to_text(
        security::webhook_secret(running.shared->parts.secrets, running.request.who.tenant,
                                 {outcome.stream.id}, {running.request.command.value})));
}

void answer(const RunningPtr& running, const events::Outcome& outcome,
            const std::string* resource) {
    const auto& shared = *running->shared;
    const auto& prefer = running->exchange->prefer;
    Reply reply{outcome.status, "application/json", {}, {}};
    reply.headers.emplace_back("ETag", "\"" + std::to_string(outcome.version) + "\"");
    reply.headers.emplace_back("Consistency-Token", "\"" +
                                                        shared.opaque.consistency_token(
                                                            running->request.who.tenant,
                                                            outcome.lane, outcome.last_position()) +
                                                        "\"");
    if (outcome.status == 201 && !running->command.location.empty())
        reply.headers.emplace_back("Location",
                                   filled(*running, running->command.location, outcome));
    if (outcome.replayed) reply.headers.emplace_back("Idempotent-Replayed", "true");
    std::string applied;
    if (resource != nullptr) applied = "return=representation";
    else if (prefer.minimal) applied = "return=minimal";
    if (!applied.empty()) reply.headers.emplace_back("Preference-Applied", applied);
    if (prefer.minimal && running->exchange->route->access != Access::open) {
        reply.status = outcome.status == 201 ? 201 : 204;
        return running->exchange->answer(shared, std::move(reply));
    }
    events::Writer out;
    out.open().key("command_id").text(domain::to_text(running->request.command));
    out.key("stream").text(to_text(outcome.stream)).key("version").integer(outcome.version);
    out.key("position").text(std::to_string(outcome.last_position()));
    if (outcome.status == 201) {
        const bool is_part = running->command.location.ends_with("{command}");
        out.key("id").text(is_part ? domain::to_text(running->request.command)
                                   : domain::to_text(outcome.stream.id));
    }
    put_events(out, *running);
    if (running->exchange->route->access == Access::open) put_registration(out, *running);
    if (running->command.gives_secret) put_secret(out, *running, outcome);
    if (resource != nullptr) out.key("resource").raw(*resource);
    out.close();
    reply.body = out.take();
    running->exchange->answer(shared, std::move(reply));
}

/// The slowest of the projections that feed the resource decides; late is no error, because the
/// events are committed: the receipt then comes without the resource.
void answer_with_resource(const RunningPtr& running, const events::Outcome& outcome) {
    const auto path = filled(*running, running->command.resource, outcome);
    const auto needs = needs_of(path);
    const auto wait =
        running->exchange->prefer.wait_milliseconds.value_or(wait_default_milliseconds);
    if (needs.empty()) return answer(running, outcome, nullptr);
    running->shared->parts.projector.when_passed(
        needs.front(), outcome.lane, outcome.last_position(), wait,
        [running, outcome, path, needs, wait](bool passed) {
            if (!passed) return answer(running, outcome, nullptr);
            running->shared->parts.projector.when_passed(
                needs.back(), outcome.lane, outcome.last_position(), wait,
                [running, outcome, path](bool all_passed) {
                    if (!all_passed) return answer(running, outcome, nullptr);
                    const bool posted = running->shared->parts.workers.post(
                        [running, outcome, path](postgres::Reader& reader) {
                            const auto found =
                                ask_path(*running->shared, reader, running->request.who,
                                         running->exchange->noting_keys(*running->shared), path);
                            answer(running, outcome, found ? &found->json : nullptr);
                        });
                    if (!posted) answer(running, outcome, nullptr);
                });
        });
}

std::vector<std::string> types_of(const Running& running) {
    std::vector<std::string> types;
    for (const auto& event : running.events) types.push_back(event.type);
    return types;
}

void finish(const RunningPtr& running, const events::Outcome& outcome) {
    running->exchange->command = running->request.command;
    running->shared->parts.observe_command(running->command.name,
                                           outcome.replayed ? "duplicate" : "accepted");
    if (running->decided) return running->decided(PartOutcome{outcome, types_of(*running)});
    auto position = outcome.first_position;
    for (auto& event : running->events) event.position = position++;
    if (running->exchange->prefer.representation && !running->command.resource.empty())
        return answer_with_resource(running, outcome);
    answer(running, outcome, nullptr);
}

/// Answers a repeat with what the first request did, from the log.
void replay(const RunningPtr& running, postgres::Reader& reader, const events::Outcome& outcome) {
    if (outcome.fingerprint != running->request.fingerprint)
        return refuse(running, {events::key_reused});
    running->events.clear();
    auto read = reader.query<bool>(
        running->request.who.tenant, [&](pqxx::transaction_base& tx) -> domain::Result<bool> {
            for (const auto& row :
                 tx.exec(R"sql(
                     select e.id, e.type, e.version,
                            e.recorded_at > now() - interval '24 hours'
                       from log.event e
                      where e.lane = $1 and e.position >= $2 and e.position < $2 + $3
                      order by e.position)sql",
                         pqxx::params{outcome.lane, outcome.first_position, outcome.events})) {
                running->gives_token = row[3].as<bool>();
                running->events.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                                           row[2].as<std::int64_t>(), 0});
            }
            return true;
        });
    if (!read) return refuse(running, read.error());
    finish(running, outcome);
}

/// A refusal of a command that may be a repeat: what is known of its id comes first.
void refuse_unless_known(const RunningPtr& running, postgres::Reader& reader,
                         const domain::Refusal& refusal) {
    using enum domain::Reason::Kind;
    const auto kind = refusal.why.kind;
    const bool may_be_repeat = !running->validate_only && (kind == missing || kind == conflict ||
                                                           kind == stale || kind == invalid);
    if (!may_be_repeat) return refuse(running, refusal);
    auto known = reader.outcome(running->request.who.tenant, running->request.command);
    if (!known) return refuse(running, known.error());
    if (!*known) return refuse(running, refusal);
    replay(running, reader, **known);
}

void answer_validated(const RunningPtr& running, const std::string& preview) {
    events::Writer out;
    out.open().key("validated_only").boolean(true);
    put_events(out, *running);
    if (!preview.empty()) out.key("preview").raw(preview);
    out.close();
    running->exchange->answer(*running->shared, {200, "application/json", {}, out.take()});
}

void appended(const RunningPtr& running, domain::Result<events::Outcome> outcome) {
    if (outcome && outcome->replayed) {
        return post(running, [running, outcome = *outcome](postgres::Reader& reader) {
            replay(running, reader, outcome);
        });
    }
    if (outcome) return finish(running, *outcome);
    const auto& why = outcome.error().why;
    // Lost a race: decide again on what is there now, which also tells a stale caller what is new.
    if (why == events::moved_on && ++running->attempts >= attempts_max)
        return refuse(running, {events::queue_full, "too many commands on one stream at once"});
    if (why == events::moved_on)
        return post(running, [running](postgres::Reader& reader) { propose(running, reader); });
    if (why == events::value_taken)
        return post(running, [running, refusal = outcome.error()](postgres::Reader& reader) {
            refuse_unless_known(running, reader, refusal);
        });
    refuse(running, outcome.error());
}

void propose(const RunningPtr& running, postgres::Reader& reader) {
    auto& request = running->request;
    request.today = running->shared->calendar.today(reader, request.who.tenant);
    auto proposal = running->command.handler(reader, running->shared->parts.keys, request);
    if (!proposal) return refuse_unless_known(running, reader, proposal.error());
    running->events.clear();
    for (const auto& write : proposal->append.writes) {
        auto version = write.expected;
        for (const auto& event : write.events)
            running->events.push_back(
                {domain::to_text(event.id), std::string{event.form.type}, ++version, 0});
    }
    if (running->validate_only) return answer_validated(running, proposal->preview);
    running->shared->parts.appender.submit(std::move(proposal->append),
                                           [running](domain::Result<events::Outcome> outcome) {
                                               appended(running, std::move(outcome));
                                           });
}

/// Query parameters of a write: validate_only, and those of the command.
domain::Result<bool> validate_only_of(const Request& request, const Command& command) {
    bool validate_only = false;
    for (const auto& [name, value] : request.query) {
        if (std::ranges::contains(command.parameters, name)) continue;
        if (name != "validate_only") return domain::refuse(unknown_parameter, name);
        if (value != "true" && value != "false")
            return std::unexpected(projections::wrong_parameter(name, "must be true or false"));
        validate_only = value == "true";
    }
    return validate_only;
}

std::string fingerprint_text(const Request& request, std::string_view body) {
    std::string text = request.method + "\n" + request.path + "\n";
    for (const auto* name : {"if-match", "if-none-match", "expected-version"}) {
        const auto* value = request.header(name);
        text += (value == nullptr ? std::string{} : *value) + "\n";
    }
    for (const auto& [name, value] : request.query) text += name + "=" + value + "\n";
    return text.append(body);
}

/// A registration has no tenant yet: its ids follow from its key, so that a repeat finds it.
void make_ids(const Shared& shared, const std::string& key, Exchange& exchange) {
    exchange.who.tenant = {security::mac_id(shared.command_key, "tenant\n" + key)};
    exchange.who.user = {security::mac_id(shared.command_key, "owner\n" + key)};
    exchange.who.role = domain::tenant::Role::owner;
}

/// The command that a request with a plain body is, or one part of its rows; or why it is none.
domain::Result<RunningPtr> prepared(const SharedPtr& shared, const ExchangePtr& exchange,
                                    const Command& command, RowsPart part) {
    const auto& http = exchange->request;
    const bool rows = media_type(http) != "application/json";
    const auto validate_only = validate_only_of(http, command);
    if (!validate_only) return std::unexpected(validate_only.error());
    const auto key = idempotency_key(http);
    if (!key) return std::unexpected(key.error());
    constexpr std::size_t open_key_bytes_min = 20;
    if (exchange->route->access == Access::open && key->size() < open_key_bytes_min)
        return domain::refuse(invalid_header,
                              "here Idempotency-Key stands for you: use a new UUID");
    const auto expected = expected_version(http);
    if (!expected) return std::unexpected(expected.error());
    auto body = rows ? domain::Result<std::optional<events::Document>>{}
                     : body_of(http, command.schema, command.values_max);
    if (!body) return std::unexpected(body.error());
    if (exchange->route->access == Access::open) make_ids(*shared, *key, *exchange);

    auto running = std::make_shared<Running>(shared, exchange, command);
    auto& request = running->request;
    running->validate_only = *validate_only;
    request.who = exchange->who;
    const auto number = part.number == 0 ? "" : "\n" + std::to_string(part.number);
    request.command = {security::mac_id(shared->command_key,
                                        "key\n" + domain::to_text(exchange->who.tenant) +
                                            domain::to_text(exchange->who.user) + *key + number)};
    request.fingerprint = security::mac_id(shared->fingerprint_key,
                                           fingerprint_text(http, rows ? part.rows : http.body));
    request.correlation = *domain::uuid_from(std::string_view{http.id}.substr(4));
    request.traceparent = traceparent(http);
    request.expected = *expected;
    request.path = exchange->path;
    request.body = *std::move(body);
    request.rows = std::move(part.rows);
    request.lines_before = part.lines_before;
    request.in_parts = part.in_parts;
    for (const auto& [name, value] : http.query) request.parameters.emplace(name, value);
    request.now = runtime::now();
    request.new_id = &runtime::uuid_v7;
    request.blind_index = shared->blind_index;
    request.vet_url = [&rules = shared->parts.courier.rules()](std::string_view url) {
        return net::vet_url(rules, url);
    };
    return running;
}

}  // namespace

commands::BlindIndex blind_index_of(const security::Secrets& secrets) {
    return [key = secrets.derive("blindidx")](domain::TenantId tenant, std::string_view value) {
        return security::mac(key, domain::to_text(tenant) + std::string{value});
    };
}

void run_rows(SharedPtr shared, ExchangePtr exchange, const Command& command, RowsPart part,
              postgres::Reader& reader, Decided decided) {
    const auto running = prepared(shared, exchange, command, std::move(part));
    if (!running) return exchange->refuse(*shared, running.error());
    (*running)->decided = std::move(decided);
    propose(*running, reader);
}

void run_command(SharedPtr shared, ExchangePtr exchange, const Command& command) {
    if (exchange->request.rest) return pour_rows(std::move(shared), std::move(exchange), command);
    with_plain_body(
        shared, exchange, {command.media, command.unpacks},
        [shared, exchange, &command](postgres::Reader* reader) {
            const bool rows = media_type(exchange->request) != "application/json";
            const auto running = prepared(shared, exchange, command,
                                          {.rows = rows ? exchange->request.body : std::string{}});
            if (!running) return exchange->refuse(*shared, running.error());
            if (reader != nullptr) return propose(*running, *reader);
            post(*running, [running = *running](postgres::Reader& own) { propose(running, own); });
        });
}

}  // namespace http
