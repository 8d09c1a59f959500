#include "projections/audit_query.hpp"

#include "events/writer.hpp"
#include "projections/lane_tree.hpp"
#include "projections/prepared.hpp"

namespace projections::audit {
namespace {

using events::Hash;
using events::to_base64;
using events::Writer;

domain::Result<int> lane_of(pqxx::transaction_base& tx) {
    const auto rows = tx.exec(prepared(tx, "audit_lane", "select lane from log.tenant_lane"));
    if (rows.empty()) return domain::refuse(not_found);
    return rows[0][0].as<int>();
}

std::string origin(pqxx::transaction_base& tx, int lane) {
    return events::origin_of(tx.query_value<std::string>("select name from integrity.log"), lane);
}

/// An event's own part of its leaf, as its tenant may see it.
struct Sealed {
    std::string event;
    std::int64_t tenant_position{};
    Hash leaf{};
    std::string content_hash, traceparent;
};

Hash hash_in(std::string_view bytes) {
    Hash hash{};
    if (bytes.size() == hash.size()) std::ranges::copy(bytes, hash.begin());
    return hash;
}

/// The number of a tenant's event is that of its last one in the same seal, less those between.
domain::Result<Sealed> sealed_at(pqxx::transaction_base& tx, int lane, std::int64_t position) {
    const auto rows = tx.exec(prepared(tx, "audit_sealed", R"sql(
        select e.id, e.hash, e.traceparent,
               substring(s.leaves from (32 * (e.position - s.first_position) + 1)::int for 32),
               integrity.tenant_last(s.lane, s.first_position)
                   - (select count(*) from log.event o
                       where o.lane = $1 and o.position > e.position
                         and o.position < s.first_position + s.events)
          from log.event e
          join lateral (select lane, first_position, events, leaves from integrity.seal
                         where lane = $1 and first_position <= $2
                         order by first_position desc limit 1) s
            on e.position < s.first_position + s.events
         where e.lane = $1 and e.position = $2)sql"),
                              pqxx::params{lane, position});
    if (rows.empty()) return domain::refuse(not_found);
    const auto row = rows[0];
    return Sealed{row[0].as<std::string>(), row[4].as<std::int64_t>(),
                  hash_in(bytes_of(row[3].view())), to_base64(hash_in(bytes_of(row[1].view()))),
                  row[2].as<std::string>()};
}

void put(Writer& out, const events::merkle::Proof& proof) {
    out.key("proof").open_list();
    for (const auto& hash : proof) out.text(to_base64(hash));
    out.close_list();
}

domain::Result<std::int64_t> number_filter(const Ask& ask, std::string_view name) {
    const auto number = events::count_from(first_filter(ask, name));
    if (!number) return std::unexpected(wrong_parameter(name, "must be a number from 0"));
    return *number;
}

/// A UUIDv7 holds its own time, which narrows the search to some minutes of the log.
domain::Result<std::int64_t> position_of(pqxx::transaction_base& tx, const std::string& event) {
    const auto id = domain::uuid_from(event);
    if (!id) return std::unexpected(wrong_parameter("event", "must be an event's id"));
    std::int64_t milliseconds = 0;
    for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | id->bytes[i];
    const auto rows = tx.exec(prepared(tx, "audit_position", R"sql(
        select position from log.event
         where id = $1::uuid
           and recorded_at between to_timestamp($2 / 1000.0) - interval '1 hour'
                               and to_timestamp($2 / 1000.0) + interval '1 hour')sql"),
                              pqxx::params{event, milliseconds});
    if (rows.empty()) return domain::refuse(not_found);
    return rows[0][0].as<std::int64_t>();
}

domain::Result<Answer> answered(domain::Result<std::string> json) {
    if (!json) return std::unexpected(std::move(json.error()));
    return Answer{*std::move(json)};
}

}  // namespace

domain::Result<LaneHead> newest_checkpoint(pqxx::transaction_base& tx, int lane) {
    const auto rows = tx.exec(prepared(tx, "audit_newest",
                                       "select note from integrity.checkpoint where lane = $1 "
                                       "order by size desc, signed_at desc limit 1"),
                              pqxx::params{lane});
    if (rows.empty()) return domain::refuse(not_found, "nothing is sealed yet");
    auto text = bytes_of(rows[0][0].view());
    const auto note = events::note_from(text);
    const auto head = note ? events::checkpoint_from(note->text) : std::nullopt;
    if (!head) return domain::refuse(not_found, "the newest checkpoint is damaged");
    return LaneHead{*head, std::move(text)};
}

domain::Result<std::string> inclusion_json(pqxx::transaction_base& tx, int lane,
                                           std::int64_t position) {
    const auto newest = newest_checkpoint(tx, lane);
    if (!newest) return std::unexpected(newest.error());
    if (position < 1 || position > newest->head.size) return domain::refuse(not_found);
    const auto sealed = sealed_at(tx, lane, position);
    if (!sealed) return std::unexpected(sealed.error());
    const auto proof = inclusion_proof(tx, lane, position - 1, newest->head.size);
    if (!proof) return std::unexpected(proof.error());
    Writer out;
    out.open().key("origin").text(newest->head.origin).key("event").text(sealed->event);
    out.key("lane").integer(lane).key("position").integer(position);
    out.key("tenant_position").integer(sealed->tenant_position);
    out.key("content_hash").text(sealed->content_hash);
    out.key("traceparent").text(sealed->traceparent);
    out.key("leaf_hash").text(to_base64(sealed->leaf)).key("leaf_index").integer(position - 1);
    out.key("size").integer(newest->head.size);
    put(out, *proof);
    return out.key("checkpoint").text(newest->note).close().take();
}

domain::Result<std::string> consistency_json(pqxx::transaction_base& tx, int lane,
                                             std::int64_t from, std::int64_t to) {
    const auto roots = range_roots(tx, lane, {{0, from}, {0, to}});
    if (!roots) return std::unexpected(roots.error());
    const auto proof = consistency_proof(tx, lane, from, to);
    if (!proof) return std::unexpected(proof.error());
    Writer out;
    out.open().key("origin").text(origin(tx, lane)).key("lane").integer(lane);
    out.key("from").integer(from).key("from_root").text(to_base64((*roots)[0]));
    out.key("to").integer(to).key("to_root").text(to_base64((*roots)[1]));
    put(out, *proof);
    return out.close().take();
}

domain::Result<Answer> checkpoint(pqxx::transaction_base& tx, const Ask& ask) {
    const auto format = first_filter(ask, "format", "json");
    if (format != "json" && format != "note")
        return std::unexpected(wrong_parameter("format", "must be json or note"));
    const auto lane = lane_of(tx);
    if (!lane) return std::unexpected(lane.error());
    auto newest = newest_checkpoint(tx, *lane);
    if (!newest) return std::unexpected(newest.error());
    Answer answer;
    if (format == "note") {
        answer.json = std::move(newest->note);
        answer.media = "text/plain; charset=utf-8";
        return answer;
    }
    Writer out;
    out.open().key("origin").text(newest->head.origin).key("lane").integer(*lane);
    out.key("size").integer(newest->head.size).key("root").text(to_base64(newest->head.root));
    answer.json = out.key("note").text(newest->note).close().take();
    return answer;
}

domain::Result<Answer> inclusion(pqxx::transaction_base& tx, const Ask& ask) {
    const auto lane = lane_of(tx);
    if (!lane) return std::unexpected(lane.error());
    if (ask.filters.contains("event") == ask.filters.contains("position"))
        return std::unexpected(wrong_parameter("event", "or position must be given"));
    const auto position = ask.filters.contains("event")
                              ? position_of(tx, first_filter(ask, "event"))
                              : number_filter(ask, "position");
    if (!position) return std::unexpected(position.error());
    return answered(inclusion_json(tx, *lane, *position));
}

domain::Result<Answer> consistency(pqxx::transaction_base& tx, const Ask& ask) {
    const auto lane = lane_of(tx);
    if (!lane) return std::unexpected(lane.error());
    const auto newest = newest_checkpoint(tx, *lane);
    if (!newest) return std::unexpected(newest.error());
    const auto from = number_filter(ask, "from");
    if (!from) return std::unexpected(from.error());
    const auto to = ask.filters.contains("to") ? number_filter(ask, "to")
                                               : domain::Result<std::int64_t>{newest->head.size};
    if (!to) return std::unexpected(to.error());
    if (*to > newest->head.size)
        return std::unexpected(wrong_parameter("to", "is beyond what is sealed"));
    if (*from > *to) return std::unexpected(wrong_parameter("from", "must not be beyond to"));
    return answered(consistency_json(tx, *lane, *from, *to));
}

domain::Result<Answer> keys(pqxx::transaction_base& tx, const Ask&) {
    const auto lane = lane_of(tx);
    if (!lane) return std::unexpected(lane.error());
    std::vector<std::string> notes;
    for (const auto& row :
         tx.exec(prepared(tx, "audit_keys",
                          "select note from integrity.signing_key where lane = $1 order by epoch"),
                 pqxx::params{*lane}))
        notes.push_back(bytes_of(row[0].view()));
    const auto name = origin(tx, *lane);
    const auto known = events::keys_from(name, notes);
    if (!known) return domain::refuse(not_found, "no keys are published yet");
    Writer out;
    out.open().key("origin").text(name).key("keys").open_list();
    for (std::size_t i = 0; i < known->size(); ++i) {
        const events::NoteKey key{name, (*known)[i]};
        out.open().key("epoch").integer(static_cast<std::int64_t>(i) + 1);
        out.key("verifier").text(verifier_text(key, events::NoteAlgorithm::plain));
        out.key("cosignature_verifier").text(verifier_text(key, events::NoteAlgorithm::cosigned));
        out.key("note").text(notes[i]).close();
    }
    out.close_list().close();
    return Answer{out.take()};
}

}  // namespace projections::audit
