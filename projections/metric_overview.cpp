// What there is to say about every metric at once.
#include "domain/metric_words.hpp"
#include "events/writer.hpp"
#include "projections/columns.hpp"
#include "projections/metric_query.hpp"
#include "projections/metric_values.hpp"
#include "projections/prepared.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Instant;

/// A metric's newest day as it is found out.
struct Newest {
    const Definition* metric{};
    std::vector<domain::Uuid> sources;
    std::optional<Instant> day;
    std::optional<std::string> value, last_at;
};

/// The newest day with points of any of a metric's sources.
void find_days(const Inputs& in, std::vector<Newest>& all) {
    BigInts place;
    Uuids source;
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const auto& one : all[i].sources) {
            place.push_back(static_cast<std::int64_t>(i));
            source.push_back(one);
        }
    }
    for (const auto& row :
         in.tx.exec(prepared(in.tx, "metric_newest_days", R"sql(
        select k.place, date_part('epoch', max(n.day))::bigint
          from unnest($2::bigint[], $3::uuid[]) k (place, metric)
         cross join lateral (select max(r.bucket) as day from board.metric_rollup r
                              where r.tenant = $1 and r.metric = k.metric and r.grain = 1) n
         group by k.place having max(n.day) is not null)sql"),
                    pqxx::params{domain::to_text(in.ask.tenant), as_params(place, source)}))
        all[row[0].as<std::size_t>()].day =
            Instant{row[1].as<std::int64_t>() * domain::second_micros};
}

/// One metric that cannot be computed hides no other: its own series tells why.
void find_derived(const Inputs& in, Newest& one) {
    constexpr std::int64_t days_read = 31;
    const Instant end{one.day->micros + domain::day_micros};
    const Window window{Grain::day, {end.micros - days_read * domain::day_micros}, end, 1};
    one.day.reset();
    const auto values = values_of(in, *one.metric, window);
    if (!values) return;
    for (const auto& [day, value] : *values) {
        if (!value) continue;
        one.day = day;
        one.value = value;
    }
}

void find_values(const Inputs& in, std::vector<Newest>& all) {
    std::vector<Piece> pieces;
    std::vector<Newest*> owners;
    for (auto& one : all) {
        if (!one.day) continue;
        if (!one.metric->formulas.empty()) {
            find_derived(in, one);
            continue;
        }
        const auto from = one.metric->accumulates ? year_of(*one.day) : *one.day;
        pieces.push_back({one.metric, from, {one.day->micros + domain::day_micros}, {}});
        owners.push_back(&one);
    }
    evaluate(in.tx, in.ask, pieces, Shape::filled);
    for (std::size_t i = 0; i < pieces.size(); ++i) owners[i]->value = std::move(pieces[i].value);
}

void find_last_points(const Inputs& in, std::vector<Newest>& all) {
    BigInts place;
    Uuids source;
    Instants day;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].day) continue;
        for (const auto& one : all[i].sources) {
            place.push_back(static_cast<std::int64_t>(i));
            source.push_back(one);
            day.push_back(*all[i].day);
        }
    }
    for (const auto& row :
         in.tx.exec(prepared(in.tx, "metric_last_points", R"sql(
        select k.place, to_char(max(r.last_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
          from unnest($2::bigint[], $3::uuid[], $4::timestamptz[]) k (place, metric, day)
          join board.metric_rollup r on r.tenant = $1 and r.metric = k.metric and r.grain = 1
                                    and r.bucket = k.day
         group by k.place)sql"),
                    pqxx::params{domain::to_text(in.ask.tenant), as_params(place, source, day)}))
        all[row[0].as<std::size_t>()].last_at = row[1].as<std::string>();
}

void put(events::Writer& out, std::string_view name, const std::optional<std::string>& value) {
    out.key(name);
    if (value) out.text(*value);
    else out.null();
}

/// A metric beside itself in the days before.
struct Moved {
    const Definition* metric{};
    std::string value, before;
    std::optional<double> change;  ///< a part of what was before; empty when that is zero
};

std::optional<double> change_of(const std::string& value, const std::string& before) {
    constexpr double kept = 1e6;
    const double was = std::stod(before);
    if (was == 0) return std::nullopt;
    return std::round((std::stod(value) - was) / std::abs(was) * kept) / kept;
}

/// Those that have a value in both; `end` of the days, which are `days` long.
std::vector<Moved> moved_among(const Inputs& in, const std::vector<Definition>& metrics,
                               Instant end, int days) {
    const Instant middle{end.micros - days * domain::day_micros},
        begin{middle.micros - days * domain::day_micros};
    std::vector<Piece> now, then;
    for (const auto& metric : metrics) {
        if (!metric.formulas.empty()) continue;
        now.push_back({&metric, middle, end, {}});
        then.push_back({&metric, begin, middle, {}});
    }
    evaluate(in.tx, in.ask, now, Shape::whole);
    evaluate(in.tx, in.ask, then, Shape::whole);
    for (const auto& metric : metrics) {
        if (metric.formulas.empty()) continue;
        // One metric that cannot be computed hides no other: its own series tells why.
        auto value = value_of_whole(in, metric, middle, end);
        auto before = value_of_whole(in, metric, begin, middle);
        if (!value || !before) continue;
        now.push_back({&metric, middle, end, *std::move(value)});
        then.push_back({&metric, begin, middle, *std::move(before)});
    }
    std::vector<Moved> out;
    for (std::size_t i = 0; i < now.size(); ++i) {
        const auto &value = now[i].value, &before = then[i].value;
        if (value && before)
            out.push_back({now[i].metric, *value, *before, change_of(*value, *before)});
    }
    return out;
}

/// Their definitions, so that formulas ask for no input again.
Definitions by_key(const std::vector<Definition>& metrics) {
    Definitions found;
    for (const auto& metric : metrics) found.emplace(metric.key, metric);
    return found;
}

/// The largest change first, and last what came from nothing.
bool is_before(const Moved& a, const Moved& b) {
    const auto size = [](const Moved& one) { return one.change ? std::abs(*one.change) : -1; };
    if (size(a) != size(b)) return size(a) > size(b);
    return a.metric->key < b.metric->key;
}

}  // namespace

