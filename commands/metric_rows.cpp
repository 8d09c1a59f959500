#include "commands/metric_rows.hpp"

#include <algorithm>

namespace commands {
namespace {

using domain::metric_batch::Ingest;
using domain::metric_batch::Ingested;
using domain::metric_batch::points_max;
using domain::metric_batch::Reject;

constexpr std::size_t shown_bytes_max = 60;

/// Collects rows and gives equal sources one place.
class Collector {
public:
    Rows rows;

    void reject(std::string_view metric, std::string code, std::string detail) {
        rows.rejects.push_back({line(), shown(metric), std::move(code), std::move(detail)});
    }

    void object(events::Node row) {
        ++rows.lines;
        if (!room()) return;
        if (!row.is_object()) return reject("", "format", "The row is no JSON object.");
        auto source = source_of(row, {"at", "value"});
        if (!source) return reject(source.error());
        add(place_of(*std::move(source)), row.find("at"), row.find("value"));
    }

    /// A group of the second form: its points are pairs, and what is wrong with it is wrong with
    /// each of them.
    void group(events::Node group) {
        const auto source = source_of(group, {"points"});
        const auto points = group.find("points");
        const bool is_list = points && points->is_list();
        if (!is_list || (!source && points->items().empty())) {
            ++rows.lines;
            if (!room()) return;
            if (!source) return reject(source.error());
            return reject(source->metric, "required", "points must be a list of pairs.");
        }
        const auto place = source ? place_of(*source) : 0;
        for (const auto point : points->items()) {
            ++rows.lines;
            if (!room()) return;
            if (source) pair(place, point.items());
            else reject(source.error());
        }
    }

    void malformed(const domain::Refusal& refusal) {
        ++rows.lines;
        const auto& detail = refusal.detail;
        if (room())
            reject("", "malformed-json", detail.empty() ? std::string{refusal.why.title} : detail);
    }

private:
    static std::string shown(std::string_view text) {
        return std::string{domain::metric::is_key(text) ? text.substr(0, shown_bytes_max) : ""};
    }

    int line() const { return rows.lines_before + rows.lines; }

    bool room() {
        rows.too_many = rows.lines > static_cast<int>(points_max);
        return !rows.too_many;
    }

    /// Why no source can be read.
    struct Unread {
        std::string metric;
        std::string_view code;
    };

    void reject(const Unread& why) {
        reject(why.metric, std::string{why.code},
               "A member has a wrong type or is not known here.");
    }

    static std::expected<RowSource, Unread> source_of(
        events::Node row, std::initializer_list<std::string_view> besides) {
        constexpr std::string_view words[]{"metric", "location", "unit"};
        RowSource source;
        // Who rejects a row names its metric, wherever it stands in it.
        const auto metric = row.find("metric");
        if (metric) source.metric = metric->text().value_or("");
        std::string* const into[]{&source.metric, &source.location, &source.unit};
        for (const auto name : row.members()) {
            const auto value = *row.find(name);
            const auto word = std::ranges::find(words, name);
            const auto text = value.text();
            if (word != std::end(words) && text) {
                *into[word - std::begin(words)] = *text;
            } else if (name == "dimensions" && value.is_object()) {
                for (const auto dimension : value.members())
                    source.dimensions.emplace(dimension,
                                              value.find(dimension)->text().value_or(""));
            } else if (std::ranges::find(besides, name) == besides.end() && !value.is_null()) {
                const bool known = word != std::end(words) || name == "dimensions";
                return std::unexpected(
                    Unread{std::move(source.metric), known ? "type" : "unknown-member"});
            }
        }
        return source;
    }

    std::uint32_t place_of(RowSource source) {
        // Rows of one series mostly follow each other.
        if (!rows.sources.empty() && rows.sources[last_] == source) return last_;
        const auto [found, is_new] =
            places_.try_emplace(source, static_cast<std::uint32_t>(rows.sources.size()));
        if (is_new) rows.sources.push_back(std::move(source));
        return last_ = found->second;
    }

