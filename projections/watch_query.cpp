#include "projections/watch_query.hpp"

#include "domain/alert_rule.hpp"
#include "domain/anomaly_words.hpp"
#include "events/writer.hpp"
#include "projections/fields.hpp"
#include "projections/page.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace projections::watch_board {
namespace {

constexpr std::string_view first_day = "-infinity", last_day = "infinity";
const std::string nil = domain::to_text(domain::Uuid{});
const std::string all_ones = "ffffffff-ffff-ffff-ffff-ffffffffffff";

constexpr const char* anomaly_columns = R"sql(
    select a.on_day || '|' || a.anomaly, row_to_json(j), a.anomaly, a.note, a.note_version,
           a.note_type, a.version
      from board.anomaly a
     cross join lateral (select a.anomaly as id, a.metric, nullif(a.location, '') as location,
            a.on_day as "on", a.kind, a.severity, a.status,
            trim_scale(a.observed)::text as observed, trim_scale(a.expected)::text as expected,
            trim_scale(a.low)::text as low, trim_scale(a.high)::text as high,
            trim_scale(a.score)::text as score, a.version,
            to_char(a.detected_at at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as detected_at) j
     where a.tenant = $1)sql";

constexpr const char* rule_columns = R"sql(
      from board.alert_rule a
     cross join lateral (select a.rule as id, a.name, a.metric, nullif(a.location, '') as location,
            a.comparison, trim_scale(a.threshold)::text as threshold, a.grain, a.for_periods,
            a.severity, a.raised, a.set_on, a.version) j
     where a.tenant = $1 and not a.removed)sql";

/// An anomaly as its row has it, with what somebody said of it.
domain::Result<std::string> with_note(const Ask& ask, const pqxx::row& row) {
    std::string note = "null";
    if (!row[3].is_null()) {
        const auto id = uuid_of(row[2]);
        auto opened = shown(
            ask, {ask.tenant, {"anomaly", id}, row[4].as<std::int64_t>(), row[5].view(), "note"},
            row[3].view());
        if (!opened) return opened;
        note = *std::move(opened);
    }
    std::string json{row[1].view()};
    json.pop_back();
    return json + ",\"note\":" + note + "}";
}

template <class Enum>
domain::Result<void> check_words(const Ask& ask, std::string_view name,
                                 std::optional<Enum> (*from)(std::string_view)) {
    const auto found = ask.filters.find(name);
    if (found == ask.filters.end()) return {};
    for (const auto& word : found->second) {
        if (!from(word)) return std::unexpected(wrong_parameter(name, "is none of the words"));
    }
    return {};
}

domain::Result<std::string> day_filter(const Ask& ask, std::string_view name,
                                       std::string_view otherwise) {
    auto text = first_filter(ask, name, std::string{otherwise});
    if (text == otherwise || domain::date_from(text)) return text;
    return std::unexpected(wrong_parameter(name, "must be a date"));
}

std::vector<std::string> words(const Ask& ask, std::string_view name) {
    const auto found = ask.filters.find(name);
    return found == ask.filters.end() ? std::vector<std::string>{} : found->second;
}

}  // namespace

domain::Result<Answer> anomalies(pqxx::transaction_base& tx, const Ask& ask) {
    for (const auto& checked : {check_words(ask, "kind", &domain::anomaly::kind_from),
                                check_words(ask, "severity", &domain::anomaly::severity_from),
                                check_words(ask, "status", &domain::anomaly::status_from)}) {
        if (!checked) return std::unexpected(checked.error());
    }
    const auto from = day_filter(ask, "from", first_day), to = day_filter(ask, "to", last_day);
    if (!from) return std::unexpected(from.error());
    if (!to) return std::unexpected(to.error());
    const auto after = cursor_of(ask).value_or(Cursor{std::string{last_day}, all_ones});
    const auto rows = tx.exec(
        std::string{anomaly_columns} + R"sql(
           and (cardinality($2::text[]) = 0 or a.metric = any ($2))
           and (cardinality($3::text[]) = 0 or a.location = any ($3))
           and (cardinality($4::text[]) = 0 or a.kind = any ($4))
           and (cardinality($5::text[]) = 0 or a.severity = any ($5))
           and (cardinality($6::text[]) = 0 or a.status = any ($6))
           and a.on_day >= $7::date and a.on_day < $8::date
           and (a.on_day, a.anomaly) < ($9::date, $10::uuid)
         order by a.on_day desc, a.anomaly desc limit $11)sql",
        pqxx::params{domain::to_text(ask.tenant), words(ask, "metric"), words(ask, "location"),
                     words(ask, "kind"), words(ask, "severity"), words(ask, "status"), *from, *to,
                     after.first, after.second, ask.limit + 1});
    Answer answer{.json = "[", .is_page = true};
    int count = 0;
    for (const auto& row : rows) {
        if (count == ask.limit) break;
        auto json = with_note(ask, row);
        if (!json) return std::unexpected(std::move(json.error()));
        if (count++ > 0) answer.json += ',';
        answer.json += *json;
        if (count == ask.limit && std::size(rows) > ask.limit)
            answer.next = row[0].as<std::string>();
    }
    answer.json += ']';
    return answer;
}

