// Observations in CSV: FRED's and ALFRED's downloads, and our own plain form.
#include "commands/benchmark_rows.hpp"
#include "commands/metric_csv.hpp"

#include <algorithm>

namespace commands {
namespace {

using domain::benchmark::Definition;
using domain::benchmark::percents;
using domain::benchmark::Provider;

using Record = std::vector<std::string>;

bool has_columns_of(const Record& record, const Record& header, int line, ObservationRows& rows) {
    if (record.size() == header.size()) return true;
    rows.reject(line, "columns", "The row has another number of columns than the header.");
    return false;
}

/// A vintage a column; in a plain download the one that the options say.
domain::Result<std::vector<domain::Date>> vintages_of(const Record& header,
                                                      const Definition& series,
                                                      const FileOptions& options) {
    if (header.size() < 2 || (header[0] != "observation_date" && header[0] != "DATE"))
        return std::unexpected(file_fault("#/1", "unknown-column",
                                          "The header begins with observation_date, then columns "
                                          "named after the series."));
    std::vector<domain::Date> vintages;
    for (std::size_t i = 1; i < header.size(); ++i) {
        const auto named = vintage_of_name(header[i], series.external_id);
        const bool plain = header.size() == 2 && header[i] == series.external_id;
        if (!named && !plain)
            return std::unexpected(
                file_fault("#/1", "wrong-series",
                           "The file's columns are not of the series " + series.external_id + "."));
        vintages.push_back(plain ? options.vintage : *named);
    }
    return vintages;
}

domain::Result<ObservationFile> from_fred(CsvReader reader, const Record& header,
                                          const Definition& series, const FileOptions& options) {
    const auto vintages = vintages_of(header, series, options);
    if (!vintages) return std::unexpected(vintages.error());
    const bool plain = header.size() == 2 && header[1] == series.external_id;
    ObservationRows rows{plain ? "fred-csv" : "alfred-csv", series};
    while (const auto record = reader.next()) {
        if (!has_columns_of(*record, header, reader.line(), rows)) continue;
        for (std::size_t i = 1; i < record->size(); ++i) {
            if (!rows.room()) return rows.file();
            rows.take(reader.line(), record->front(), Cell::of((*record)[i]), (*vintages)[i - 1]);
        }
    }
    return rows.file();
}

/// Where the plain form has what; every column must be known.
struct Layout {
    std::optional<std::size_t> period, value, vintage;
    std::array<std::optional<std::size_t>, percents.size()> percentiles;
};

domain::Result<Layout> layout_of(const Record& header) {
    Layout layout;
    for (std::size_t i = 0; i < header.size(); ++i) {
        auto* into = header[i] == "period"    ? &layout.period
                     : header[i] == "value"   ? &layout.value
                     : header[i] == "vintage" ? &layout.vintage
                                              : nullptr;
        for (std::size_t place = 0; place < percents.size(); ++place) {
            if (header[i] == "p" + std::to_string(percents[place]))
                into = &layout.percentiles[place];
        }
        if (into == nullptr)
            return std::unexpected(file_fault("#/1", "unknown-column",
                                              "Columns are period, value, vintage and p10, p25, "
                                              "p50, p75, p90."));
        *into = i;
    }
    if (!layout.period || !layout.value)
        return std::unexpected(
            file_fault("#/1", "required", "The header has the columns period and value."));
    return layout;
}

domain::Result<ObservationFile> from_plain(CsvReader reader, const Record& header,
                                           const Definition& series, const FileOptions& options) {
    const auto layout = layout_of(header);
    if (!layout) return std::unexpected(layout.error());
    ObservationRows rows{"manual-csv", series};
    while (const auto record = reader.next()) {
        if (!rows.room()) return rows.file();
        if (!has_columns_of(*record, header, reader.line(), rows)) continue;
        const auto field = [&](std::optional<std::size_t> column) {
            return column ? std::string_view{(*record)[*column]} : std::string_view{};
        };
        std::array<Cell, percents.size()> percentiles;
        std::ranges::transform(layout->percentiles, percentiles.begin(),
                               [&](auto column) { return Cell::of(field(column)); });
        const auto vintage = field(layout->vintage);
        rows.take(reader.line(), field(layout->period), Cell::of(field(layout->value)),
                  vintage.empty() ? options.vintage : domain::date_from(vintage), percentiles);
    }
    return rows.file();
}

}  // namespace

domain::Result<ObservationFile> observations_from_csv(std::string_view text,
                                                      const Definition& series,
                                                      const FileOptions& options) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    CsvReader reader{text, ','};
    const auto header = reader.next();
    if (!header)
        return std::unexpected(file_fault("#/1", "required", "The file has no header line."));
    const auto read = series.provider == Provider::fred ? &from_fred : &from_plain;
    return read(reader, *header, series, options);
}

}  // namespace commands