    void pair(std::uint32_t place, const std::vector<events::Node>& point) {
        if (point.size() == 2) add(place, point[0], point[1]);
        else reject(rows.sources[place].metric, "format", "A point is a pair [at, value].");
    }

    void add(std::uint32_t place, std::optional<events::Node> at,
             std::optional<events::Node> value) {
        const auto text = at ? at->text() : std::nullopt;
        if (!text)
            return reject(rows.sources[place].metric, "required",
                          "at must be an RFC 3339 time or a date.");
        if (!value || value->is_null())
            return reject(rows.sources[place].metric, "required", "value is missing.");
        rows.rows.push_back({place, line(), std::string{*text}, value->decimal()});
    }

    std::map<RowSource, std::uint32_t> places_;
    std::uint32_t last_ = 0;
};

/// What a source's rows are checked against, looked up once a source.
struct Target {
    const domain::metric::Definition* definition{};
    domain::BusinessDays* days{};
    Ingested* part{};
    std::uint32_t series{};
    std::string code, detail;  ///< why none of its rows can be taken
};

class Checker {
public:
    Checker(const Metrics& metrics, Calendars& calendars, domain::BatchId batch,
            domain::metric::Source source, domain::Instant now)
        : metrics_{metrics}, calendars_{calendars}, batch_{batch}, source_{source}, now_{now} {}

    Ingest check(Rows rows) {
        ingest_.batch = batch_;
        ingest_.source = source_;
        ingest_.rejects = std::move(rows.rejects);
        parts_.clear();
        std::vector<Target> targets;
        targets.reserve(rows.sources.size());
        for (const auto& source : rows.sources) targets.push_back(target_of(source));
        for (const auto& row : rows.rows) take(row, rows.sources[row.source], targets[row.source]);
        for (auto& [key, part] : parts_) {
            part.duplicate = domain::metric_batch::settle(part.points);
            ingest_.parts.push_back(std::move(part));
        }
        std::ranges::stable_sort(ingest_.rejects, {}, &Reject::line);
        return std::move(ingest_);
    }

private:
    Target target_of(const RowSource& source) {
        Target target;
        const auto no = [&](std::string_view code, std::string detail) {
            target.code = code;
            target.detail = std::move(detail);
            return target;
        };
        const auto metric = metrics_.find(source.metric);
        if (metric == metrics_.end())
            return no("unknown-metric", "There is no metric with this key.");
        const auto& state = metric->second;
        if (state.archived) return no("metric-archived", "The metric is archived.");
        if (!takes_points(state.definition.kind))
            return no("derived-metric", "The metric follows from its formula.");
        if (!source.unit.empty() && source.unit != state.definition.unit)
            return no("wrong-unit", "The metric is in " + state.definition.unit + ".");
        for (const auto& [name, value] : source.dimensions) {
            if (!std::ranges::contains(state.definition.dimensions, name) || value.empty() ||
                value.size() > domain::metric::name_bytes_max)
                return no("wrong-dimension",
                          "A dimension is not the metric's, or not a short text.");
        }
        const auto days = calendars_.places.find(source.location);
        if (days == calendars_.places.end())
            return no("unknown-location", "There is no open location with this key.");
        target.definition = &state.definition;
        target.days = &days->second;
        auto& part = parts_[source.metric];
        part.metric = state.metric;
        part.batch = batch_;
        part.source = source_;
        part.unit = state.definition.unit;
        target.part = &part;
        target.series = series_of(part, source);
        return target;
    }

    /// Sources that differ only in whether they name the unit are one series.
    std::uint32_t series_of(Ingested& part, const RowSource& source) {
        const auto [found, is_new] =
            series_.try_emplace({source.metric, source.location, source.dimensions},
                                static_cast<std::uint32_t>(part.series.size()));
        if (is_new) part.series.push_back({source.location, source.dimensions});
        return found->second;
    }

