#include "projections/trail_query.hpp"

#include "events/writer.hpp"

#include <charconv>
#include <pqxx/pqxx>

namespace projections::audit {
namespace {

/// Conditions with their parameters; each has one `?` for its value.
class Conditions {
public:
    explicit Conditions(domain::TenantId tenant) { add("a.tenant = ?", domain::to_text(tenant)); }

    template <class Value>
    void add(std::string condition, const Value& value) {
        params_.append(value);
        condition.replace(condition.find('?'), 1, "$" + std::to_string(++count_));
        text_ += (count_ == 1 ? " where " : " and ") + condition;
    }
    const std::string& text() const { return text_; }
    const pqxx::params& params() const { return params_; }

private:
    std::string text_;
    pqxx::params params_;
    int count_ = 0;
};

std::string optional_text(const pqxx::field& field) {
    return field.is_null() ? std::string{} : field.as<std::string>();
}

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    while (!text.empty()) {
        const auto end = text.find(' ');
        found.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return found;
}

AccessRow row_from(const pqxx::row& row) {
    return {row[0].as<std::int64_t>(), domain::to_text(domain::Instant{row[1].as<std::int64_t>()}),
            row[2].as<std::string>(),  optional_text(row[3]),
            row[4].as<std::string>(),  row[5].as<std::string>(),
            row[6].as<std::string>(),  optional_text(row[7]),
            row[8].as<std::string>(),  row[9].as<std::string>(),
            row[10].as<int>(),         words(row[11].view()),
            words(row[12].view()),     row[13].as<std::string>(),
            row[14].as<std::string>(), row[15].as<std::string>()};
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out += (out.empty() ? "" : " ") + text;
    return out;
}

void put_list(events::Writer& out, const std::vector<std::string>& texts) {
    out.open_list();
    for (const auto& text : texts) out.text(text);
    out.close_list();
}

void put_optional(events::Writer& out, std::string_view text) {
    if (text.empty()) out.null();
    else out.text(text);
}

domain::Result<std::optional<domain::Uuid>> uuid_filter(const Ask& ask, std::string_view name) {
    const auto text = first_filter(ask, name);
    if (text.empty()) return std::nullopt;
    // A request's own form names it too.
    const auto id = domain::uuid_from(text.starts_with("req_") ? text.substr(4) : text);
    if (!id) return std::unexpected(wrong_parameter(name, "must be a UUID"));
    return id;
}

domain::Result<std::optional<domain::Instant>> instant_filter(const Ask& ask,
                                                              std::string_view name) {
    const auto text = first_filter(ask, name);
    if (text.empty()) return std::nullopt;
    if (const auto day = domain::date_from(text)) return midnight(*day);
    const auto instant = domain::instant_from(text);
    if (!instant)
        return std::unexpected(wrong_parameter(name, "must be a date or an RFC 3339 time"));
    return instant;
}

domain::Result<Filter> filter_from(const Ask& ask) {
    Filter filter;
    for (const auto& [name, slot] : {std::pair{"actor", &filter.actor},
                                     {"subject", &filter.subject},
                                     {"correlation", &filter.correlation}}) {
        const auto id = uuid_filter(ask, name);
        if (!id) return std::unexpected(id.error());
        *slot = *id;
    }
    for (const auto& [name, slot] :
         {std::pair{"from", &filter.from}, std::pair{"to", &filter.to}}) {
        const auto instant = instant_filter(ask, name);
        if (!instant) return std::unexpected(instant.error());
        *slot = *instant;
    }
    filter.action = first_filter(ask, "action");
    filter.outcome = first_filter(ask, "outcome");
    if (!filter.outcome.empty() && filter.outcome != "allowed" && filter.outcome != "refused")
        return std::unexpected(wrong_parameter("outcome", "must be allowed or refused"));
    if (!ask.cursor.empty()) {
        std::int64_t before = 0;
        std::from_chars(ask.cursor.data(), ask.cursor.data() + ask.cursor.size(), before);
        filter.before = before;
    }
    filter.limit = ask.limit + 1;
    return filter;
}

std::string body_of(const std::vector<AccessRow>& rows, const Ask& ask) {
    std::string out = ask.csv ? csv_head() : ask.lines ? "" : "[";
    for (const auto& row : rows) {
        if (ask.csv) out += csv_line(row);
        else if (ask.lines) out += row_json(row) + "\n";
        else out += (out.size() > 1 ? "," : "") + row_json(row);
    }
    return ask.csv || ask.lines ? out : out + "]";
}

Answer page_of(pqxx::transaction_base& tx, const Ask& ask, const Filter& filter) {
    auto rows = rows_of(tx, ask.tenant, filter);
    Answer answer{.is_page = true};
    if (std::ssize(rows) > ask.limit) {
        rows.resize(static_cast<std::size_t>(ask.limit));
        answer.next = std::to_string(rows.back().sequence);
    }
    answer.json = body_of(rows, ask);
    if (ask.csv) answer.media = "text/csv; charset=utf-8";
    else if (ask.lines) answer.media = "application/x-ndjson";
    return answer;
}

}  // namespace

std::vector<AccessRow> rows_of(pqxx::transaction_base& tx, domain::TenantId tenant,
                               const Filter& filter) {
    Conditions where{tenant};
    std::string join;
    if (filter.subject) {
        join = " join audit.access_subject s on s.tenant = a.tenant and s.sequence = a.sequence";
        where.add("s.tenant = ?", domain::to_text(tenant));
        where.add("s.subject = ?", domain::to_text(*filter.subject));
    }
    if (filter.actor) where.add("a.actor = ?", domain::to_text(*filter.actor));
    if (filter.correlation) where.add("a.request = ?", domain::to_text(*filter.correlation));
    if (!filter.action.empty()) where.add("a.action = ?", filter.action);
    // Spelled out, so that the planner sees the index of the refused.
    if (filter.outcome == "refused") where.add("a.outcome = 'refused' and ?", true);
    if (filter.outcome == "allowed") where.add("a.outcome = 'allowed' and ?", true);
    if (filter.from) where.add("a.at >= ?", domain::to_text(*filter.from));
    if (filter.to) where.add("a.at < ?", domain::to_text(*filter.to));
    if (filter.before) where.add("a.sequence < ?", *filter.before);
    const auto* order = filter.subject ? "s.sequence" : "a.sequence";
    std::vector<AccessRow> rows;
    for (const auto& row : tx.exec(R"sql(
             select a.sequence, (extract(epoch from a.at) * 1000000)::bigint, a.request,
                    a.command, a.actor, a.role, a.action, a.resource, a.outcome, a.code, a.status,
                    array_to_string(a.subjects, ' '), array_to_string(a.fields, ' '), a.purpose,
                    encode(a.source, 'hex'), encode(a.hash, 'hex')
               from audit.access a)sql" +
                                       join + where.text() + " order by " + order + " desc limit " +
                                       std::to_string(filter.limit),
                                   where.params()))
        rows.push_back(row_from(row));
    return rows;
}

