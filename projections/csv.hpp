#pragma once
#include <string>
#include <string_view>

/// Answers as CSV, RFC 4180.
namespace projections {

/// A field as it is written: in quotes only where it must be.
std::string csv_field(std::string_view text);

}  // namespace projections
