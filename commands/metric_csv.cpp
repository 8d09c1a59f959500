#include "commands/metric_csv.hpp"

#include "commands/body.hpp"
#include "domain/base/utf8.hpp"

#include <algorithm>

namespace commands {
namespace {

/// Looking for the end of a quote must not read the rest of the file again for every line.
constexpr std::size_t record_bytes_max = 16 * 1024;
constexpr std::size_t line_bytes_max = 1024 * 1024;
constexpr std::size_t columns_told_bytes_max = 500;

/// What JSON, and so the log, can hold: files of other encodings, or of none, have other bytes.
bool is_text(std::string_view bytes) { return !bytes.contains('\0') && domain::is_utf8(bytes); }

std::string listed(const std::vector<std::string>& header) {
    std::string out;
    for (const auto& name : header) {
        const auto column = is_text(name) ? name : "(a name that is not UTF-8)";
        if (out.size() + column.size() > columns_told_bytes_max) return out + ", …";
        out += (out.empty() ? "" : ", ") + column;
    }
    return out;
}

}  // namespace

domain::Result<CsvRows::Layout> CsvRows::layout_of(const std::vector<std::string>& header,
                                                   const CsvMapping& mapping) {
    std::vector<domain::Fault> faults;
    const auto find = [&](const std::string& column) -> std::optional<std::size_t> {
        const auto found = std::ranges::find(header, column);
        if (column.empty() || found == header.end()) return std::nullopt;
        return static_cast<std::size_t>(found - header.begin());
    };
    const auto need = [&](const char* parameter, const std::string& column) {
        auto found = find(column);
        if (!found)
            faults.push_back(
                {"#/" + std::string{parameter}, "unknown-column",
                 "The header has no column \"" + column + "\". It has: " + listed(header) + "."});
        return found;
    };
    Layout layout;
    layout.columns = header.size();
    layout.at = need("at", mapping.at);
    layout.value = need("value", mapping.value);
    if (mapping.metric_key.empty()) layout.metric = need("metric", mapping.metric);
    const auto find_or_need = [&](const char* parameter, const std::string& column, bool named) {
        return named && !column.empty() ? need(parameter, column) : find(column);
    };
    layout.location = find_or_need("location", mapping.location, mapping.is_location_named);
    layout.unit = find_or_need("unit", mapping.unit, mapping.is_unit_named);
    for (const auto& [column, dimension] : mapping.dimensions) {
        if (const auto place = need("dimension", column))
            layout.dimensions.emplace_back(*place, dimension);
    }
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return layout;
}

class CsvRows::Taker {
public:
    Taker(const CsvMapping& mapping, const Layout& layout) : mapping_{mapping}, layout_{layout} {
        for (const auto& column :
             {layout.at, layout.value, layout.metric, layout.location, layout.unit})
            if (column) used_.push_back(*column);
        for (const auto& [column, dimension] : layout.dimensions) used_.push_back(column);
    }

    void take(const std::vector<std::string>& record, int line) {
        ++rows.lines;
        if (record.size() != layout_.columns) {
            rows.rejects.push_back(
                {line, "", "columns", "The row has another number of columns than the header."});
            return;
        }
        if (!std::ranges::all_of(used_, [&](std::size_t at) { return is_text(record[at]); })) {
            rows.rejects.push_back({line, "", "encoding",
                                    "The row's text is not UTF-8, or holds a NUL. Save the file as "
                                    "UTF-8."});
            return;
        }
        RowSource source{
            mapping_.metric_key, field(record, layout_.location), field(record, layout_.unit), {}};
        if (source.metric.empty()) source.metric = field(record, layout_.metric);
        for (const auto& [column, dimension] : layout_.dimensions) {
            if (!record[column].empty()) source.dimensions.emplace(dimension, record[column]);
        }
        rows.rows.push_back({place_of(std::move(source)), line, field(record, layout_.at),
                             domain::Decimal::from(field(record, layout_.value))});
    }

    void unclosed(int line) {
        ++rows.lines;
        rows.rejects.push_back(
            {line, "", "quote", "A quote is not closed, or only after more than 16 KiB."});
    }

    Rows rows;

private:
    static std::string field(const std::vector<std::string>& record,
                             std::optional<std::size_t> column) {
        return column ? record[*column] : std::string{};
    }
    std::uint32_t place_of(RowSource source) {
        const auto [found, is_new] =
            places_.try_emplace(source, static_cast<std::uint32_t>(rows.sources.size()));
        if (is_new) rows.sources.push_back(std::move(source));
        return found->second;
    }

