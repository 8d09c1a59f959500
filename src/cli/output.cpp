#include "src/cli/output.hpp"

#include "domain/base/decider.hpp"
#include "events/writer.hpp"

#include <algorithm>

namespace cli {
namespace {

using domain::Match;

void put(events::Writer& out, const Cell& cell) {
    std::visit(
        Match{[&](std::monostate) { out.null(); },
              [&](const std::string& value) { out.text(value); },
              [&](std::int64_t value) { out.integer(value); },
              [&](double value) { out.number(value); }, [&](bool value) { out.boolean(value); },
              [&](const Json& value) { out.raw(value.text); }},
        cell);
}

void put(events::Writer& out, const Columns& columns, const Row& row) {
    out.open();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out.key(columns[i]);
        put(out, row[i]);
    }
    out.close();
}

std::string record_json(const Record& record) {
    events::Writer out;
    out.open();
    for (const auto& [name, cell] : record.fields) {
        out.key(name);
        put(out, cell);
    }
    for (const auto& [name, table] : record.parts) {
        out.key(name).open_list();
        for (const auto& row : table.rows) put(out, table.columns, row);
        out.close_list();
    }
    out.close();
    return out.take();
}

std::string number_text(double value) {
    events::Writer out;
    out.number(value);
    return out.take();
}

/// Characters, not bytes; wide ones count once.
std::size_t length(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string cut(const std::string& text, std::size_t width) {
    if (length(text) <= width) return text;
    std::size_t count = 0, at = 0;
    for (; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
        if (++count == width) break;
    }
    return text.substr(0, at) + "…";
}

std::string pad(std::string text, std::size_t width) {
    const auto now = length(text);
    if (now < width) text.append(width - now, ' ');
    return text;
}

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

/// Tabs and line ends as \t and \n; every other control character as a question mark.
std::string without_controls(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool c1 =
            c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (c1) ++i;
        if (c == '\t') out += "\\t";
        else if (c == '\n') out += "\\n";
        else if (c < 0x20 || c == 0x7F || c1) out += '?';
        else out += text[i];
    }
    return out;
}

std::string plain_text(const Cell& cell) {
    return std::visit(Match{[](std::monostate) { return std::string{}; },
                            [](const std::string& value) { return value; },
                            [](std::int64_t value) { return std::to_string(value); },
                            [](double value) { return number_text(value); },
                            [](bool value) { return std::string{value ? "true" : "false"}; },
                            [](const Json& value) { return value.text; }},
                      cell);
}

template <class Texts>
std::string joined(const Texts& texts, std::string_view separator) {
    std::string out;
    bool first = true;
    for (const auto& text : texts) {
        if (!first) out += separator;
        out += text;
        first = false;
    }
    return out;
}

std::string csv_line(const Row& row) {
    std::vector<std::string> texts;
    for (const auto& cell : row) texts.push_back(csv_field(plain_text(cell)));
    return joined(texts, ",");
}

}  // namespace

std::string to_json(const Cell& cell) {
    events::Writer out;
    put(out, cell);
    return out.take();
}

std::string to_json(const Columns& columns, const Row& row) {
    events::Writer out;
    put(out, columns, row);
    return out.take();
}

void Printer::line(std::string text) {
    text += '\n';
    std::fwrite(text.data(), 1, text.size(), out_);
}

std::string Printer::cell_text(const Cell& cell) const {
    auto text = without_controls(plain_text(cell));
    return screen_.terminal && text.empty() ? "-" : text;
}

void Printer::print(const Data& data) {
    std::visit(Match{[](std::monostate) {}, [&](const Table& table) { print_table(table); },
                     [&](const Record& record) { print_record(record); },
                     [&](const Text& text) {
                         if (format_ != Format::none)
                             std::fwrite(text.text.data(), 1, text.text.size(), out_);
                     }},
               data);
    std::fflush(out_);
}

