// Observations in JSON, each provider's own shape.
#include "commands/benchmark_rows.hpp"

#include <algorithm>

namespace commands {
namespace {

using domain::benchmark::Definition;
using domain::benchmark::percents;
using domain::benchmark::Provider;
using events::Node;

std::string_view text_in(Node object, std::string_view name) {
    const auto member = object.find(name);
    return member ? member->text().value_or("") : std::string_view{};
}

/// A text as it is, a whole number as text: years come as both.
std::string word_in(Node object, std::string_view name) {
    const auto member = object.find(name);
    if (!member) return {};
    if (const auto text = member->text()) return std::string{*text};
    const auto number = member->integer();
    return number ? std::to_string(*number) : std::string{};
}

/// The first of `names` that is a list.
std::optional<Node> list_in(Node object, std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        const auto member = object.find(name);
        if (member && member->is_list()) return member;
    }
    return std::nullopt;
}

std::unexpected<domain::Refusal> no_list(std::string_view name, std::string_view whose) {
    return std::unexpected(file_fault(
        "#/" + std::string{name}, "required",
        "An answer of " + std::string{whose} + " holds a list " + std::string{name} + "."));
}

/// The vintage of a row or of a file; `otherwise` where it has none.
std::optional<domain::Date> vintage_in(Node object, std::string_view name,
                                       std::optional<domain::Date> otherwise) {
    constexpr std::size_t date_bytes = 10;
    if (!object.find(name)) return otherwise;
    return domain::date_from(text_in(object, name).substr(0, date_bytes));
}

domain::Result<ObservationFile> from_fred(Node root, const Definition& series,
                                          const FileOptions& options) {
    const auto list = list_in(root, {"observations"});
    if (!list) return no_list("observations", "FRED");
    ObservationRows rows{"fred-json", series};
    int line = 0;
    for (const auto row : list->items()) {
        ++line;
        if (!rows.room()) break;
        if (row.find("value")) {
            rows.take(line, text_in(row, "date"), Cell::of(row.find("value")),
                      vintage_in(row, "realtime_start", options.vintage));
            continue;
        }
        bool any = false;
        for (const auto name : row.members()) {
            const auto vintage = vintage_of_name(name, series.external_id);
            if (!vintage || !rows.room()) continue;
            any = true;
            rows.take(line, text_in(row, "date"), Cell::of(row.find(name)), vintage);
        }
        if (!any) rows.reject(line, "required", "The row has no value of the series.");
    }
    return rows.file();
}

/// Where a Census answer has what, by its header.
class CensusColumns {
public:
    static domain::Result<CensusColumns> of(const std::vector<Node>& header,
                                            const FileOptions& options, const Definition& series) {
        CensusColumns columns;
        std::vector<domain::Fault> faults;
        const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
            for (std::size_t i = 0; i < header.size(); ++i) {
                if (header[i].text() == name) return i;
            }
            return std::nullopt;
        };
        const auto need = [&](std::string_view parameter, std::string_view name) {
            const auto found = find(name);
            if (!found)
                faults.push_back({"#/" + std::string{parameter}, "unknown-column",
                                  "The header has no column " + std::string{name} + "."});
            return found.value_or(0);
        };
        columns.value_ = need("value", options.value.empty() ? series.external_id : options.value);
        if (options.period.empty())
            columns.time_ = need("time", !options.time.empty() ? std::string_view{options.time}
                                         : find("time")        ? std::string_view{"time"}
                                                               : std::string_view{"YEAR"});
        for (const auto& [column, value] : options.where)
            columns.where_.emplace_back(need("where", column), value);
        columns.count_ = header.size();
        if (auto refusal = refusal_of(std::move(faults)))
            return std::unexpected(*std::move(refusal));
        return columns;
    }

    bool fits(const std::vector<Node>& row) const { return row.size() == count_; }
    bool counts(const std::vector<Node>& row) const {
        return std::ranges::all_of(
            where_, [&](const auto& one) { return row[one.first].text() == one.second; });
    }
    Node value(const std::vector<Node>& row) const { return row[value_]; }
    std::string_view time(const std::vector<Node>& row, const FileOptions& options) const {
        return time_ ? row[*time_].text().value_or("") : std::string_view{options.period};
    }

private:
    std::size_t value_{}, count_{};
    std::optional<std::size_t> time_;
    std::vector<std::pair<std::size_t, std::string>> where_;
};

/// The bureau's annotations, such as -666666666 for too few sample cases, are no values.
Cell census_cell(Node node) {
    constexpr std::string_view annotations[]{"-999999999", "-888888888", "-666666666",
                                             "-555555555", "-333333333", "-222222222"};
    const auto cell = Cell::of(node);
    const bool annotated = cell.value() && std::ranges::contains(annotations, cell.value()->text());
    return annotated ? Cell::of("") : cell;
}

