#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// What commands answer, as data, and the renderers that print it. Nothing else writes to stdout.
namespace cli {

enum class Format { table, json, jsonl, csv, none };

/// A value that is JSON already, shown compactly in tables.
struct Json {
    std::string text;
};
using Cell = std::variant<std::monostate, std::string, std::int64_t, double, bool, Json>;
using Row = std::vector<Cell>;
using Columns = std::vector<std::string>;

/// A list: one object a row.
struct Table {
    Columns columns;
    std::vector<Row> rows;
};
/// One object; `parts` are lists inside it.
struct Record {
    std::vector<std::pair<std::string, Cell>> fields;
    std::vector<std::pair<std::string, Table>> parts;
    std::string bare;  ///< the one field that a script wants; tables show nothing else when set
};
/// Text that is the same in every format, such as a shell script.
struct Text {
    std::string text;
};
using Data = std::variant<std::monostate, Table, Record, Text>;

/// The JSON of one value, and of a row under its columns.
std::string to_json(const Cell& cell);
std::string to_json(const Columns& columns, const Row& row);

struct Screen {
    bool terminal{};
    bool colour{};
    std::size_t width = 80;
};

/// Prints to one stream in one format. On a terminal a table is aligned and cut to its width;
/// elsewhere it is tab-separated and whole, without a heading. Control characters in texts never
/// reach a terminal.
class Printer {
public:
    Printer(std::FILE* out, Format format, Screen screen)
        : out_{out}, format_{format}, screen_{screen} {}

    void print(const Data& data);
    /// One row of a list that has no end: printed at once; `json` is one object a line here.
    void stream(const Columns& columns, const Row& row);
    /// Clears the terminal and prints; false, and nothing, where the output is none.
    bool repaint(const Data& data);
    Format format() const { return format_; }

private:
    void print_table(const Table& table);
    void print_record(const Record& record);
    void print_aligned(const Table& table);
    void print_fields(const Record& record);
    void line(std::string text);
    std::string cell_text(const Cell& cell) const;

    std::FILE* out_;
    Format format_;
    Screen screen_;
    bool headed_ = false;
};

}  // namespace cli