    void take(const Row& row, const RowSource& source, const Target& target) {
        const auto no = [&](std::string code, std::string detail) {
            const bool shown = domain::metric::is_key(source.metric);
            ingest_.rejects.push_back({row.line, shown ? source.metric : std::string{},
                                       std::move(code), std::move(detail)});
        };
        if (target.definition == nullptr) return no(target.code, target.detail);
        const auto& definition = *target.definition;
        if (!row.value)
            return no("value", "The value is no decimal of at most 18 digits, 12 after the point.");
        if ((definition.minimum && *row.value < *definition.minimum) ||
            (definition.maximum && *row.value > *definition.maximum))
            return no("out-of-range", "The value is outside the metric's minimum and maximum.");
        const auto at = moment_of(row.at, *target.days);
        if (!at) return no("time", "The time is neither RFC 3339 nor a date, 1970 to 9999.");
        if (at->micros > now_.micros + 2 * domain::day_micros)
            return no("future", "The time lies more than two days ahead.");
        const auto day = target.days->day_of(*at);
        if (day < calendars_.kept_from)
            return no("beyond-retention", "Points are kept from " +
                                              domain::to_text(calendars_.kept_from) +
                                              " on; older days change no more.");
        ++target.part->received;
        target.part->points.push_back({target.series, *at, day, *row.value});
    }

    /// A date alone is the beginning of that business day.
    static std::optional<domain::Instant> moment_of(std::string_view text,
                                                    const domain::BusinessDays& days) {
        constexpr std::size_t date_bytes = 10;
        if (text.size() != date_bytes) return domain::instant_from(text);
        const auto day = domain::date_from(text);
        if (!day) return std::nullopt;
        return days.start_of(*day);
    }

    const Metrics& metrics_;
    Calendars& calendars_;
    domain::BatchId batch_;
    domain::metric::Source source_;
    domain::Instant now_;
    std::map<std::string, Ingested> parts_;
    std::map<std::tuple<std::string, std::string, std::map<std::string, std::string>>,
             std::uint32_t>
        series_;
    Ingest ingest_;
};

std::string_view next_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

Keys Rows::metrics() const {
    Keys keys;
    for (const auto& source : sources) {
        if (domain::metric::is_key(source.metric)) keys.insert(source.metric);
    }
    return keys;
}

Keys Rows::locations() const {
    Keys keys;
    for (const auto& source : sources) {
        if (domain::metric::is_key(source.location)) keys.insert(source.location);
    }
    return keys;
}

Rows rows_from(events::Node body, std::vector<domain::Fault>& faults) {
    Collector collector;
    const auto points = body.find("points"), series = body.find("series");
    if (points.has_value() == series.has_value() || body.members().size() != 1) {
        faults.push_back({"#", "required", "Give either points or series."});
        return {};
    }
    const auto& list = points ? *points : *series;
    if (!list.is_list())
        faults.push_back({points ? "#/points" : "#/series", "type", "must be a list"});
    for (const auto item : list.items()) {
        if (points) collector.object(item);
        else collector.group(item);
    }
    return std::move(collector.rows);
}

Rows rows_from_ndjson(std::string_view text, int lines_before) {
    Collector collector;
    collector.rows.lines_before = lines_before;
    while (!text.empty() && !collector.rows.too_many) {
        const auto line = next_line(text);
        if (line.empty()) {
            ++collector.rows.lines;
            continue;
        }
        const auto document = events::Document::parse(line);
        if (document) collector.object(document->root());
        else collector.malformed(document.error());
    }
    return std::move(collector.rows);
}

Ingest checked(Rows rows, const Metrics& metrics, Calendars& calendars, domain::BatchId batch,
               domain::metric::Source source, domain::Instant now) {
    return Checker{metrics, calendars, batch, source, now}.check(std::move(rows));
}

}  // namespace commands