domain::Result<ObservationFile> from_census(Node root, const Definition& series,
                                            const FileOptions& options) {
    const auto lists = root.items();
    if (!root.is_list() || lists.empty() || !lists.front().is_list())
        return std::unexpected(
            file_fault("#", "type", "An answer of the Census is a list of lists with a header."));
    const auto columns = CensusColumns::of(lists.front().items(), options, series);
    if (!columns) return std::unexpected(columns.error());
    ObservationRows rows{"census-json", series};
    int line = 1;
    for (const auto list : lists) {
        if (line++ == 1) continue;
        if (!rows.room()) break;
        const auto row = list.items();
        if (!columns->fits(row)) {
            rows.reject(line - 1, "columns", "The row has other columns than the header.");
        } else if (columns->counts(row)) {
            rows.take(line - 1, columns->time(row, options), census_cell(columns->value(row)),
                      options.vintage);
        }
    }
    return rows.file();
}

domain::Result<ObservationFile> from_ibisworld(Node root, const Definition& series,
                                               const FileOptions& options) {
    const auto list = list_in(root, {"data", "observations", "values"});
    if (!list) return no_list("data", "IBISWorld");
    const auto vintage =
        vintage_in(root, "updated", vintage_in(root, "published", options.vintage));
    ObservationRows rows{"ibisworld-json", series};
    int line = 0;
    for (const auto row : list->items()) {
        ++line;
        if (!rows.room()) break;
        if (!options.metric.empty() && text_in(row, "metric") != options.metric) continue;
        const auto period = word_in(row, row.find("period") ? "period" : "year");
        rows.take(line, period, Cell::of(row.find("value")), vintage);
    }
    return rows.file();
}

/// M03 of 2024 is 2024-03; empty for averages of a year and what else has no period of its own.
std::string bls_period(std::string_view year, std::string_view period) {
    if (period.size() != 3) return {};
    const auto number = period.substr(1);
    const std::string prefix{year};
    if (period == "A01") return prefix;
    if (period[0] == 'M' && number <= "12") return prefix + "-" + std::string{number};
    if (period[0] == 'Q' && number <= "04") return prefix + "-Q" + std::string{number.substr(1)};
    return {};
}

domain::Result<ObservationFile> from_bls(Node root, const Definition& series,
                                         const FileOptions& options) {
    const auto results = root.find("Results");
    const auto list = results ? list_in(*results, {"series"}) : std::nullopt;
    if (!list) return no_list("Results/series", "the BLS");
    ObservationRows rows{"bls-json", series};
    bool found = false;
    for (const auto one : list->items()) {
        const auto data = list_in(one, {"data"});
        if (text_in(one, "seriesID") != series.external_id || !data) continue;
        found = true;
        int line = 0;
        for (const auto row : data->items()) {
            ++line;
            if (!rows.room()) break;
            const auto period = bls_period(text_in(row, "year"), text_in(row, "period"));
            if (!period.empty())
                rows.take(line, period, Cell::of(row.find("value")), options.vintage);
        }
    }
    if (!found)
        return std::unexpected(file_fault("#/Results/series", "wrong-series",
                                          "The answer has nothing of " + series.external_id + "."));
    return rows.file();
}

bool is_known(std::string_view name) {
    constexpr std::string_view words[]{"period", "value", "vintage"};
    return std::ranges::contains(words, name) || std::ranges::any_of(percents, [&](int percent) {
               return name == "p" + std::to_string(percent);
           });
}

domain::Result<ObservationFile> from_plain(Node root, const Definition& series,
                                           const FileOptions& options) {
    const auto list = list_in(root, {"observations"});
    if (!list) return no_list("observations", "the manual form");
    ObservationRows rows{"manual-json", series};
    int line = 0;
    for (const auto row : list->items()) {
        ++line;
        if (!rows.room()) break;
        if (!row.is_object() || !std::ranges::all_of(row.members(), is_known)) {
            rows.reject(line, "unknown-member", "The row has a member that is not known.");
            continue;
        }
        std::array<Cell, percents.size()> percentiles;
        std::ranges::transform(percents, percentiles.begin(), [&](int percent) {
            return Cell::of(row.find("p" + std::to_string(percent)));
        });
        rows.take(line, word_in(row, "period"), Cell::of(row.find("value")),
                  vintage_in(row, "vintage", options.vintage), percentiles);
    }
    return rows.file();
}

}  // namespace

domain::Result<ObservationFile> observations_from_json(Node root, const Definition& series,
                                                       const FileOptions& options) {
    switch (series.provider) {
        case Provider::fred: return from_fred(root, series, options);
        case Provider::census: return from_census(root, series, options);
        case Provider::ibisworld: return from_ibisworld(root, series, options);
        case Provider::bls: return from_bls(root, series, options);
        case Provider::manual: return from_plain(root, series, options);
    }
    std::unreachable();
}

}  // namespace commands
