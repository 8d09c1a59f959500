#include "projections/benchmark_query.hpp"

#include "domain/benchmark.hpp"
#include "domain/benchmark_period.hpp"
#include "events/writer.hpp"
#include "projections/csv.hpp"
#include "projections/metric_query.hpp"
#include "projections/page.hpp"

#include <charconv>
#include <pqxx/pqxx>

namespace projections::benchmark {

// row_to_json writes without spaces; json_build_object does not.
const char* const licence_sql = R"sql(
    (select l from (select b.redistribute, b.cloud_model_use, b.attribution,
                           case when not b.redistribute then
                                'For members of this tenant only: '
                                'the provider forbids passing it on.'
                           end as notice) l) as licence)sql";

namespace {

/// A JSON answer says when it has no more; a file is the whole series, which is bounded itself.
constexpr int observations_max = 5'000;
constexpr auto observations_in_csv_max = static_cast<int>(domain::benchmark::observations_max);
constexpr int percentiles_count = 5;

std::string series_rows() {
    std::string sql = R"sql(
      from board.benchmark b
     cross join lateral (select b.benchmark as id, b.provider, b.external_id, b.title, b.unit,
            b.frequency, nullif(b.naics, '') as naics, b.geo, )sql";
    sql += licence_sql;
    sql += R"sql(,
            b.retired_on, b.observations, b.first_period, b.last_period, b.last_vintage, b.version,
            to_char(b.updated_at at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at) j
     where b.tenant = $1)sql";
    return sql;
}

std::string mapping_rows() {
    std::string sql = R"sql(
        select m.benchmark, row_to_json(j)
          from board.benchmark_mapping m
          join board.benchmark b on b.tenant = m.tenant and b.benchmark = m.benchmark
         cross join lateral (select m.benchmark, b.provider, b.title, b.unit, m.transform,
                m.adjustment, m.deflator, trim_scale(m.factor)::text as factor,
                nullif(m.factor_unit, '') as factor_unit, )sql";
    sql += licence_sql;
    sql += R"sql() j
         where m.tenant = $1 and m.metric = $2 and m.benchmark > $3
         order by m.benchmark limit $4)sql";
    return sql;
}

constexpr const char* import_rows = R"sql(
      from board.benchmark_import i
     cross join lateral (select i.import as id, i.benchmark, i.format, i.received, i.accepted,
            i.known, i.missing, i.rejected,
            to_char(i.recorded_at at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at) j
     where i.tenant = $1 and i.benchmark = $2)sql";

std::string after_id(const Ask& ask) {
    return ask.cursor.empty() ? domain::to_text(domain::Uuid{}) : ask.cursor;
}

/// A filter that names a period: its first day; `otherwise` where it is not given.
domain::Result<std::string> day_from(const Ask& ask, std::string_view name,
                                     std::string_view otherwise) {
    const auto text = first_filter(ask, name);
    if (text.empty()) return std::string{otherwise};
    const auto period = domain::benchmark::period_from(text);
    if (!period)
        return std::unexpected(wrong_parameter(name, "must be a date, month, quarter or year"));
    return domain::to_text(period->from);
}

/// Columns of the statement in observations(), from the value on.
constexpr int value_at = 1, vintage_at = 2, first_percentile_at = 3;
constexpr std::string_view percentile_names[percentiles_count]{"p10", "p25", "p50", "p75", "p90"};

std::string csv_of(const pqxx::row& series, const pqxx::result& rows) {
    std::string csv = "benchmark,period,value,unit,vintage,p10,p25,p50,p75,p90,attribution\r\n";
    for (auto i = rows.size(); i-- > 0;) {
        const auto row = rows[i];
        csv += csv_field(series[1].view()) + "," + row[0].c_str() + "," + row[value_at].c_str();
        csv += "," + series[3].as<std::string>() + "," + row[vintage_at].c_str();
        for (int p = 0; p < percentiles_count; ++p)
            csv += std::string{","} + row[first_percentile_at + p].c_str();
        csv += "," + csv_field(series[5].view()) + "\r\n";
    }
    return csv;
}

void put_observation(events::Writer& out, const pqxx::row& row) {
    out.open().key("period").text(row[0].view()).key("value").text(row[value_at].view());
    out.key("vintage").text(row[vintage_at].view());
    bool any = false;
    for (int p = 0; p < percentiles_count; ++p) {
        const auto field = row[first_percentile_at + p];
        if (field.is_null()) continue;
        if (!any) out.key("percentiles").open();
        any = true;
        out.key(percentile_names[p]).text(field.view());
    }
    if (any) out.close();
    out.close();
}

}  // namespace

domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask) {
    const auto retired = first_filter(ask, "retired", "false");
    if (retired != "true" && retired != "false")
        return std::unexpected(wrong_parameter("retired", "must be true or false"));
    const auto provider = first_filter(ask, "provider");
    if (!provider.empty() && !domain::benchmark::provider_from(provider))
        return std::unexpected(wrong_parameter("provider", "is no provider that is known"));
    return page(ask, tx.exec("select b.benchmark, row_to_json(j)" + series_rows() +
                                 " and b.benchmark > $2 and (b.retired_on is not null) = $3::bool "
                                 "and ($4 = '' or b.provider = $4) order by b.benchmark limit $5",
                             pqxx::params{domain::to_text(ask.tenant), after_id(ask), retired,
                                          provider, ask.limit + 1}));
}