std::string csv_head() {
    return "sequence,at,request_id,command_id,actor,role,action,resource,outcome,code,status,"
           "subjects,fields,purpose,source,hash\r\n";
}

/// Ids and words of our own: none needs quotes or begins like a formula.
std::string csv_line(const AccessRow& row) {
    return std::to_string(row.sequence) + "," + row.at + ",req_" + row.request + "," + row.command +
           "," + row.actor + "," + row.role + "," + row.action + "," + row.resource + "," +
           row.outcome + "," + row.code + "," + std::to_string(row.status) + "," +
           joined(row.subjects) + "," + joined(row.fields) + "," + row.purpose + "," + row.source +
           "," + row.hash + "\r\n";
}

std::string row_json(const AccessRow& row) {
    events::Writer out;
    out.open().key("sequence").text(std::to_string(row.sequence)).key("at").text(row.at);
    out.key("request_id").text("req_" + row.request).key("correlation_id").text(row.request);
    out.key("command_id");
    put_optional(out, row.command);
    out.key("actor").open().key("id").text(row.actor).key("role").text(row.role).close();
    out.key("action").text(row.action).key("resource");
    put_optional(out, row.resource);
    out.key("outcome").text(row.outcome).key("code");
    put_optional(out, row.code);
    out.key("status").integer(row.status).key("subjects");
    put_list(out, row.subjects);
    out.key("fields");
    put_list(out, row.fields);
    out.key("purpose").text(row.purpose).key("source").text(row.source);
    out.key("hash").text(row.hash).close();
    return out.take();
}

domain::Result<Answer> entries(pqxx::transaction_base& tx, const Ask& ask) {
    const auto filter = filter_from(ask);
    if (!filter) return std::unexpected(filter.error());
    return page_of(tx, ask, *filter);
}

domain::Result<Answer> about_me(pqxx::transaction_base& tx, const Ask& ask) {
    auto filter = filter_from(ask);
    if (!filter) return std::unexpected(filter.error());
    filter->subject = ask.user.value;
    return page_of(tx, ask, *filter);
}

}  // namespace projections::audit