void Printer::print_table(const Table& table) {
    switch (format_) {
        case Format::none: return;
        case Format::json: {
            events::Writer out;
            out.open_list();
            for (const auto& row : table.rows) put(out, table.columns, row);
            out.close_list();
            return line(out.take());
        }
        case Format::jsonl:
            for (const auto& row : table.rows) line(to_json(table.columns, row));
            return;
        case Format::csv:
            line(joined(table.columns, ","));
            for (const auto& row : table.rows) line(csv_line(row));
            return;
        case Format::table: break;
    }
    if (screen_.terminal) return print_aligned(table);
    for (const auto& row : table.rows) {
        std::vector<std::string> texts;
        for (const auto& cell : row) texts.push_back(cell_text(cell));
        line(joined(texts, "\t"));
    }
}

void Printer::print_aligned(const Table& table) {
    if (table.rows.empty()) return;
    std::vector<std::size_t> widths;
    std::vector<std::vector<std::string>> texts;
    for (const auto& column : table.columns) widths.push_back(length(column));
    for (const auto& row : table.rows) {
        auto& line_texts = texts.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) {
            line_texts.push_back(cell_text(row[i]));
            widths[i] = std::max(widths[i], length(line_texts.back()));
        }
    }
    const auto put_row = [&](const std::vector<std::string>& row, bool heading) {
        std::string text;
        std::size_t left = screen_.width;
        for (std::size_t i = 0; i < row.size() && left > 0; ++i) {
            const auto width = std::min(widths[i], left);
            const bool last = i + 1 == row.size();
            text += last ? cut(row[i], width) : pad(cut(row[i], width), width);
            left -= width;
            if (last || left < 2) break;
            text += "  ";
            left -= 2;
        }
        line(heading && screen_.colour ? "\x1b[1m" + text + "\x1b[0m" : text);
    };
    auto headings = table.columns;
    for (auto& heading : headings) std::ranges::replace(heading, '_', ' ');
    put_row(headings, true);
    for (const auto& row : texts) put_row(row, false);
}

void Printer::print_record(const Record& record) {
    if (format_ == Format::none) return;
    if (format_ == Format::json || format_ == Format::jsonl) return line(record_json(record));
    if (format_ == Format::csv) {
        Table table;
        auto& row = table.rows.emplace_back();
        for (const auto& [name, cell] : record.fields) {
            table.columns.push_back(name);
            row.push_back(cell);
        }
        return print_table(table);
    }
    for (const auto& [name, cell] : record.fields) {
        if (name == record.bare) return line(cell_text(cell));
    }
    print_fields(record);
}

void Printer::print_fields(const Record& record) {
    std::size_t width = 0;
    for (const auto& [name, cell] : record.fields) width = std::max(width, length(name));
    for (auto [name, cell] : record.fields) {
        if (!screen_.terminal) {
            line(name + "\t" + cell_text(cell));
            continue;
        }
        std::ranges::replace(name, '_', ' ');
        const auto label = pad(name, width);
        line((screen_.colour ? "\x1b[1m" + label + "\x1b[0m" : label) + "  " + cell_text(cell));
    }
    for (const auto& [name, table] : record.parts) {
        if (table.rows.empty()) continue;
        line("");
        if (screen_.terminal) line(name + ":");
        print_table(table);
    }
}

bool Printer::repaint(const Data& data) {
    if (!screen_.terminal || format_ != Format::table) return false;
    std::fputs("\x1b[H\x1b[J", out_);
    print(data);
    std::fflush(out_);
    return true;
}

void Printer::stream(const Columns& columns, const Row& row) {
    switch (format_) {
        case Format::none: return;
        case Format::json:
        case Format::jsonl: line(to_json(columns, row)); break;
        case Format::csv:
            if (!std::exchange(headed_, true)) line(joined(columns, ","));
            line(csv_line(row));
            break;
        case Format::table: {
            std::vector<std::string> texts;
            for (const auto& cell : row) texts.push_back(cell_text(cell));
            const auto text = joined(texts, screen_.terminal ? "  " : "\t");
            line(screen_.terminal ? cut(text, screen_.width) : text);
            break;
        }
    }
    std::fflush(out_);
}

}  // namespace cli