domain::Result<Answer> get(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "benchmark");
    if (!id) return std::unexpected(id.error());
    const auto rows =
        tx.exec("select b.version, row_to_json(j)" + series_rows() + " and b.benchmark = $2",
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][1].as<std::string>(), rows[0][0].as<std::int64_t>(), {}, false};
}

domain::Result<Answer> observations(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "benchmark");
    if (!id) return std::unexpected(id.error());
    const auto from = day_from(ask, "from", "-infinity"), to = day_from(ask, "to", "infinity");
    if (!from || !to) return std::unexpected(from ? to.error() : from.error());
    const auto as_of = first_filter(ask, "as_of", "infinity");
    if (as_of != "infinity" && !domain::date_from(as_of))
        return std::unexpected(wrong_parameter("as_of", "must be a date"));
    const auto series = tx.exec(
        std::string{"select b.benchmark, b.title, b.provider, b.unit, b.frequency, b.attribution, "
                    "b.external_id, row_to_json(j) from board.benchmark b cross join lateral "
                    "(select "} +
            licence_sql + ") j where b.tenant = $1 and b.benchmark = $2",
        pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (series.empty()) return domain::refuse(not_found);
    const auto rows =
        tx.exec(R"sql(
        select distinct on (o.period) o.period, o.value::text, o.vintage, o.p10::text, o.p25::text,
               o.p50::text, o.p75::text, o.p90::text
          from board.benchmark_observation o
         where o.tenant = $1 and o.benchmark = $2 and o.period >= $3::date and o.period < $4::date
           and o.vintage <= $5::date
         order by o.period desc, o.vintage desc limit $6)sql",
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id), *from, *to, as_of,
                             ask.csv ? observations_in_csv_max : observations_max});
    if (ask.csv) return Answer{.json = csv_of(series[0], rows), .media = "text/csv; charset=utf-8"};
    events::Writer out;
    out.open().key("benchmark").text(series[0][0].view()).key("title").text(series[0][1].view());
    out.key("provider").text(series[0][2].view()).key("external_id").text(series[0][6].view());
    out.key("unit").text(series[0][3].view()).key("frequency").text(series[0][4].view());
    // The row holds one member, licence: without its braces it is a member here.
    const auto licence = series[0][7].view();
    out.raw(licence.substr(1, licence.size() - 2)).key("as_of");
    if (as_of == "infinity") out.null();
    else out.text(as_of);
    out.key("truncated").boolean(rows.size() == observations_max);
    out.key("observations").open_list();
    for (auto i = rows.size(); i-- > 0;) put_observation(out, rows[i]);
    return Answer{out.close_list().close().take()};
}

domain::Result<Answer> imports(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "benchmark");
    if (!id) return std::unexpected(id.error());
    std::int64_t before = INT64_MAX;
    std::from_chars(ask.cursor.data(), ask.cursor.data() + ask.cursor.size(), before);
    return page(ask, tx.exec(std::string{"select i.version, row_to_json(j)"} + import_rows +
                                 " and i.version < $3 order by i.version desc limit $4",
                             pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id), before,
                                          ask.limit + 1}));
}

domain::Result<Answer> import(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "benchmark"), one = id_in_path(ask, "import");
    if (!id || !one) return domain::refuse(not_found);
    const auto rows = tx.exec(
        std::string{"select row_to_json(j)"} + import_rows + " and i.import = $3",
        pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id), domain::to_text(*one)});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][0].as<std::string>()};
}

domain::Result<Answer> rejects(pqxx::transaction_base& tx, const Ask& ask) {
    const auto known = import(tx, ask);
    if (!known) return std::unexpected(known.error());
    int after = -1;
    std::from_chars(ask.cursor.data(), ask.cursor.data() + ask.cursor.size(), after);
    return page(ask, tx.exec(R"sql(
        select r.place, row_to_json(j)
          from board.benchmark_reject r
         cross join lateral (select r.line, r.code, r.detail) j
         where r.tenant = $1 and r.benchmark = $2 and r.import = $3 and r.place > $4
         order by r.place limit $5)sql",
                             pqxx::params{domain::to_text(ask.tenant), ask.path.at("benchmark"),
                                          ask.path.at("import"), after, ask.limit + 1}));
}

domain::Result<Answer> mappings(pqxx::transaction_base& tx, const Ask& ask) {
    const auto metric = metric::named_metric(ask.tenant, ask.path.find("metric")->second);
    const auto known = tx.exec("select 1 from board.metric where tenant = $1 and metric = $2",
                               pqxx::params{domain::to_text(ask.tenant), domain::to_text(metric)});
    if (known.empty()) return domain::refuse(not_found);
    return page(ask, tx.exec(mapping_rows(),
                             pqxx::params{domain::to_text(ask.tenant), domain::to_text(metric),
                                          after_id(ask), ask.limit + 1}));
}

}  // namespace projections::benchmark
