#include "projections/goal_query.hpp"

#include "events/goal_snapshot.hpp"
#include "events/writer.hpp"
#include "projections/goal_view.hpp"

#include <pqxx/pqxx>

namespace projections::goal_board {
namespace {

using events::Writer;

constexpr int check_ins_on_page = 100;

struct SortBy {
    std::string_view name;
    std::string_view column;  ///< as text, for the cursor and for comparing
    std::string_view order;
    std::string_view after;  ///< the comparison that continues a page
};
constexpr SortBy sorts[]{
    {"-updated_at", "g.updated_at", "g.updated_at desc, g.goal desc",
     "(g.updated_at, g.goal) < ($1::timestamptz, $2::uuid)"},
    {"target_date", "g.due", "g.due, g.goal", "(g.due, g.goal) > ($1::date, $2::uuid)"},
    {"title", "g.title", "g.title, g.goal", "(g.title, g.goal) > ($1::text, $2::uuid)"},
};

/// Builds `and column = any ($n)` clauses; the first two parameters are the cursor's.
class Where {
public:
    Where(std::string key, std::string goal) {
        params_.append(std::move(key));
        params_.append(std::move(goal));
    }
    template <class Value>
    void add(std::string_view before, const Value& value, std::string_view after) {
        params_.append(value);
        text_ += " and ";
        text_ += before;
        text_ += "$" + std::to_string(++count_);
        text_ += after;
    }
    const std::string& text() const { return text_; }
    const pqxx::params& params() const { return params_; }

private:
    std::string text_;
    pqxx::params params_;
    int count_ = 2;
};

const SortBy* sort_of(const Ask& ask) {
    const auto found = ask.filters.find("sort");
    if (found == ask.filters.end()) return &sorts[0];
    for (const auto& sort : sorts) {
        if (sort.name == found->second.front()) return &sort;
    }
    return nullptr;
}

bool are_words(const std::vector<std::string>& values, std::initializer_list<std::string_view> of) {
    for (const auto& value : values) {
        if (std::find(of.begin(), of.end(), value) == of.end()) return false;
    }
    return true;
}

/// Adds what the caller filters by, or says which parameter is wrong.
std::optional<domain::Refusal> add_filters(Where& where, const Ask& ask) {
    for (const auto& [name, values] : ask.filters) {
        if (name == "status") {
            if (!are_words(values, {"draft", "unknown", "on_track", "at_risk", "off_track",
                                    "completed", "abandoned", "archived"}))
                return wrong_parameter(name, "is no status of a goal");
            where.add("g.status = any (", values, "::text[])");
        } else if (name == "lifecycle") {
            if (!are_words(values, {"draft", "active", "completed", "abandoned", "archived"}))
                return wrong_parameter(name, "is no lifecycle of a goal");
            where.add("g.lifecycle = any (", values, "::text[])");
        } else if (name == "health") {
            if (!are_words(values, {"unknown", "on_track", "at_risk", "off_track"}))
                return wrong_parameter(name, "is no health of a goal");
            where.add("g.lifecycle = 'active' and g.health = any (", values, "::text[])");
        } else if (name == "owner") {
            for (const auto& value : values) {
                if (!domain::uuid_from(value)) return wrong_parameter(name, "must be a UUID");
            }
            where.add("g.owner = any (", values, "::uuid[])");
        } else if (name == "metric") {
            where.add("g.metric = any (", values, "::text[])");
        } else if (name == "target_date[gte]" || name == "target_date[lte]") {
            if (!domain::date_from(values.front()))
                return wrong_parameter(name, "must be a date written YYYY-MM-DD");
            where.add(name.ends_with("[gte]") ? "g.due >= " : "g.due <= ", values.front(),
                      "::date");
        }
    }
    if (!ask.filters.contains("status") && !ask.filters.contains("lifecycle"))
        where.add("g.lifecycle <> ", std::string{"archived"}, "");
    return std::nullopt;
}

domain::Result<std::string> check_ins_json(pqxx::transaction_base& tx, const Ask& ask,
                                           const domain::Uuid& goal, std::int64_t before, int limit,
                                           std::int64_t* last) {
    const auto rows =
        tx.exec(R"sql(
        select c.version, c.check_in, c.as_of, c.value::text, c.confidence, c.notes, c.blockers,
               c.next_step, c.source, c.actor,
               to_char(c.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
          from board.goal_check_in c
         where c.tenant = $1 and c.goal = $2 and c.version < $3
         order by c.version desc limit $4)sql",
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(goal), before, limit});
    Writer out;
    out.open_list();
    for (const auto& row : rows) {
        const auto version = row[0].as<std::int64_t>();
        if (last != nullptr) *last = version;
        out.open().key("id").text(row[1].view()).key("as_of").text(row[2].view()).key("value");
        if (row[3].is_null()) out.null();
        else out.text(row[3].view());
        out.key("confidence");
        if (row[4].is_null()) out.null();
        else out.integer(row[4].as<int>());
        constexpr std::string_view sealed[]{"notes", "blockers", "next_step"};
        for (int i = 0; i < 3; ++i) {
            const auto name = sealed[static_cast<std::size_t>(i)];
            auto value = shown(ask, {ask.tenant, {"goal", goal}, version, "goal.checked-in", name},
                               row[5 + i].view());
            if (!value) return std::unexpected(std::move(value.error()));
            out.key(name).raw(*value);
        }
        out.key("source").text(row[8].view()).key("by").text(row[9].view());
        out.key("recorded_at").text(row[10].view()).close();
    }
    out.close_list();
    return out.take();
}

std::string action_plan_json(pqxx::transaction_base& tx, const Ask& ask, const domain::Uuid& goal) {
    return tx
        .exec(R"sql(
        select coalesce(json_agg(json_build_object('id', a.item, 'title', a.title, 'assignee',
                   a.assignee, 'due', a.due, 'status', a.status, 'completed_on', a.completed_on)
                   order by a.created_at, a.item), '[]')
          from board.action_item a where a.tenant = $1 and a.goal = $2)sql",
              pqxx::params{domain::to_text(ask.tenant), domain::to_text(goal)})
        .one_field()
        .as<std::string>();
}