    const CsvMapping& mapping_;
    const Layout& layout_;
    std::vector<std::size_t> used_;  ///< what other columns hold is not looked at
    std::map<RowSource, std::uint32_t> places_;
};

domain::Result<CsvMapping> csv_mapping_from(const std::multimap<std::string, std::string>& given) {
    CsvMapping mapping;
    const std::pair<std::string_view, std::string*> columns[]{
        {"at", &mapping.at},         {"value", &mapping.value},
        {"metric", &mapping.metric}, {"metric_key", &mapping.metric_key},
        {"unit", &mapping.unit},     {"location", &mapping.location}};
    for (const auto& [name, value] : given) {
        if (const auto found =
                std::ranges::find(columns, name, &std::pair<std::string_view, std::string*>::first);
            found != std::end(columns)) {
            *found->second = value;
            mapping.is_location_named |= name == "location";
            mapping.is_unit_named |= name == "unit";
        } else if (name == "delimiter") {
            if (value.size() != 1 && value != "tab")
                return domain::refuse(validation_failed, "delimiter is one character, or tab");
            mapping.delimiter = value == "tab" ? '\t' : value.front();
        } else if (name == "dimension") {
            const auto colon = value.rfind(':');
            if (colon == std::string::npos)
                return domain::refuse(validation_failed, "dimension is written Column:name");
            mapping.dimensions.emplace_back(value.substr(0, colon), value.substr(colon + 1));
        }
    }
    return mapping;
}

/// What follows holds a record's longest quote and the line end behind it, or is all there is.
void CsvReader::fill() {
    if (!more_ || ended_) return;
    const auto is_enough = [&] {
        return held_.size() - at_ > line_bytes_max ||
               held_.find('\n', at_ + record_bytes_max) != std::string::npos;
    };
    if (is_enough()) return;
    held_.erase(0, at_);
    at_ = 0;
    while (!ended_ && !is_enough()) ended_ = !more_(held_);
}

void CsvReader::pass_over() {
    if (!begun_ && text().starts_with(byte_order_mark)) at_ += byte_order_mark.size();
    begun_ = true;
    for (; at_ < text().size() && (text()[at_] == '\n' || text()[at_] == '\r'); ++at_)
        next_line_ += text()[at_] == '\n';
}

std::optional<std::vector<std::string>> CsvReader::next() {
    do {
        fill();
        pass_over();
    } while (more_ && !ended_ && at_ >= held_.size());
    fill();
    if (at_ >= text().size()) return std::nullopt;
    line_ = next_line_;
    return record();
}

std::vector<std::string> CsvReader::record() {
    const auto text = this->text();
    const auto began = at_;
    const auto end = std::min(text.size(), began + record_bytes_max);
    std::vector<std::string> fields(1);
    bool quoted = false;
    while (at_ < (quoted ? end : text.size())) {
        const char c = text[at_++];
        next_line_ += c == '\n';
        if (quoted) {
            if (c != '"') {
                fields.back() += c;
            } else if (at_ < text.size() && text[at_] == '"') {
                fields.back() += text[at_++];
            } else {
                quoted = false;
            }
        } else if (c == '"' && fields.back().empty()) {
            quoted = true;
        } else if (c == delimiter_) {
            fields.emplace_back();
        } else if (c == '\n') {
            break;
        } else if (c != '\r') {
            fields.back() += c;
        }
    }
    unclosed_ = quoted;
    if (unclosed_) {
        at_ = std::min(text.find('\n', began), text.size() - 1) + 1;
        next_line_ = line_ + 1;
    }
    return fields;
}

domain::Result<CsvRows> CsvRows::open_at(CsvReader reader, const CsvMapping& mapping) {
    const auto header = reader.next();
    if (!header) return domain::refuse(validation_failed, "the file has no header line");
    auto layout = layout_of(*header, mapping);
    if (!layout) return std::unexpected(std::move(layout.error()));
    return CsvRows{std::move(reader), mapping, *std::move(layout)};
}

domain::Result<CsvRows> CsvRows::open(std::string_view text, const CsvMapping& mapping) {
    return open_at(CsvReader{text, mapping.delimiter}, mapping);
}

domain::Result<CsvRows> CsvRows::open(MoreText more, const CsvMapping& mapping) {
    return open_at(CsvReader{std::move(more), mapping.delimiter}, mapping);
}

std::optional<Rows> CsvRows::next(std::size_t rows_max) {
    Taker taker{*mapping_, layout_};
    while (taker.rows.lines < static_cast<int>(rows_max)) {
        const auto record = reader_.next();
        if (!record) break;
        if (reader_.unclosed()) taker.unclosed(reader_.line());
        else taker.take(*record, reader_.line());
    }
    if (taker.rows.lines == 0) return std::nullopt;
    return std::move(taker.rows);
}

}  // namespace commands
