#include "src/cli/database.hpp"
#include "src/cli/event_rows.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/stop.hpp"
#include "src/postgres/event_store.hpp"

#include <algorithm>
#include <poll.h>
#include <pqxx/pqxx>

namespace cli {
namespace {

constexpr int tail_batch = 1000;
constexpr int poll_milliseconds = 500;

/// Conditions on log.event e, with their parameters in order.
class Filter {
public:
    /// `condition` has one `?` for the value.
    template <class Value>
    void add(std::string condition, const Value& value) {
        params_.append(value);
        condition.replace(condition.find('?'), 1, "$" + std::to_string(++count_));
        where_ += " and " + condition;
    }
    void add(const std::string& condition) { where_ += " and " + condition; }
    const std::string& where() const { return where_; }
    const pqxx::params& params() const { return params_; }

private:
    std::string where_;
    pqxx::params params_;
    int count_ = 0;
};

/// `goal.*` as a LIKE pattern.
std::string like_pattern(const std::string& type) {
    std::string pattern;
    for (const char c : type) {
        if (c == '*') pattern += '%';
        else if (c == '%' || c == '_' || c == '\\') pattern += std::string{"\\"} + c;
        else pattern += c;
    }
    return pattern;
}

Checked<Filter> filter_of(const Context& context) {
    Filter filter;
    if (const auto tenant = context.uuid("tenant"))
        filter.add("e.tenant = ?::uuid", domain::to_text(*tenant));
    if (const auto type = context.text("type"); !type.empty()) {
        if (type.find('*') == std::string::npos) filter.add("e.type = ?", type);
        else filter.add("e.type like ?", like_pattern(type));
    }
    if (context.has("stream")) {
        const auto stream = stream_from(context.text("stream"));
        if (!stream) return std::unexpected(stream.error());
        filter.add("e.category = ?", stream->category);
        filter.add("e.stream = ?::uuid", domain::to_text(stream->id));
    }
    return filter;
}

/// Lanes that a list of places does not name are left out.
void add_place(Filter& filter, const Place& place) {
    if (place.everywhere) filter.add("e.position > ?", *place.everywhere);
    if (place.time) filter.add("e.recorded_at > ?::timestamptz", domain::to_text(*place.time));
    std::string lanes;
    for (const auto& [lane, position] : place.lanes)
        lanes += (lanes.empty() ? "" : " or ") + ("(e.lane = " + std::to_string(lane)) +
                 " and e.position > " + std::to_string(position) + ")";
    if (!lanes.empty()) filter.add("(" + lanes + ")");
}

/// Every lane gives its own first events by its primary key, and those are merged by time.
std::string search_sql(const Filter& filter, bool newest_first, std::int64_t limit) {
    const std::string order = newest_first ? " desc" : "";
    const auto many = std::to_string(limit);
    return std::string{"select "} + postgres::event_columns +
           " from log.lane_head h cross join lateral (select * from log.event e "
           "where e.lane = h.lane" +
           filter.where() + " order by e.position" + order + " limit " + many +
           ") e order by e.recorded_at" + order + ", e.lane, e.position" + order + " limit " + many;
}

using Cursors = std::map<int, std::int64_t>;

Cursors heads(pqxx::connection& connection) {
    pqxx::nontransaction tx{connection};
    Cursors found;
    for (const auto& [lane, position] :
         tx.query<int, std::int64_t>("select lane, position from log.lane_head order by lane"))
        found[lane] = position;
    return found;
}

Cursors start_of(const Place& place, Cursors cursors) {
    for (auto& [lane, position] : cursors) {
        if (place.everywhere) position = *place.everywhere;
        else if (place.time) position = 0;
        else if (place.lanes.contains(lane)) position = place.lanes.at(lane);
    }
    return cursors;
}

/// What has come since `cursors`, which move on. Heads are read first: a head that is visible
/// has all its events visible.
std::vector<events::Recorded> read_new(pqxx::connection& connection, const Filter& filter,
                                       Cursors& cursors) {
    std::vector<events::Recorded> found;
    for (const auto& [lane, head] : heads(connection)) {
        auto& cursor = cursors[lane];
        if (cursor >= head) continue;
        pqxx::nontransaction tx{connection};
        const auto rows = tx.exec(
            std::string{"select "} + postgres::event_columns +
                " from log.event e where e.lane = " + std::to_string(lane) + " and e.position > " +
                std::to_string(cursor) + " and e.position <= " + std::to_string(head) +
                filter.where() + " order by e.position limit " + std::to_string(tail_batch),
            filter.params());
        for (const auto& row : rows) found.push_back(postgres::recorded_from(row));
        cursor = rows.size() == tail_batch ? found.back().position : head;
    }
    std::ranges::stable_sort(found, {}, &events::Recorded::recorded_at);
    return found;
}

std::string place_text(const Cursors& cursors) {
    std::string text;
    for (const auto& [lane, position] : cursors)
        text += (text.empty() ? "" : ",") + std::to_string(lane) + ":" + std::to_string(position);
    return text;
}

/// Until a notification or a signal comes, at most half a second: the poll is the safety net.
/// Not await_notification(), which takes a signal for a broken connection.
void wait_for_news(pqxx::connection& connection) {
    pollfd readable{connection.sock(), POLLIN, 0};
    if (::poll(&readable, 1, poll_milliseconds) > 0) connection.get_notifs();
}

Outcome follow(Context& context, pqxx::connection& connection, const Filter& filter,
               const Place& place) {
    const auto columns = event_columns(context.globals.output);
    const auto count_max = context.number("count", 0);
    // Listening comes first, reading second: nothing falls between the two.
    connection.listen("cairn_log", [](pqxx::notification) {});
    auto cursors = start_of(place, heads(connection));
    std::int64_t count = 0;
    while (stop_signal() == 0) {
        const auto batch = read_new(connection, filter, cursors);
        for (const auto& event : batch) {
            context.printer->stream(columns, event_row(event, context.globals.output));
            if (++count == count_max) return Answer{};
        }
        if (batch.empty()) wait_for_news(connection);
    }
    return Answer{{}, 128 + stop_signal(), {"go on with: --after " + place_text(cursors)}};
}

std::optional<events::Recorded> find_event(pqxx::connection& connection, const domain::Uuid& id,
                                           const std::string& narrowed) {
    pqxx::nontransaction tx{connection};
    const auto rows = tx.exec(std::string{"select "} + postgres::event_columns +
                                  " from log.event e where e.id = $1::uuid" + narrowed + " limit 1",
                              pqxx::params{domain::to_text(id)});
    if (rows.empty()) return std::nullopt;
    return postgres::recorded_from(rows[0]);
}

/// Events that this one, or the same command, brought about.
Table effects_of(pqxx::connection& connection, const events::Recorded& event) {
    pqxx::nontransaction tx{connection};
    Table table{event_columns(Format::table), {}};
    for (const auto& row :
         tx.exec(std::string{"select "} + postgres::event_columns +
                     " from log.event e where e.tenant = $1::uuid and e.id <> $2::uuid "
                     "and (e.causation = $2::uuid or e.command = $3::uuid) "
                     "and e.recorded_at >= $4::timestamptz order by e.position limit 100",
                 pqxx::params{domain::to_text(event.tenant), domain::to_text(event.id),
                              domain::to_text(event.command), domain::to_text(event.recorded_at)}))
        table.rows.push_back(event_row(postgres::recorded_from(row), Format::table));
    return table;
}

}  // namespace

Outcome events_search(Context& context) {
    auto filter = filter_of(context);
    if (!filter) return std::unexpected(std::move(filter.error()));
    if (context.has("after")) {
        const auto place = place_from(context.text("after"));
        if (!place) return std::unexpected(place.error());
        add_place(*filter, *place);
    }
    const auto sql =
        search_sql(*filter, context.text("order", "desc") == "desc", context.number("limit", 50));
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        Table table{event_columns(context.globals.output), {}};
        for (const auto& row : tx.exec(sql, filter->params()))
            table.rows.push_back(event_row(postgres::recorded_from(row), context.globals.output));
        return Answer{std::move(table)};
    });
}