std::string envelope_of_learnings(const domain::goal::State& state) {
    if (!state.conclusion || !state.conclusion->learnings) return {};
    const auto* sealed = state.conclusion->learnings->sealed();
    return sealed == nullptr ? std::string{} : sealed->envelope;
}

}  // namespace

domain::Result<Answer> get(pqxx::transaction_base& tx, const Ask& ask) {
    const auto goal = id_in_path(ask, "goal");
    if (!goal) return std::unexpected(goal.error());
    const auto rows = tx.exec(R"sql(
        select g.version, g.concluded_version, (extract(epoch from g.created_at) * 1000000)::bigint,
               (extract(epoch from g.updated_at) * 1000000)::bigint, g.state
          from board.smart_goals g where g.tenant = $1 and g.goal = $2)sql",
                              pqxx::params{domain::to_text(ask.tenant), domain::to_text(*goal)});
    if (rows.empty()) return domain::refuse(not_found);
    const auto [version, concluded, created, updated, json] =
        rows[0].as<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string_view>();
    auto state = events::goal_from_snapshot(json);
    if (!state) return std::unexpected(std::move(state.error()));
    Beside beside;
    auto check_ins = check_ins_json(tx, ask, *goal, INT64_MAX, check_ins_on_page, nullptr);
    if (!check_ins) return std::unexpected(std::move(check_ins.error()));
    beside.check_ins = *std::move(check_ins);
    beside.action_plan = action_plan_json(tx, ask, *goal);
    auto learnings =
        shown(ask, {ask.tenant, {"goal", *goal}, concluded, "goal.completed", "learnings"},
              envelope_of_learnings(*state));
    if (!learnings) return std::unexpected(std::move(learnings.error()));
    beside.learnings = *std::move(learnings);
    const Row row{*std::move(state), version, concluded, {created}, {updated}};
    return Answer{goal_json(row, ask.today, beside), version, {}, false};
}

domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask) {
    const auto* sort = sort_of(ask);
    if (sort == nullptr)
        return std::unexpected(
            wrong_parameter("sort", "must be -updated_at, target_date or title"));
    const auto bar = ask.cursor.rfind('|');
    const bool goes_on = !ask.cursor.empty() && bar != std::string::npos;
    Where where{goes_on ? ask.cursor.substr(0, bar) : "",
                goes_on ? ask.cursor.substr(bar + 1) : domain::to_text(domain::Uuid{})};
    if (auto wrong = add_filters(where, ask)) return std::unexpected(*std::move(wrong));
    const std::string column{sort->column};
    const auto sql = "select g.goal, " + column + R"sql(::text, json_build_object(
            'id', g.goal, 'title', g.title, 'status', g.status, 'lifecycle', g.lifecycle,
            'health', case when g.lifecycle = 'active' then g.health end,
            'progress', g.progress, 'expected_progress', g.expected,
            'expected_value', g.expected_value::text, 'specific', g.specific,
            'measurable', g.measurable, 'achievable', g.achievable, 'relevant', g.relevant,
            'time_bound', g.time_bound, 'version', g.version,
            'created_at', to_char(g.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'updated_at', to_char(g.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
          from board.smart_goals g
         where g.tenant = (select cairn.tenant()) and )sql" +
                     std::string{goes_on ? sort->after : "($1::text, $2::uuid) is not null"} +
                     where.text() + " order by " + std::string{sort->order} + " limit " +
                     std::to_string(ask.limit + 1);
    const auto rows = tx.exec(sql, where.params());
    Answer answer{.json = "[", .is_page = true};
    int count = 0;
    for (const auto& row : rows) {
        if (count == ask.limit) break;
        if (count++ > 0) answer.json += ',';
        answer.json += row[2].view();
        if (count == ask.limit && std::size(rows) > ask.limit)
            answer.next = row[1].as<std::string>() + "|" + row[0].as<std::string>();
    }
    answer.json += ']';
    return answer;
}

domain::Result<Answer> check_ins(pqxx::transaction_base& tx, const Ask& ask) {
    const auto goal = id_in_path(ask, "goal");
    if (!goal) return std::unexpected(goal.error());
    const auto known = tx.exec("select 1 from board.smart_goals where tenant = $1 and goal = $2",
                               pqxx::params{domain::to_text(ask.tenant), domain::to_text(*goal)});
    if (known.empty()) return domain::refuse(not_found);
    const auto before = ask.cursor.empty() ? INT64_MAX : std::stoll(ask.cursor);
    std::int64_t last = 0;
    auto items = check_ins_json(tx, ask, *goal, before, ask.limit, &last);
    if (!items) return std::unexpected(std::move(items.error()));
    const auto more = tx.exec(
        "select 1 from board.goal_check_in "
        "where tenant = $1 and goal = $2 and version < $3 limit 1",
        pqxx::params{domain::to_text(ask.tenant), domain::to_text(*goal), last});
    return Answer{*std::move(items), std::nullopt, more.empty() ? "" : std::to_string(last), true};
}

}  // namespace projections::goal_board
