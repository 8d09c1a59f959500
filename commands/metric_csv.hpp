#pragma once
#include "commands/metric_rows.hpp"

#include <functional>

/// Points in comma-separated files: RFC 4180 with a header line, and a mapping of its columns.
namespace commands {

/// What some programs put before UTF-8 text; it is no part of the text.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Which column holds what, by the name in the header. Empty: there is none. A column that the
/// caller names must be there; only `location` and `unit` under their default names may be missing.
struct CsvMapping {
    std::string at = "at";
    std::string value = "value";
    std::string metric = "metric";  ///< the column of keys …
    std::string metric_key;         ///< … or the one key of all rows
    std::string location = "location";
    std::string unit = "unit";
    bool is_location_named{}, is_unit_named{};
    std::vector<std::pair<std::string, std::string>> dimensions;  ///< column, dimension
    char delimiter = ',';
};

/// Reads `at`, `value`, `metric`, `metric_key`, `location`, `unit`, `delimiter` and `dimension`
/// (`Column:name`, repeated).
domain::Result<CsvMapping> csv_mapping_from(const std::multimap<std::string, std::string>& given);

/// Appends more of a text; false when there is none.
using MoreText = std::function<bool(std::string&)>;

/// Record after record of a text; quotes may hold delimiters, quotes and line ends.
class CsvReader {
public:
    /// The text outlives the reader.
    CsvReader(std::string_view text, char delimiter) : whole_{text}, delimiter_{delimiter} {}
    /// Holds no more of the text than a record needs: a line without an end is cut at 1 MiB.
    CsvReader(MoreText more, char delimiter) : more_{std::move(more)}, delimiter_{delimiter} {}
    /// The next record's fields; empty at the end. Blank lines are passed over.
    std::optional<std::vector<std::string>> next();
    /// The line that the last record began on, from 1.
    int line() const { return line_; }
    /// Whether a quote of the last record was never closed, or only beyond 16 KiB. The next record
    /// begins on the next line.
    bool unclosed() const { return unclosed_; }

private:
    std::string_view text() const { return more_ ? std::string_view{held_} : whole_; }
    void fill();
    void pass_over();
    std::vector<std::string> record();

    std::string_view whole_;
    MoreText more_;
    std::string held_;  ///< of the text that comes by and by
    char delimiter_;
    std::size_t at_ = 0;
    int line_ = 0, next_line_ = 1;
    bool unclosed_ = false, ended_ = false, begun_ = false;
};

/// A file, part after part. The mapping outlives it, and so does a text that is there already.
class CsvRows {
public:
    /// Checks the header against the mapping: each column that is missed is a fault of its own.
    static domain::Result<CsvRows> open(std::string_view text, const CsvMapping& mapping);
    static domain::Result<CsvRows> open(MoreText more, const CsvMapping& mapping);
    /// At most `rows_max` rows more; empty at the end. Lines count from the beginning of the file.
    std::optional<Rows> next(std::size_t rows_max);

private:
    struct Layout {
        std::optional<std::size_t> at, value, metric, location, unit;
        std::vector<std::pair<std::size_t, std::string>> dimensions;
        std::size_t columns{};
    };
    class Taker;
    CsvRows(CsvReader reader, const CsvMapping& mapping, Layout layout)
        : reader_{std::move(reader)}, mapping_{&mapping}, layout_{std::move(layout)} {}
    static domain::Result<CsvRows> open_at(CsvReader reader, const CsvMapping& mapping);
    static domain::Result<Layout> layout_of(const std::vector<std::string>& header,
                                            const CsvMapping& mapping);

    CsvReader reader_;
    const CsvMapping* mapping_;
    Layout layout_;
};

}  // namespace commands
