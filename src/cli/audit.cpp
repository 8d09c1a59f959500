#include "src/cli/audit.hpp"

#include "projections/audit_query.hpp"
#include "projections/fields.hpp"
#include "projections/lane_tree.hpp"
#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/progress.hpp"
#include "src/postgres/audit.hpp"
#include "src/postgres/event_store.hpp"
#include "src/postgres/refusing.hpp"
#include "src/postgres/sealing.hpp"
#include "src/runtime/clock.hpp"

#include <fstream>
#include <pqxx/pqxx>

namespace cli {
namespace audit {

Outcome as_auditor(const Context& context,
                   const std::function<Outcome(pqxx::transaction_base&)>& work) {
    std::optional<Outcome> outcome;
    const auto ran = postgres::refusing([&]() -> domain::Result<void> {
        auto connection =
            postgres::connect(runtime::database_of(context.config), postgres::As::auditor);
        pqxx::nontransaction tx{*connection};
        tx.exec("set default_transaction_read_only = on");
        outcome.emplace(work(tx));
        return {};
    });
    if (!ran) return std::unexpected(explained(context, ran.error()));
    return *std::move(outcome);
}

Checked<std::vector<events::NoteKey>> trusted_keys(const Context& context,
                                                   const std::vector<std::string>& origins) {
    std::vector<events::NoteKey> keys;
    if (context.has("trust")) {
        std::ifstream in{context.text("trust")};
        for (std::string line; std::getline(in, line);) {
            const auto key = events::note_key_from(line);
            if (!key)
                return std::unexpected(Failure{bad_usage, context.text("trust") + ": " + line,
                                               "one verifier key a line, as cairn audit keys "
                                               "prints them"});
            keys.push_back(*key);
        }
    } else if (std::error_code error;
               std::filesystem::exists(context.config.secrets_dir / "sealing.keys", error)) {
        const auto epochs = security::load_sealing(context.config.secrets_dir);
        if (!epochs) return std::unexpected(Failure{epochs.error()});
        for (const auto& origin : origins) {
            const auto lane = events::count_from(origin.substr(origin.rfind('/') + 1));
            for (const auto& [epoch, seed] :
                 postgres::lane_seeds(*epochs, static_cast<int>(lane.value_or(0))))
                keys.push_back({origin, events::public_key_of(seed)});
        }
    }
    if (keys.empty())
        return std::unexpected(Failure{not_there, "a key to trust",
                                       "give --trust FILE with what cairn audit keys printed "
                                       "when all was well"});
    return keys;
}

Columns finding_columns() {
    return {"lane", "events", "checkpoints", "verdict", "position", "until", "rule", "detail"};
}

Row finding_row(int lane, std::int64_t events, std::int64_t checkpoints,
                const std::optional<events::Finding>& finding) {
    if (!finding)
        return {std::int64_t{lane}, events, checkpoints, std::string{"good"}, {}, {}, {}, {}};
    return {std::int64_t{lane}, events,         checkpoints,   std::string{"broken"},
            finding->position,  finding->until, finding->rule, finding->detail};
}

}  // namespace audit

namespace {

std::vector<int> lanes_of(pqxx::transaction_base& tx, const Context& context) {
    if (context.has("lane")) return {static_cast<int>(context.number("lane", 0))};
    std::vector<int> lanes;
    for (const auto& [lane] : tx.query<int>("select lane from log.lane_head order by lane"))
        lanes.push_back(lane);
    return lanes;
}

std::vector<std::string> origins_of(pqxx::transaction_base& tx) {
    const auto log = postgres::log_name(tx);
    std::vector<std::string> origins;
    for (const auto& [lane] : tx.query<int>("select lane from log.lane_head order by lane"))
        origins.push_back(events::origin_of(log, lane));
    return origins;
}

/// What a witness is asked with: C2SP's add-checkpoint, from `since` events on.
domain::Result<std::string> request_text(pqxx::transaction_base& tx, int lane, std::int64_t since,
                                         const projections::audit::LaneHead& newest) {
    const auto proof = projections::consistency_proof(tx, lane, since, newest.head.size);
    if (!proof) return std::unexpected(proof.error());
    auto text = "old " + std::to_string(since) + "\n";
    for (const auto& hash : *proof) text += events::to_base64(hash) + "\n";
    return text + "\n" + newest.note;
}

/// Tenant, lane and position of an event, which only who sees all tenants can find.
struct EventPlace {
    int lane{};
    std::int64_t position{};
    domain::TenantId tenant;
};
std::optional<EventPlace> place_of(pqxx::transaction_base& tx, const Context& context) {
    const auto by_id = context.has("event");
    const auto rows =
        by_id ? tx.exec("select lane, position, tenant from log.event where id = $1::uuid limit 1",
                        pqxx::params{context.text("event")})
              : tx.exec(
                    "select lane, position, tenant from log.event where lane = $1 and "
                    "position = $2",
                    pqxx::params{context.number("lane", 0), context.number("position", 0)});
    if (rows.empty()) return std::nullopt;
    return EventPlace{
        rows[0][0].as<int>(), rows[0][1].as<std::int64_t>(), {projections::uuid_of(rows[0][2])}};
}

Outcome inclusion(Context& context) {
    std::optional<EventPlace> place;
    auto looked = audit::as_auditor(context, [&](pqxx::transaction_base& tx) -> Outcome {
        place = place_of(tx, context);
        return Answer{};
    });
    if (!looked) return looked;
    if (!place) return std::unexpected(Failure{not_there, "the event", "see cairn events search"});
    postgres::Reader reader{runtime::database_of(context.config)};
    const auto json = reader.query<std::string>(place->tenant, [&](pqxx::transaction_base& tx) {
        return projections::audit::inclusion_json(tx, place->lane, place->position);
    });
    if (!json) return std::unexpected(explained(context, json.error()));
    return Answer{Text{*json + "\n"}};
}

}  // namespace

Outcome audit_checkpoint(Context& context) {
    return audit::as_auditor(context, [&](pqxx::transaction_base& tx) -> Outcome {
        Table table{{"lane", "origin", "size", "root", "note"}, {}};
        std::string text;
        for (const auto lane : lanes_of(tx, context)) {
            const auto newest = projections::audit::newest_checkpoint(tx, lane);
            if (!newest) continue;
            if (context.has("since")) {
                const auto request = request_text(tx, lane, context.number("since", 0), *newest);
                if (!request) return std::unexpected(Failure{request.error()});
                text += *request;
            } else {
                text += newest->note + "\n";
            }
            table.rows.push_back({std::int64_t{lane}, newest->head.origin, newest->head.size,
                                  events::to_base64(newest->head.root), newest->note});
        }
        if (table.rows.empty())
            return std::unexpected(
                Failure{not_there, "a checkpoint", "is a server running that seals the log?"});
        if (context.globals.output == Format::table || context.has("since"))
            return Answer{Text{text}};
        return Answer{std::move(table)};
    });
}

Outcome audit_keys(Context& context) {
    return audit::as_auditor(context, [&](pqxx::transaction_base& tx) -> Outcome {
        const auto log = postgres::log_name(tx);
        Table table{{"verifier"}, {}};
        for (const auto lane : lanes_of(tx, context)) {
            const auto origin = events::origin_of(log, lane);
            const auto keys = events::keys_from(origin, postgres::key_notes(tx, lane));
            if (!keys) continue;
            for (const auto& key : *keys)
                table.rows.push_back({verifier_text({origin, key}, events::NoteAlgorithm::plain)});
        }
        return Answer{std::move(table), ok, {"keep these where the server's owner cannot write"}};
    });
}

Outcome audit_verify_log(Context& context) {
    auto kept = audit::kept_checkpoints(context);
    if (!kept) return std::unexpected(kept.error());
    return audit::as_auditor(context, [&](pqxx::transaction_base& tx) -> Outcome {
        const auto trusted = audit::trusted_keys(context, origins_of(tx));
        if (!trusted) return std::unexpected(trusted.error());
        Progress progress{context, {"log", "audit", "ev"}, postgres::events_to_audit(tx)};
        postgres::AuditOptions options{.trusted = *trusted, .kept = *kept};
        options.progress = [&](std::int64_t events) {
            progress.add(events - progress.done());
            progress.tell();
        };
        Answer answer;
        Table table{audit::finding_columns(), {}};
        for (const auto& lane : postgres::audit_log(tx, options)) {
            if (lane.finding) answer.exit_code = difference;
            table.rows.push_back(
                audit::finding_row(lane.lane, lane.events, lane.checkpoints, lane.finding));
        }
        progress.end();
        answer.data = std::move(table);
        return answer;
    });
}

Outcome audit_proof(Context& context) {
    if (!context.has("from")) return inclusion(context);
    return audit::as_auditor(context, [&](pqxx::transaction_base& tx) -> Outcome {
        const auto lane = static_cast<int>(context.number("lane", 0));
        const auto newest = projections::audit::newest_checkpoint(tx, lane);
        if (!newest) return std::unexpected(Failure{newest.error()});
        const auto from = context.number("from", 0), to = context.number("to", newest->head.size);
        if (from < 0 || from > to || to > newest->head.size)
            return std::unexpected(
                Failure{bad_usage, "--from and --to",
                        "0 <= from <= to <= " + std::to_string(newest->head.size)});
        const auto json = projections::audit::consistency_json(tx, lane, from, to);
        if (!json) return std::unexpected(Failure{json.error()});
        return Answer{Text{*json + "\n"}};
    });
}

/// Whoever seals publishes the new key, vouched for by the present one, with a checkpoint that it
/// signs: the server, or this command where none runs.
Outcome audit_rotate_key(Context& context) {
    const auto& directory = context.config.secrets_dir;
    if (std::error_code error; !std::filesystem::exists(directory / "sealing.keys", error))
        return std::unexpected(Failure{not_there, "no sealing.keys in " + directory.string(),
                                       "the server makes it at its first start"});
    auto epochs = security::load_sealing(directory);
    if (!epochs) return std::unexpected(Failure{epochs.error()});
    int published = 0;
    auto looked = audit::as_auditor(context, [&](pqxx::transaction_base& tx) -> Outcome {
        published =
            tx.query_value<int>("select coalesce(max(epoch), 0) from integrity.signing_key");
        return Answer{};
    });
    if (!looked) return looked;
    if (published < epochs->newest())
        return std::unexpected(Failure{not_there, "a checkpoint by the newest key",
                                       "a running server signs one within a minute"});
    auto next = security::next_sealing(*epochs);
    while (next.keys.size() > 2) next.keys.erase(next.keys.begin());
    if (auto saved = security::save_sealing(directory, next); !saved)
        return std::unexpected(Failure{saved.error()});
    postgres::Sealing sealing{runtime::database_of(context.config),
                              [&] { return security::load_sealing(directory); }, directory};
    const auto round = sealing.round(runtime::now());
    if (!round) return std::unexpected(explained(context, round.error()));
    Record record;
    record.fields.emplace_back("epoch", std::int64_t{next.newest()});
    Answer answer{std::move(record), ok, {}};
    if (!round->ours) answer.notes.push_back("the server that seals signs with it within a minute");
    return answer;
}

}  // namespace cli
