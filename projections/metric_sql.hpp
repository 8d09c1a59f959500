#pragma once
#include "domain/formula.hpp"

/// Formulas as SQL.
namespace projections::metric {

/// What a formula written out with those of its inputs may take. What a definition may say
/// (domain::formula::parts_max) fits; inputs that are revised later can make it longer.
inline constexpr std::size_t sql_bytes_max = 256 * 1024;
inline constexpr std::string_view formula_too_long = "With its inputs' formulas it is too long.";

/// The SQL of a formula's inputs, by key.
using SqlByKey = std::map<std::string, std::string, std::less<>>;

/// The formula over the SQL given for its inputs; a division by zero is NULL. Refused when it is
/// longer than `sql_bytes_max`, of which no more than that is written.
domain::Result<std::string> sql_of(const domain::formula::Expression& expression,
                                   const SqlByKey& inputs);

}  // namespace projections::metric
