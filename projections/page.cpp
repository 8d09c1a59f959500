#include "projections/page.hpp"

#include <pqxx/pqxx>

namespace projections {

Answer page(const Ask& ask, const pqxx::result& rows) {
    Answer answer{.json = "[", .is_page = true};
    int count = 0;
    for (const auto& row : rows) {
        if (count == ask.limit) break;
        if (count++ > 0) answer.json += ',';
        answer.json += row[1].view();
        if (count == ask.limit && std::size(rows) > ask.limit)
            answer.next = row[0].as<std::string>();
    }
    answer.json += ']';
    return answer;
}

std::optional<Cursor> cursor_of(const Ask& ask) {
    const auto bar = ask.cursor.find('|');
    if (bar == std::string::npos) return std::nullopt;
    return Cursor{ask.cursor.substr(0, bar), ask.cursor.substr(bar + 1)};
}

}  // namespace projections
