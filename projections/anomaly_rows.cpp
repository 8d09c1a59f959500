// What the detector found, and what people say of it.
#include "events/codec.hpp"
#include "projections/prepared.hpp"
#include "projections/watch_rows.hpp"

#include <pqxx/pqxx>

namespace projections::watch_board {
namespace {

using domain::anomaly::Detected;
using domain::anomaly::Dismissed;
using domain::anomaly::Explained;
using domain::anomaly::Status;
using domain::anomaly::Withdrawn;

std::string sealed_text(const domain::Personal& value) {
    const auto* sealed = value.sealed();
    return sealed == nullptr ? std::string{} : sealed->envelope;
}

}  // namespace

void Anomalies::apply(const events::Recorded& event, const domain::anomaly::Event& fact) {
    auto& row = rows_[{event.tenant, event.stream.id}];
    const auto noted = [&](Status status, const domain::Personal* note) {
        row.status = status;
        row.note = note == nullptr ? std::string{} : sealed_text(*note);
        row.note_version = event.version;
        row.note_type = event.type;
    };
    std::visit(domain::Match{[&](const Detected& e) {
                                 const auto found = row.finding ? row.found_at : event.recorded_at;
                                 row = {.finding = e.finding, .found_at = found};
                             },
                             [&](const Withdrawn&) { row.status = Status::withdrawn; },
                             [&](const Explained& e) { noted(Status::explained, &e.note); },
                             [&](const Dismissed& e) {
                                 noted(Status::dismissed, e.note ? &*e.note : nullptr);
                             }},
               fact);
    row.version = event.version;
    row.at = event.recorded_at;
}

void Anomalies::save(pqxx::transaction_base& tx) const {
    if (rows_.empty()) return;
    save_findings(tx);
    save_statuses(tx);
}

void Anomalies::save_findings(pqxx::transaction_base& tx) const {
    Uuids tenant, id;
    BigInts version;
    Dates on;
    Texts metric, location, kind, severity;
    Decimals observed, expected, low, high, score;
    Instants found_at, at;
    for (const auto& [key, row] : rows_) {
        if (!row.finding) continue;
        const auto& finding = *row.finding;
        tenant.push_back(key.tenant);
        id.push_back(key.id);
        version.push_back(row.version);
        on.push_back(finding.on);
        metric.push_back(finding.metric);
        location.push_back(finding.location);
        kind.push_back(to_text(finding.kind));
        severity.push_back(to_text(finding.severity));
        observed.push_back(finding.observed);
        expected.push_back(finding.expected);
        low.push_back(finding.low);
        high.push_back(finding.high);
        score.push_back(finding.score);
        found_at.push_back(row.found_at);
        at.push_back(row.at);
    }
    tx.exec(prepared(tx, "anomaly_findings", R"sql(
        insert into board.anomaly (tenant, anomaly, version, on_day, metric, location, kind,
                                   severity, observed, expected, low, high, score, detected_at,
                                   updated_at, status)
        select r.*, 'open'
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::date[], $5::text[], $6::text[],
                      $7::text[], $8::text[], $9::numeric[], $10::numeric[], $11::numeric[],
                      $12::numeric[], $13::numeric[], $14::timestamptz[], $15::timestamptz[])
               as r (tenant, anomaly, version, on_day, metric, location, kind, severity, observed,
                     expected, low, high, score, found_at, at)
            on conflict (tenant, anomaly) do update
           set (version, kind, severity, status, observed, expected, low, high, score, note,
                note_version, note_type, updated_at)
             = (excluded.version, excluded.kind, excluded.severity, excluded.status,
                excluded.observed, excluded.expected, excluded.low, excluded.high, excluded.score,
                null, null, null, excluded.updated_at))sql"),
            as_params(tenant, id, version, on, metric, location, kind, severity, observed, expected,
                      low, high, score, found_at, at))
        .no_rows();
}

void Anomalies::save_statuses(pqxx::transaction_base& tx) const {
    Uuids tenant, id;
    BigInts version, note_version;
    Texts status, note, note_type;
    Instants at;
    for (const auto& [key, row] : rows_) {
        if (row.status == Status::open) continue;
        tenant.push_back(key.tenant);
        id.push_back(key.id);
        version.push_back(row.version);
        status.push_back(to_text(row.status));
        note.push_back(unless_empty(row.note));
        note_type.push_back(unless_empty(row.note_type));
        note_version.push_back(row.note_version);
        at.push_back(row.at);
    }
    // A withdrawal says nothing of the note: what was said stays.
    tx.exec(prepared(tx, "anomaly_judged", R"sql(
        update board.anomaly a
           set version = r.version, status = r.status, updated_at = r.at,
               note = case when r.note_type is null then a.note else r.note end,
               note_version = case when r.note_type is null then a.note_version
                                   else r.note_version end,
               note_type = coalesce(r.note_type, a.note_type)
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                      $7::bigint[], $8::timestamptz[])
               as r (tenant, anomaly, version, status, note, note_type, note_version, at)
         where a.tenant = r.tenant and a.anomaly = r.anomaly)sql"),
            as_params(tenant, id, version, status, note, note_type, note_version, at))
        .no_rows();
}

}  // namespace projections::watch_board