domain::Result<Answer> latest(pqxx::transaction_base& tx, const Ask& ask) {
    const Where everything;
    Answer answer{.json = {}, .is_page = true};
    auto metrics = definitions_after(tx, ask, ask.cursor, ask.limit + 1);
    const auto known = by_key(metrics);
    const Inputs in{tx, ask, everything, &known};
    if (std::ssize(metrics) > ask.limit) {
        metrics.pop_back();
        answer.next = metrics.back().key;
    }
    std::vector<Newest> all;
    for (const auto& metric : metrics)
        all.push_back(
            {&metric, sources_of(in, metric).value_or(std::vector<domain::Uuid>{}), {}, {}, {}});
    find_days(in, all);
    find_values(in, all);
    find_last_points(in, all);
    events::Writer out;
    out.open_list();
    for (const auto& one : all) {
        out.open().key("metric").text(one.metric->key).key("unit").text(one.metric->unit);
        put(out, "day", one.day ? std::optional{text_of(Grain::day, *one.day)} : std::nullopt);
        put(out, "value", one.value);
        put(out, "last_at", one.last_at);
        out.close();
    }
    answer.json = out.close_list().take();
    return answer;
}

domain::Result<Answer> movers(pqxx::transaction_base& tx, const Ask& ask) {
    constexpr int days_max = 366, metrics_max = 1'000;
    constexpr std::size_t shown_max = 20;
    const auto to = domain::date_from(first_filter(ask, "to", domain::to_text(ask.today)));
    if (!to) return std::unexpected(wrong_parameter("to", "must be a date"));
    const auto text = first_filter(ask, "days", "7");
    int days = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
    if (error != std::errc{} || end != text.data() + text.size() || days < 1 || days > days_max)
        return std::unexpected(wrong_parameter("days", "must be 1 to 366"));
    auto metrics = definitions_after(tx, ask, "", metrics_max + 1);
    const bool truncated = std::ssize(metrics) > metrics_max;
    if (truncated) metrics.pop_back();
    const Where everything;
    const auto known = by_key(metrics);
    auto moved = moved_among({tx, ask, everything, &known}, metrics, midnight(*to), days);
    std::ranges::sort(moved, is_before);
    moved.resize(std::min(moved.size(), shown_max));
    events::Writer out;
    out.open().key("days").integer(days).key("movers").open_list();
    for (const auto& one : moved) {
        out.open().key("metric").text(one.metric->key).key("unit").text(one.metric->unit);
        out.key("good_direction").text(to_text(one.metric->good_direction));
        out.key("value").text(one.value).key("before").text(one.before).key("change");
        if (one.change) out.number(*one.change);
        else out.null();
        out.close();
    }
    out.close_list().key("truncated").boolean(truncated);
    return Answer{out.close().take()};
}

}  // namespace projections::metric
