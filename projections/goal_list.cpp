// A page of goals: of the board, or of the log's past in the board's own columns.
#include "events/goal_snapshot.hpp"
#include "projections/fields.hpp"
#include "projections/goal_columns.hpp"
#include "projections/goal_past.hpp"
#include "projections/goal_query.hpp"
#include "projections/goal_view.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::goal_board {
namespace {

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
    /// Reads the columns in place of the board; gives what stands in `from`.
    std::string read_from(const RowColumns& columns) {
        columns.bind(params_);
        const auto first = count_ + 1;
        count_ += RowColumns::count();
        return RowColumns::relation(first);
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

/// Where a page begins: a cursor is `key|goal`, and of the past `position|key|goal`, so that what
/// is appended between two pages is on neither.
struct Place {
    std::string key, goal = domain::to_text(domain::Uuid{});
    std::int64_t position_max = INT64_MAX;
    bool goes_on{};
};
Place place_of(const Ask& ask) {
    Place place;
    std::string_view rest = ask.cursor;
    if (rest.empty()) return place;
    if (ask.filters.contains("as_of")) {
        const auto end = std::min(rest.find('|'), rest.size());
        place.position_max = number_from(rest.substr(0, end)).value_or(0);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const auto bar = rest.rfind('|');
    if (bar == std::string_view::npos) return place;
    place.goes_on = true;
    place.key = rest.substr(0, bar);
    place.goal = rest.substr(bar + 1);
    return place;
}

domain::Result<std::optional<Past>> past_asked(pqxx::transaction_base& tx, const Ask& ask,
                                               std::int64_t position_max) {
    if (!ask.filters.contains("as_of")) return std::nullopt;
    const auto moment = shared_moment(ask, "as_of");
    if (!moment) return std::unexpected(moment.error());
    return goals_at(tx, ask.tenant, *moment, position_max);
}

/// One text has one name. What is asked rarely, odd sizes and several filters, is too much to
/// keep on every connection.
std::optional<std::string> statement_of(const Ask& ask, const SortBy& sort, const Place& place,
                                        const std::optional<Past>& past) {
    constexpr std::size_t filters_max = 1;
    constexpr int sizes[]{10, 20, 50, 100};
    if (past || !std::ranges::contains(sizes, ask.limit) || ask.filters.size() > filters_max)
        return std::nullopt;
    auto name = "goal_list_" + std::to_string(ask.limit) + std::string{sort.name} +
                (place.goes_on ? "_after" : "");
    for (const auto& [filter, values] : ask.filters) {
        if (filter != "sort") (name += "_") += filter;
    }
    return name;
}

domain::Result<pqxx::result> rows_of(pqxx::transaction_base& tx, const Ask& ask, const SortBy& sort,
                                     const Place& place, const std::optional<Past>& past) {
    Where where{place.key, place.goal};
    RowColumns columns;
    std::string source = "board.smart_goals";
    if (past) {
        for (const auto& [key, row] : past->rows) columns.add(key, row);
        source = where.read_from(columns);
    }
    if (auto wrong = add_filters(where, ask)) return std::unexpected(*std::move(wrong));
    const std::string column{sort.column};
    const auto sql = "select g.goal, " + column + R"sql(::text, g.version,
            (extract(epoch from g.created_at) * 1000000)::bigint,
            (extract(epoch from g.updated_at) * 1000000)::bigint, )sql" +
                     (past ? "null" : "g.state") + " from " + source + R"sql( g
         where g.tenant = (select cairn.tenant()) and )sql" +
                     std::string{place.goes_on ? sort.after : "($1::text, $2::uuid) is not null"} +
                     where.text() + " order by " + std::string{sort.order} + " limit " +
                     std::to_string(ask.limit + 1);
    const auto statement = statement_of(ask, sort, place, past);
    return statement ? tx.exec(prepared(tx, *statement, sql), where.params())
                     : tx.exec(sql, where.params());
}

/// A goal of the past is folded already. The day that people mean by a position is that of the
/// goal's last event up to it.
void put_past(events::Writer& out, const Row& goal, const Ask& ask, const Past& past) {
    put_item(out, goal, ask.day_of(past.instant.value_or(goal.updated_at)));
}

domain::Result<void> put_present(events::Writer& out, const pqxx::row& row, const Ask& ask) {
    auto state = events::goal_from_snapshot(row[5].view());
    if (!state) return std::unexpected(std::move(state.error()));
    put_item(out,
             Row{.state = *std::move(state),
                 .version = row[2].as<std::int64_t>(),
                 .created_at = {row[3].as<std::int64_t>()},
                 .updated_at = {row[4].as<std::int64_t>()}},
             ask.today);
    return {};
}

}  // namespace

domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask) {
    const auto* sort = sort_of(ask);
    if (sort == nullptr)
        return std::unexpected(
            wrong_parameter("sort", "must be -updated_at, target_date or title"));
    const auto place = place_of(ask);
    const auto past = past_asked(tx, ask, place.position_max);
    if (!past) return std::unexpected(past.error());
    const auto rows = rows_of(tx, ask, *sort, place, *past);
    if (!rows) return std::unexpected(rows.error());
    Answer answer{.is_page = true};
    if (*past) answer.past_position = (*past)->position;
    events::Writer items;
    items.open_list();
    int count = 0;
    for (const auto& row : *rows) {
        if (count++ == ask.limit) break;
        if (*past) put_past(items, (*past)->rows.at({ask.tenant, uuid_of(row[0])}), ask, **past);
        else if (auto put = put_present(items, row, ask); !put) return std::unexpected(put.error());
        if (count == ask.limit && std::size(*rows) > ask.limit)
            answer.next = row[1].as<std::string>() + "|" + row[0].as<std::string>();
    }
    if (*past && !answer.next.empty())
        answer.next = std::to_string((*past)->position) + "|" + answer.next;
    answer.json = items.close_list().take();
    return answer;
}

}  // namespace projections::goal_board
