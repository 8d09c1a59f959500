#include "projections/metric_query.hpp"

#include "events/recorded.hpp"
#include "events/writer.hpp"
#include "projections/csv.hpp"
#include "projections/metric_window.hpp"
#include "projections/page.hpp"

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

}  // namespace

domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask) {
    const auto archived = first_filter(ask, "archived", "false");
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
    const auto place = cursor_of(ask).value_or(Cursor{"infinity", domain::to_text(domain::Uuid{})});
    return page(
        ask, tx.exec(std::string{"select b.recorded_at::text || '|' || b.batch, row_to_json(j)"} +
                         batch_rows +
                         " and (b.recorded_at, b.batch) < ($2::timestamptz, $3::uuid) "
                         "order by b.recorded_at desc, b.batch desc limit $4",
                     pqxx::params{domain::to_text(ask.tenant), place.first, place.second,
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
    const auto after = cursor_of(ask).value_or(Cursor{"0", "-1"});
    return page(ask, tx.exec(R"sql(
        select r.line || '|' || r.place,
               row_to_json(j)
          from board.metric_reject r
         cross join lateral (select r.line, nullif(r.metric, '') as metric, r.code, r.detail) j
         where r.tenant = $1 and r.batch = $2 and (r.line, r.place) > ($3::int, $4::int)
         order by r.line, r.place limit $5)sql",
                             pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id),
                                          after.first, after.second, ask.limit + 1}));
}

namespace {

struct PointsAsked {
    domain::Uuid metric{};
    domain::Instant from, to;
    std::int64_t variant = INT64_MIN;  ///< with `place`: the last one of the page before
    std::string place;
    bool goes_on{};
};

domain::Result<PointsAsked> points_asked(const Ask& ask) {
    constexpr std::int64_t days_max = 366, days_default = 30;
    PointsAsked asked{.metric = named_metric(ask.tenant, ask.path.find("metric")->second),
                      .place = {}};
    const auto to = moment_from(first_filter(ask, "to", domain::to_text(ask.today + 1)));
    if (!to) return std::unexpected(wrong_parameter("to", "must be a date or an RFC 3339 time"));
    const auto from = moment_from(first_filter(
        ask, "from",
        domain::to_text(domain::Instant{to->micros - days_default * domain::day_micros})));
    if (!from || *from >= *to || to->micros - from->micros > days_max * domain::day_micros)
        return std::unexpected(wrong_parameter(
            "from", "must be a date or an RFC 3339 time, up to 366 days before to"));
    asked.from = *from;
    asked.to = *to;
    const auto first = ask.cursor.find('|'), second = ask.cursor.find('|', first + 1);
    if (second == std::string::npos) return asked;
    asked.from = domain::instant_from(ask.cursor.substr(0, first)).value_or(*from);
    std::from_chars(ask.cursor.data() + first + 1, ask.cursor.data() + second, asked.variant);
    asked.place = ask.cursor.substr(second + 1);
    asked.goes_on = true;
    return asked;
}

pqxx::result points_page(pqxx::transaction_base& tx, const Ask& ask, const PointsAsked& asked) {
    const auto location = ask.filters.find("location");
    return tx.exec(
        R"sql(
        select to_char(p.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, p.day,
               p.location, p.dimensions, p.value::text, p.unit, p.variant
          from board.metric_page($1, $2, $3, $4, $5, $6, $7) p
         order by p.at, p.location collate "C", p.variant)sql",
        pqxx::params{
            domain::to_text(asked.metric),
            location == ask.filters.end() ? std::nullopt : std::optional{location->second.front()},
            domain::to_text(asked.from), domain::to_text(asked.to),
            asked.goes_on ? std::optional{asked.place} : std::nullopt, asked.variant,
            ask.limit + 1});
}

}  // namespace

domain::Result<Answer> points(pqxx::transaction_base& tx, const Ask& ask) {
    const auto asked = points_asked(ask);
    if (!asked) return std::unexpected(asked.error());
    const auto known =
        tx.exec("select key from board.metric where tenant = $1 and metric = $2",
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(asked->metric)});
    if (known.empty()) return domain::refuse(not_found);
    const auto rows = points_page(tx, ask, *asked);
    Answer answer{.is_page = !ask.csv};
    events::Writer out;
    out.open_list();
    std::string csv = "metric,at,day,location,dimensions,value,unit\r\n";
    int count = 0;
    for (const auto& row : rows) {
        if (count++ == ask.limit) break;
        const auto text = [&](int column) { return row[column].view(); };
        if (count == ask.limit && std::size(rows) > ask.limit)
            answer.next = row[0].as<std::string>() + "|" + row[6].as<std::string>() + "|" +
                          row[2].as<std::string>();
        if (ask.csv) {
            csv += known[0][0].as<std::string>() + "," + row[0].as<std::string>() + "," +
                   row[1].as<std::string>() + "," + row[2].as<std::string>() + "," +
                   csv_field(text(3)) + "," + row[4].as<std::string>() + "," +
                   row[5].as<std::string>() + "\r\n";
            continue;
        }
        out.open().key("at").text(text(0)).key("day").text(text(1)).key("location").text(text(2));
        out.key("dimensions").raw(row[3].is_null() ? "{}" : text(3));
        out.key("value").text(text(4)).key("unit").text(text(5)).close();
    }
    answer.json = ask.csv ? std::move(csv) : out.close_list().take();
    if (ask.csv) answer.media = "text/csv; charset=utf-8";
    return answer;
}

}  // namespace projections::metric