Outcome events_tail(Context& context) {
    auto filter = filter_of(context);
    if (!filter) return std::unexpected(std::move(filter.error()));
    Place place;
    if (context.has("after")) {
        auto given = place_from(context.text("after"));
        if (!given) return std::unexpected(std::move(given.error()));
        place = *std::move(given);
        if (place.time) add_place(*filter, place);
    }
    catch_stop_signals();
    return with_database(context, Access::read, [&](pqxx::connection& connection) {
        return follow(context, connection, *filter, place);
    });
}

Outcome events_get(Context& context) {
    const auto id = context.uuid("EVENT").value_or(domain::Uuid{});
    std::string tenant;
    if (const auto given = context.uuid("tenant"))
        tenant = " and e.tenant = '" + domain::to_text(*given) + "'";
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        auto event = find_event(connection, id, tenant + near_in_time(id));
        if (!event) event = find_event(connection, id, tenant);
        if (!event)
            return std::unexpected(Failure{not_there, "event " + domain::to_text(id),
                                           "find it with: cairn events search"});
        Record record;
        const auto columns = event_columns(Format::json);
        auto row = event_row(*event, Format::json);
        for (std::size_t i = 0; i < columns.size(); ++i)
            record.fields.emplace_back(columns[i], std::move(row[i]));
        record.parts.emplace_back("effects", effects_of(connection, *event));
        return Answer{std::move(record)};
    });
}

}  // namespace cli
