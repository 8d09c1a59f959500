#pragma once
#include "projections/query.hpp"

namespace pqxx {
class result;
}

/// Pages of rows that PostgreSQL has written as JSON.
namespace projections {

/// Rows of (place, json) as one page; one row more than the limit says that there is a next.
Answer page(const Ask& ask, const pqxx::result& rows);

/// A cursor of two parts, divided by a bar; empty at the start.
struct Cursor {
    std::string first, second;
};
std::optional<Cursor> cursor_of(const Ask& ask);

}  // namespace projections
