#pragma once
#include "src/http/api_parts.hpp"

/// Pages: limits, cursors and the address of what follows.
namespace http {

/// The filters without limit and cursor, as one text: what a cursor is bound to.
std::string question_of(const Request& request);
/// 1 to 500.
domain::Result<int> limit_from(const std::string& text);
/// The address of the next page: the same question with another cursor.
std::string next_url(const Shared& shared, const Exchange& exchange, std::string_view place);

}  // namespace http
