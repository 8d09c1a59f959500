#include "src/cli/relay.hpp"

#include "src/cli/database.hpp"
#include "src/cli/event_rows.hpp"
#include "src/cli/handlers.hpp"
#include "src/postgres/relay.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace cli {
namespace {

constexpr double behind_seconds_max = 30;

constexpr Flag reset_flags[]{
    {"--to", "PLACE", "LANE:POSITION,…, a position, a time, or head", true},
};
constexpr Command relay[]{
    {"relay status",
     "How far the broker has acknowledged the log, lane by lane",
     {"cairn relay status", "cairn relay status --json"},
     {},
     {},
     Danger::none,
     relay_status},
    {"relay reset",
     "Go on from another place: what follows it is sent again, what lies before it is not",
     {"cairn relay reset --to 0", "cairn relay reset --to head --yes"},
     {},
     reset_flags,
     Danger::moderate,
     relay_reset},
};

double oldest_seconds(pqxx::transaction_base& tx, const postgres::RelayLane& lane) {
    return tx
        .exec(
            "select coalesce((select greatest(0, extract(epoch from now() - recorded_at)) "
            "from log.event where lane = $1 and position = $2), 0)::float8",
            pqxx::params{lane.lane, lane.position + 1})
        .one_field()
        .as<double>();
}

Table lane_rows(pqxx::transaction_base& tx, const std::string& stream) {
    Table table{{"lane", "position", "head", "events_behind", "sequence", "moved_at"}, {}};
    for (const auto& lane : postgres::relay_lanes(tx, stream)) {
        const auto moved =
            tx.exec("select moved_at::text from relay.cursor where stream = $1 and lane = $2",
                    pqxx::params{stream, lane.lane});
        table.rows.push_back({std::int64_t{lane.lane}, lane.position, lane.head, lane.behind(),
                              lane.sequence ? Cell{*lane.sequence} : Cell{},
                              moved.empty() ? Cell{} : Cell{instant_text(moved[0][0].view())}});
    }
    return table;
}

Checked<void> take_place(const Place& place, pqxx::transaction_base& tx,
                         const std::vector<postgres::RelayLane>& lanes,
                         std::map<int, std::int64_t>& to) {
    for (const auto& [number, position] : place.lanes) {
        const auto known = std::ranges::find(lanes, number, &postgres::RelayLane::lane);
        if (known == lanes.end() || position > known->head)
            return std::unexpected(Failure{
                bad_usage,
                "lane " + std::to_string(number) + " has no position " + std::to_string(position),
                "see: cairn relay status"});
        to[number] = position;
    }
    for (const auto& lane : lanes) {
        if (place.everywhere) to[lane.lane] = std::min(*place.everywhere, lane.head);
        if (place.time)
            to[lane.lane] = tx.exec(
                                  "select coalesce((select position - 1 from log.event "
                                  "where lane = $1 and recorded_at >= $2::timestamptz "
                                  "order by position limit 1), $3)",
                                  pqxx::params{lane.lane, domain::to_text(*place.time), lane.head})
                                .one_field()
                                .as<std::int64_t>();
    }
    return {};
}

}  // namespace

std::span<const Command> relay_commands() { return relay; }

RelayView relay_view(const runtime::Config& config, pqxx::transaction_base& tx) {
    const auto& stream = config.relay.stream;
    RelayView view;
    const auto rows =
        tx.exec("select state, code, detail, changed_at::text from relay.state where stream = $1",
                pqxx::params{stream});
    view.state = config.relay.url.empty() ? "off" : "idle";
    if (rows.empty()) return view;
    if (!config.relay.url.empty()) view.state = rows[0][0].as<std::string>();
    view.code = rows[0][1].as<std::string>();
    view.detail = rows[0][2].as<std::string>();
    view.changed_at = instant_text(rows[0][3].view());
    view.worked_on = postgres::is_relayed(tx, stream);
    for (const auto& lane : postgres::relay_lanes(tx, stream)) {
        view.events_behind += lane.behind();
        view.seconds_behind = std::max(view.seconds_behind, oldest_seconds(tx, lane));
    }
    return view;
}

std::string text_of(const RelayView& view) {
    if (view.state == "off" || view.state == "idle") return view.state;
    const auto why = view.code + (view.detail.empty() ? "" : ": " + view.detail);
    return view.state + (why.empty() ? "" : " (" + why + ")") + ", " +
           std::to_string(view.events_behind) + " events behind";
}

Finding check_relay(const runtime::Config& config, pqxx::transaction_base& tx) {
    const auto view = relay_view(config, tx);
    if (view.state == "off") return {"ok", "relay", "off"};
    if (view.state == "halted")
        return {"fail", "relay", view.code + ": " + view.detail,
                "cairn relay reset --to 0 sends everything again"};
    if (view.state == "failing")
        return {"warn", "relay", text_of(view),
                "is the broker at relay.url up, and does it take messages?"};
    if (!view.worked_on)
        return {"warn", "relay", "no process relays; " + text_of(view),
                "start a server with the role projector and relay.url"};
    return finding("relay", "warn", view.seconds_behind > behind_seconds_max ? text_of(view) : "",
                   text_of(view), "is the broker slow, or its disk full?");
}

Outcome relay_status(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        const auto view = relay_view(context.config, tx);
        Record record;
        record.fields.emplace_back("stream", context.config.relay.stream);
        record.fields.emplace_back("url", runtime::value_text(context.config, "relay.url"));
        record.fields.emplace_back("state", view.state);
        if (!view.code.empty()) record.fields.emplace_back("code", view.code);
        if (!view.detail.empty()) record.fields.emplace_back("detail", view.detail);
        record.fields.emplace_back("worked_on", view.worked_on);
        record.fields.emplace_back("events_behind", view.events_behind);
        record.fields.emplace_back("seconds_behind",
                                   static_cast<std::int64_t>(view.seconds_behind));
        record.parts.emplace_back("lanes", lane_rows(tx, context.config.relay.stream));
        return Answer{std::move(record)};
    });
}

Outcome relay_reset(Context& context) {
    const auto text = context.text("to");
    Place place;
    if (text != "head") {
        auto given = place_from(text);
        if (!given) return std::unexpected(given.error());
        place = *std::move(given);
    } else {
        place.everywhere = INT64_MAX;
    }
    const auto& stream = context.config.relay.stream;
    if (auto sure = context.confirm("set the relay of stream " + stream + " to " + text); !sure)
        return std::unexpected(std::move(sure.error()));
    return with_database(context, Access::write, [&](pqxx::connection& connection) -> Outcome {
        pqxx::work tx{connection};
        std::map<int, std::int64_t> to;
        if (auto taken = take_place(place, tx, postgres::relay_lanes(tx, stream), to); !taken)
            return std::unexpected(taken.error());
        postgres::set_relay(tx, stream, to);
        tx.commit();
        pqxx::nontransaction after{connection};
        return Answer{lane_rows(after, stream)};
    });
}

}  // namespace cli
