#include "projections/directory_query.hpp"

#include "domain/tenant.hpp"
#include "events/writer.hpp"
#include "projections/fields.hpp"

#include <pqxx/pqxx>

namespace projections::directory {
namespace {

using events::Writer;

constexpr const char* person_columns = R"sql(
    select p.person, m.role, p.email, p.name, p.name_version, p.name_type, p.locale, p.time_zone,
           p.active and not m.removed, p.version
      from board.person p
      join board.member m on m.tenant = p.tenant and m.member = p.person
     where p.tenant = $1)sql";

domain::Result<std::string> person_json(const Ask& ask, const pqxx::row& row) {
    const auto id = uuid_of(row[0]);
    auto email =
        shown(ask, {ask.tenant, {"user", id}, 1, "user.registered", "email"}, row[2].view());
    if (!email) return email;
    auto name = shown(
        ask, {ask.tenant, {"user", id}, row[4].as<std::int64_t>(), row[5].view(), "display_name"},
        row[3].view());
    if (!name) return name;
    Writer out;
    out.open().key("id").text(row[0].view()).key("role").text(row[1].view());
    out.key("email").raw(*email).key("display_name").raw(*name);
    out.key("locale").text(row[6].view()).key("time_zone").text(row[7].view());
    out.key("active").boolean(row[8].as<bool>()).key("version").integer(row[9].as<std::int64_t>());
    out.close();
    return out.take();
}

domain::Result<Answer> one_person(pqxx::transaction_base& tx, const Ask& ask,
                                  const domain::Uuid& id) {
    const auto rows = tx.exec(std::string{person_columns} + " and p.person = $2",
                              pqxx::params{domain::to_text(ask.tenant), domain::to_text(id)});
    if (rows.empty()) return domain::refuse(not_found);
    auto json = person_json(ask, rows[0]);
    if (!json) return std::unexpected(std::move(json.error()));
    return Answer{*std::move(json), rows[0][9].as<std::int64_t>(), {}, false};
}

}  // namespace

domain::Result<Answer> tenant(pqxx::transaction_base& tx, const Ask& ask) {
    const auto rows = tx.exec(R"sql(
        select t.version, json_build_object('id', t.tenant, 'name', t.name, 'country', t.country,
               'currency', t.currency, 'time_zone', t.time_zone, 'industry', t.industry,
               'week_start', t.week_start, 'day_cutoff_minutes', t.day_cutoff_minutes,
               'plan_tier', t.plan_tier, 'version', t.version)
          from board.tenant t where t.tenant = $1)sql",
                              pqxx::params{domain::to_text(ask.tenant)});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][1].as<std::string>(), rows[0][0].as<std::int64_t>(), {}, false};
}

domain::Result<Answer> user(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "user");
    if (!id) return std::unexpected(id.error());
    return one_person(tx, ask, *id);
}

domain::Result<Answer> me(pqxx::transaction_base& tx, const Ask& ask) {
    return one_person(tx, ask, ask.user.value);
}

domain::Result<Answer> users(pqxx::transaction_base& tx, const Ask& ask) {
    const auto role = ask.filters.find("role");
    std::vector<std::string> roles;
    if (role != ask.filters.end()) {
        roles = role->second;
        for (const auto& one : roles) {
            if (!domain::tenant::role_from(one))
                return std::unexpected(wrong_parameter("role", "is no role of a member"));
        }
    }
    const auto after = ask.cursor.empty() ? domain::to_text(domain::Uuid{}) : ask.cursor;
    const auto rows =
        tx.exec(std::string{person_columns} + R"sql( and p.person > $2
           and (cardinality($3::text[]) = 0 or m.role = any ($3::text[]))
         order by p.person limit $4)sql",
                pqxx::params{domain::to_text(ask.tenant), after, roles, ask.limit + 1});
    Answer answer{.json = "[", .is_page = true};
    int count = 0;
    for (const auto& row : rows) {
        if (count == ask.limit) break;
        auto json = person_json(ask, row);
        if (!json) return std::unexpected(std::move(json.error()));
        if (count++ > 0) answer.json += ',';
        answer.json += *json;
        if (count == ask.limit && std::size(rows) > ask.limit)
            answer.next = row[0].as<std::string>();
    }
    answer.json += ']';
    return answer;
}

}  // namespace projections::directory

namespace projections::action_board {

domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask) {
    std::vector<std::string> status, assignee, goal;
    for (const auto& [name, values] : ask.filters) {
        if (name == "status") status = values;
        if (name != "assignee" && name != "goal") continue;
        for (const auto& value : values) {
            if (!domain::uuid_from(value))
                return std::unexpected(wrong_parameter(name, "must be a UUID"));
        }
        (name == "goal" ? goal : assignee) = values;
    }
    const auto after = ask.cursor.empty() ? domain::to_text(domain::Uuid{}) : ask.cursor;
    const auto rows = tx.exec(
        R"sql(
        select a.item, json_build_object('id', a.item, 'goal', a.goal, 'title', a.title,
               'assignee', a.assignee, 'due', a.due, 'status', a.status,
               'completed_on', a.completed_on)
          from board.action_item a
         where a.tenant = $1 and a.item > $2
           and (cardinality($3::text[]) = 0 or a.status = any ($3::text[]))
           and (cardinality($4::uuid[]) = 0 or a.assignee = any ($4::uuid[]))
           and (cardinality($5::uuid[]) = 0 or a.goal = any ($5::uuid[]))
         order by a.item limit $6)sql",
        pqxx::params{domain::to_text(ask.tenant), after, status, assignee, goal, ask.limit + 1});
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

}  // namespace projections::action_board
