#include "projections/metric_query.hpp"

#include "events/recorded.hpp"

#include <charconv>
#include <pqxx/pqxx>

namespace projections::metric {
namespace {

// row_to_json writes without spaces; json_build_object does not.
constexpr const char* metric_rows = R"sql(
      from board.metric m
     cross join lateral (select m.metric as id, m.key, m.name, m.kind, m.unit, m.additivity,
            m.aggregation, m.good_direction, m.gap_policy, m.dimensions, m.precision,
            nullif(m.formula, '') as formula, m.minimum::text, m.maximum::text, m.archived,
            m.version, to_char(m.updated_at at time zone 'UTC',
                               'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at) j
     where m.tenant = $1)sql";

constexpr const char* batch_rows = R"sql(
      from board.metric_batch b
     cross join lateral (select b.batch as id, b.source, b.received, b.accepted, b.duplicate,
            b.corrected, b.rejected, b.reverted, nullif(b.reason, '') as reason, b.version,
            to_char(b.recorded_at at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at) j
     where b.tenant = $1)sql";

std::string first_of(const Ask& ask, std::string_view name, std::string otherwise = {}) {
    const auto found = ask.filters.find(name);
    return found == ask.filters.end() ? std::move(otherwise) : found->second.front();
}

/// Rows of (place, json) as one page; one row more than the limit says that there is a next.
Answer page(const Ask& ask, const pqxx::result& rows) {
    Answer answer{.json = "[", .is_page = true};
    int count = 0;
    for (const auto& row : rows) {
        if (count == ask.limit) break;
        if (count++ > 0) answer.json += ',';
        answer.json += row[1].view();
        if (count == ask.limit && std::size(rows) > ask.limit)
            answer.next = row[0].as<std::string>();
    }
    answer.json += ']';
    return answer;
}

}  // namespace

domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask) {
    const auto archived = first_of(ask, "archived", "false");
    if (archived != "true" && archived != "false")
        return std::unexpected(wrong_parameter("archived", "must be true or false"));
    return page(ask, tx.exec(std::string{"select m.key, row_to_json(j)"} + metric_rows +
                                 " and m.key > $2 "
                                 "and m.archived = $3::bool order by m.key limit $4",
                             pqxx::params{domain::to_text(ask.tenant), ask.cursor, archived,
                                          ask.limit + 1}));
}

domain::Uuid named_metric(domain::TenantId tenant, std::string_view name) {
    const auto id = domain::uuid_from(name);
    return id ? *id : events::id_of_name(tenant, "metric", name);
}

domain::Result<Answer> get(pqxx::transaction_base& tx, const Ask& ask) {
    const auto rows = tx.exec(
        std::string{"select m.version, row_to_json(j)"} + metric_rows + " and m.metric = $2",
        pqxx::params{domain::to_text(ask.tenant),
                     domain::to_text(named_metric(ask.tenant, ask.path.find("metric")->second))});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][1].as<std::string>(), rows[0][0].as<std::int64_t>(), {}, false};
}

domain::Result<Answer> locations(pqxx::transaction_base& tx, const Ask& ask) {
    return page(ask, tx.exec(R"sql(
        select l.key, row_to_json(j)
          from board.location l
         cross join lateral (select l.location as id, l.key, l.name, l.time_zone,
                                    l.day_cutoff_minutes, l.closed, l.version) j
         where l.tenant = $1 and l.key > $2 order by l.key limit $3)sql",
                             pqxx::params{domain::to_text(ask.tenant), ask.cursor, ask.limit + 1}));
}

domain::Result<Answer> batches(pqxx::transaction_base& tx, const Ask& ask) {
    const auto bar = ask.cursor.find('|');
    const bool goes_on = bar != std::string::npos;
    return page(
        ask,
        tx.exec(std::string{"select b.recorded_at::text || '|' || b.batch, row_to_json(j)"} +
                    batch_rows +
                    " and (b.recorded_at, b.batch) < ($2::timestamptz, $3::uuid) "
                    "order by b.recorded_at desc, b.batch desc limit $4",
                pqxx::params{domain::to_text(ask.tenant),
                             goes_on ? ask.cursor.substr(0, bar) : "infinity",
                             goes_on ? ask.cursor.substr(bar + 1) : domain::to_text(domain::Uuid{}),
                             ask.limit + 1}));
}

domain::Result<Answer> batch(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "batch");
    if (!id) return std::unexpected(id.error());
    const auto rows =
        tx.exec(std::string{"select b.version, row_to_json(j)"} + batch_rows + " and b.batch = $2",
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][1].as<std::string>(), rows[0][0].as<std::int64_t>(), {}, false};
}

domain::Result<Answer> rejects(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "batch");
    if (!id) return std::unexpected(id.error());
    const auto known = tx.exec("select 1 from board.metric_batch where tenant = $1 and batch = $2",
                               pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (known.empty()) return domain::refuse(not_found);
    std::int64_t line = 0, place = -1;
    const auto bar = ask.cursor.find('|');
    if (bar != std::string::npos) {
        std::from_chars(ask.cursor.data(), ask.cursor.data() + bar, line);
        std::from_chars(ask.cursor.data() + bar + 1, ask.cursor.data() + ask.cursor.size(), place);
    }
    return page(ask, tx.exec(R"sql(
        select r.line || '|' || r.place,
               row_to_json(j)
          from board.metric_reject r
         cross join lateral (select r.line, nullif(r.metric, '') as metric, r.code, r.detail) j
         where r.tenant = $1 and r.batch = $2 and (r.line, r.place) > ($3, $4)
         order by r.line, r.place limit $5)sql",
                             pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id), line,
                                          place, ask.limit + 1}));
}

}  // namespace projections::metric
