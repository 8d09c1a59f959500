#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/decimal.hpp"

#include <map>
#include <memory>

/// Formulas of derived metrics: parsed once, checked for units and cycles, then evaluated.
/// Grammar: sum = product (('+'|'-') product)*; product = factor (('*'|'/') factor)*;
/// factor = '-' factor | number | key | call | '(' sum ')'; call = name '(' sum (',' sum)* ')'.
/// Functions: min(a, b), max(a, b), abs(a), safe_div(a, b): NULL-safe division.
namespace domain::formula {

inline constexpr Reason invalid_formula{Reason::Kind::invalid, "formula-invalid",
                                        "The formula is not understood"};
inline constexpr std::size_t bytes_max = 1000;
inline constexpr int depth_max = 32;
/// Of a formula written out with those of its inputs: formulas over formulas multiply.
inline constexpr std::size_t parts_max = 3000;

enum class Operation { number, input, negate, add, subtract, multiply, divide, min, max, abs };

struct Expression {
    Operation operation{};
    Decimal number;   ///< of Operation::number
    std::string key;  ///< of Operation::input
    std::vector<Expression> operands;
};

/// The detail of a refusal names the place, counted in bytes from 1.
Result<Expression> parse(std::string_view text);

/// The keys it needs, each once, in the order of their first use.
std::vector<std::string> inputs(const Expression& expression);

/// How many numbers, inputs and operations it has when each input counts as `inputs` says, or one;
/// no more than `parts_max` + 1.
std::size_t parts_of(const Expression& expression,
                     const std::map<std::string, std::size_t, std::less<>>& inputs);

/// A unit as powers of base units; a ratio has none.
using Unit = std::map<std::string, int, std::less<>>;
/// Reads `USD`, `count`, `USD/h`, `count*h`; `ratio` is no unit at all.
Unit unit_from(std::string_view text);
/// `USD/h` for a quotient; `ratio` for none.
std::string to_text(const Unit& unit);
/// The unit of the result, or why units do not fit, such as USD plus count.
Result<Unit> unit_of(const Expression& expression,
                     const std::map<std::string, Unit, std::less<>>& inputs);

}  // namespace domain::formula