domain::Result<Answer> anomaly(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "anomaly");
    if (!id) return std::unexpected(id.error());
    const auto rows = tx.exec(std::string{anomaly_columns} + " and a.anomaly = $2",
                              pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (rows.empty()) return domain::refuse(not_found);
    auto json = with_note(ask, rows[0]);
    if (!json) return std::unexpected(std::move(json.error()));
    return Answer{*std::move(json), rows[0][6].as<std::int64_t>(), {}, false};
}

domain::Result<Answer> rules(pqxx::transaction_base& tx, const Ask& ask) {
    return page(ask, tx.exec(std::string{"select a.rule, row_to_json(j)"} + rule_columns + R"sql(
           and (cardinality($2::text[]) = 0 or a.metric = any ($2)) and a.rule > $3::uuid
         order by a.rule limit $4)sql",
                             pqxx::params{domain::to_text(ask.tenant), words(ask, "metric"),
                                          ask.cursor.empty() ? nil : ask.cursor, ask.limit + 1}));
}

domain::Result<Answer> rule(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "rule");
    if (!id) return std::unexpected(id.error());
    const auto rows =
        tx.exec(std::string{"select a.version, row_to_json(j)"} + rule_columns + " and a.rule = $2",
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][1].as<std::string>(), rows[0][0].as<std::int64_t>(), {}, false};
}

domain::Result<Answer> alerts(pqxx::transaction_base& tx, const Ask& ask) {
    const auto status = first_filter(ask, "status");
    if (!status.empty() && status != "raised" && status != "resolved")
        return std::unexpected(wrong_parameter("status", "must be raised or resolved"));
    const auto of_rule = first_filter(ask, "rule");
    if (!of_rule.empty() && !domain::uuid_from(of_rule))
        return std::unexpected(wrong_parameter("rule", "must be the id of a rule"));
    const auto after = cursor_of(ask).value_or(Cursor{std::string{last_day}, all_ones + ".1"});
    return page(ask, tx.exec(R"sql(
        select a.raised_at || '|' || a.rule || '.' || a.version, row_to_json(j)
          from board.alert a
          join board.alert_rule r on r.tenant = a.tenant and r.rule = a.rule
         cross join lateral (select a.rule, r.name, r.metric,
                nullif(r.location, '') as location, r.severity,
                case when a.resolved_at is null then 'raised' else 'resolved' end as status,
                a.raised_on, trim_scale(a.value)::text as value,
                trim_scale(a.threshold)::text as threshold, a.resolved_on,
                trim_scale(a.resolved_value)::text as resolved_value,
                to_char(a.raised_at at time zone 'UTC',
                        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as raised_at) j
         where a.tenant = $1 and ($2 = '' or (a.resolved_at is null) = ($2 = 'raised'))
           and ($3 = '' or a.rule = nullif($3, '')::uuid)
           and (a.raised_at, a.rule, a.version)
               < ($4::timestamptz, split_part($5, '.', 1)::uuid, split_part($5, '.', 2)::bigint)
         order by a.raised_at desc, a.rule desc, a.version desc limit $6)sql",
                             pqxx::params{domain::to_text(ask.tenant), status, of_rule, after.first,
                                          after.second, ask.limit + 1}));
}

domain::Result<Answer> closures(pqxx::transaction_base& tx, const Ask& ask) {
    const auto from = day_filter(ask, "from", first_day), to = day_filter(ask, "to", last_day);
    if (!from) return std::unexpected(from.error());
    if (!to) return std::unexpected(to.error());
    const auto after = cursor_of(ask).value_or(Cursor{std::string{first_day}, nil});
    return page(ask, tx.exec(R"sql(
        select c.from_day || '|' || c.closure, row_to_json(j)
          from board.closure c
         cross join lateral (select c.closure as id, nullif(c.location, '') as location,
                c.from_day as "from", c.to_day as "to", nullif(c.reason, '') as reason,
                c.version) j
         where c.tenant = $1 and not c.cancelled
           and (cardinality($2::text[]) = 0 or c.location = any ($2))
           and c.to_day >= $3::date and c.from_day < $4::date
           and (c.from_day, c.closure) > ($5::date, $6::uuid)
         order by c.from_day, c.closure limit $7)sql",
                             pqxx::params{domain::to_text(ask.tenant), words(ask, "location"),
                                          *from, *to, after.first, after.second, ask.limit + 1}));
}

std::vector<domain::closure::Closure> closures_of(pqxx::transaction_base& tx,
                                                  domain::TenantId tenant) {
    std::vector<domain::closure::Closure> found;
    for (const auto& row : tx.exec("select location, from_day, to_day, reason from board.closure "
                                   "where tenant = $1 and not cancelled",
                                   pqxx::params{domain::to_text(tenant)}))
        found.push_back(
            {row[0].as<std::string>(), date_of(row[1]), date_of(row[2]), row[3].as<std::string>()});
    return found;
}

}  // namespace projections::watch_board
