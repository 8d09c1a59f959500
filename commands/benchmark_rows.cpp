#include "commands/benchmark_rows.hpp"

#include "domain/benchmark_period.hpp"

#include <algorithm>

namespace commands {

using domain::benchmark::rows_max;

Cell Cell::of(std::string_view text) {
    constexpr std::string_view words[]{"", ".", "-", "#N/A", "NA", "null"};
    Cell cell;
    cell.missing_ = std::ranges::contains(words, text);
    if (!cell.missing_) cell.value_ = domain::Decimal::from(text);
    return cell;
}

Cell Cell::of(std::optional<events::Node> node) {
    if (!node || node->is_null()) return of(std::string_view{});
    if (const auto text = node->text()) return of(*text);
    Cell cell;
    cell.value_ = node->decimal();
    return cell;
}

const std::array<Cell, 5>& ObservationRows::none() {
    static const std::array<Cell, 5> cells{Cell::of(""), Cell::of(""), Cell::of(""), Cell::of(""),
                                           Cell::of("")};
    return cells;
}

bool ObservationRows::room() {
    const auto read =
        file_.rows.size() + file_.rejects.size() + static_cast<std::size_t>(file_.missing);
    file_.too_many = read >= rows_max;
    return !file_.too_many;
}

void ObservationRows::reject(int line, std::string code, std::string detail) {
    file_.rejects.push_back({line, std::move(code), std::move(detail)});
}

void ObservationRows::take(int line, std::string_view period, const Cell& cell,
                           std::optional<domain::Date> vintage,
                           const std::array<Cell, 5>& percentiles) {
    const auto start = domain::benchmark::period_start(period, frequency_);
    if (!start)
        return reject(line, "period",
                      "The period is none of the series' frequency: " +
                          std::string{to_text(frequency_)} + ".");
    if (cell.missing()) {
        ++file_.missing;
        return;
    }
    if (!cell.value())
        return reject(line, "value",
                      "The value is no decimal of at most 18 digits, 12 after the point.");
    if (!vintage) return reject(line, "vintage", "The vintage is no date written YYYY-MM-DD.");
    domain::benchmark::Observation observation{*start, *vintage, {*cell.value(), {}}};
    for (std::size_t i = 0; i < percentiles.size(); ++i) {
        if (percentiles[i].missing()) continue;
        if (!percentiles[i].value())
            return reject(line, "percentiles", "A percentile is no exact decimal.");
        observation.figures.percentiles[i] = percentiles[i].value();
    }
    file_.rows.push_back({line, observation});
}

std::optional<domain::Date> vintage_of_name(std::string_view name, std::string_view series) {
    constexpr std::size_t suffix_bytes = 9;
    if (name.size() != series.size() + suffix_bytes || !name.starts_with(series)) return {};
    const auto digits = name.substr(series.size() + 1);
    if (name[series.size()] != '_') return {};
    return domain::date_from(std::string{digits.substr(0, 4)} + "-" +
                             std::string{digits.substr(4, 2)} + "-" +
                             std::string{digits.substr(6, 2)});
}

domain::Refusal file_fault(std::string pointer, std::string code, std::string detail) {
    return {validation_failed,
            pointer + " " + detail,
            {{std::move(pointer), std::move(code), std::move(detail)}}};
}

domain::Result<FileOptions> file_options_from(
    const std::multimap<std::string, std::string>& parameters, domain::Date today) {
    FileOptions options;
    options.vintage = today;
    const std::pair<std::string_view, std::string*> texts[]{{"value", &options.value},
                                                            {"time", &options.time},
                                                            {"period", &options.period},
                                                            {"metric", &options.metric}};
    for (const auto& [name, value] : parameters) {
        for (const auto& [known, into] : texts) {
            if (known == name) *into = value;
        }
        if (name == "where") {
            const auto colon = value.find(':');
            if (colon == std::string::npos)
                return std::unexpected(file_fault("#/where", "format", "where is COLUMN:VALUE"));
            options.where.emplace_back(value.substr(0, colon), value.substr(colon + 1));
        } else if (name == "vintage") {
            const auto date = domain::date_from(value);
            if (!date)
                return std::unexpected(file_fault("#/vintage", "format", "vintage is YYYY-MM-DD"));
            options.vintage = *date;
        }
    }
    return options;
}

}  // namespace commands
