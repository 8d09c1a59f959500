#include "domain/formula.hpp"

#include "domain/metric.hpp"

#include <algorithm>
#include <array>

namespace domain::formula {
namespace {

struct Function {
    std::string_view name;
    Operation operation;
    std::size_t operands;
};
constexpr std::array functions{
    Function{"min", Operation::min, 2}, Function{"max", Operation::max, 2},
    Function{"abs", Operation::abs, 1}, Function{"safe_div", Operation::divide, 2}};

class Parser {
public:
    explicit Parser(std::string_view text) : text_{text} {}

    Result<Expression> whole() {
        auto expression = sum();
        if (expression && rest().empty()) return expression;
        if (expression) return wrong("expected an operator");
        return expression;
    }

private:
    std::unexpected<Refusal> wrong(std::string_view what) const {
        return refuse(invalid_formula,
                      "At byte " + std::to_string(at_ + 1) + ": " + std::string{what} + ".");
    }
    std::string_view rest() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
        return text_.substr(at_);
    }
    bool take(char c) {
        if (!rest().starts_with(c)) return false;
        ++at_;
        return true;
    }
    template <class Test>
    std::string_view take_while(Test test) {
        const auto left = rest();
        const auto end = std::ranges::find_if_not(left, test);
        const auto taken = left.substr(0, static_cast<std::size_t>(end - left.begin()));
        at_ += taken.size();
        return taken;
    }

    static Expression pair(Operation operation, Expression left, Expression right) {
        Expression out{operation, {}, {}, {}};
        out.operands.push_back(std::move(left));
        out.operands.push_back(std::move(right));
        return out;
    }

    Result<Expression> sum() {
        return chain('+', Operation::add, '-', Operation::subtract, &Parser::product);
    }
    Result<Expression> product() {
        return chain('*', Operation::multiply, '/', Operation::divide, &Parser::factor);
    }

    Result<Expression> chain(char first, Operation one, char second, Operation other,
                             Result<Expression> (Parser::*part)()) {
        auto left = (this->*part)();
        while (left) {
            const bool is_first = take(first);
            if (!is_first && !take(second)) return left;
            auto right = (this->*part)();
            if (!right) return right;
            left = pair(is_first ? one : other, *std::move(left), *std::move(right));
        }
        return left;
    }

    Result<Expression> factor() {
        if (++depth_ > depth_max) return wrong("the formula is nested too deeply");
        auto out = factor_inside();
        --depth_;
        return out;
    }

    Result<Expression> factor_inside() {
        if (take('-')) {
            auto operand = factor();
            if (!operand) return operand;
            Expression out{Operation::negate, {}, {}, {}};
            out.operands.push_back(*std::move(operand));
            return out;
        }
        if (take('(')) {
            auto inside = sum();
            if (inside && !take(')')) return wrong("expected )");
            return inside;
        }
        const auto left = rest();
        if (left.empty()) return wrong("the formula ends too early");
        if (left.front() >= '0' && left.front() <= '9') return number();
        return name();
    }

    Result<Expression> number() {
        const auto digits = take_while([](char c) { return (c >= '0' && c <= '9') || c == '.'; });
        const auto value = Decimal::from(digits);
        if (!value) return wrong("this is no exact decimal");
        return Expression{Operation::number, *value, {}, {}};
    }

    Result<Expression> name() {
        const auto word = take_while(
            [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
        if (!metric::is_key(word)) return wrong("expected a number, a metric's key or (");
        if (!take('(')) return Expression{Operation::input, {}, std::string{word}, {}};
        const auto function = std::ranges::find(functions, word, &Function::name);
        if (function == functions.end()) return wrong("there is no function " + std::string{word});
        Expression out{function->operation, {}, {}, {}};
        do {
            auto operand = sum();
            if (!operand) return operand;
            out.operands.push_back(*std::move(operand));
        } while (take(','));
        if (!take(')')) return wrong("expected ) or ,");
        if (out.operands.size() != function->operands)
            return wrong(std::string{word} + " takes " + std::to_string(function->operands) +
                         " values");
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

void collect(const Expression& expression, std::vector<std::string>& keys) {
    if (expression.operation == Operation::input && !std::ranges::contains(keys, expression.key))
        keys.push_back(expression.key);
    for (const auto& operand : expression.operands) collect(operand, keys);
}

Unit combined(Unit left, const Unit& right, int sign) {
    for (const auto& [base, power] : right) {
        if ((left[base] += sign * power) == 0) left.erase(base);
    }
    return left;
}

/// A plain number, or one that is computed from others, takes whatever unit stands beside it in a
/// sum.
bool is_number(const Expression& expression) {
    return expression.operation != Operation::input &&
           std::ranges::all_of(expression.operands, is_number);
}

}  // namespace

Result<Expression> parse(std::string_view text) {
    if (text.size() > bytes_max) return refuse(invalid_formula, "It is longer than 1000 bytes.");
    return Parser{text}.whole();
}

std::vector<std::string> inputs(const Expression& expression) {
    std::vector<std::string> keys;
    collect(expression, keys);
    return keys;
}

std::size_t parts_of(const Expression& expression,
                     const std::map<std::string, std::size_t, std::less<>>& inputs) {
    const auto input =
        expression.operation == Operation::input ? inputs.find(expression.key) : inputs.end();
    std::size_t parts = input == inputs.end() ? 1 : input->second;
    for (const auto& operand : expression.operands) parts += parts_of(operand, inputs);
    return std::min(parts, parts_max + 1);
}

Unit unit_from(std::string_view text) {
    Unit unit;
    int sign = 1;
    while (!text.empty()) {
        const auto end = text.find_first_of("*/");
        const auto base = text.substr(0, end);
        if (base != "ratio" && !base.empty())
            unit = combined(std::move(unit), {{std::string{base}, 1}}, sign);
        if (end == std::string_view::npos) break;
        sign = text[end] == '/' ? -1 : 1;
        text.remove_prefix(end + 1);
    }
    return unit;
}

std::string to_text(const Unit& unit) {
    std::string above, below;
    for (const auto& [base, power] : unit) {
        for (int i = 0; i < power; ++i) above += (above.empty() ? "" : "*") + base;
        for (int i = 0; i < -power; ++i) below += "/" + base;
    }
    if (above.empty() && below.empty()) return "ratio";
    return (above.empty() ? "ratio" : above) + below;
}

Result<Unit> unit_of(const Expression& e, const std::map<std::string, Unit, std::less<>>& inputs) {
    if (e.operation == Operation::number) return Unit{};
    if (e.operation == Operation::input) {
        const auto found = inputs.find(e.key);
        if (found == inputs.end())
            return refuse(invalid_formula, "There is no metric " + e.key + ".");
        return found->second;
    }
    auto left = unit_of(e.operands.front(), inputs);
    if (!left || e.operands.size() == 1) return left;
    auto right = unit_of(e.operands.back(), inputs);
    if (!right) return right;
    if (e.operation == Operation::multiply) return combined(*std::move(left), *right, 1);
    if (e.operation == Operation::divide) return combined(*std::move(left), *right, -1);
    if (*left == *right || is_number(e.operands.back())) return left;
    if (is_number(e.operands.front())) return right;
    return refuse(invalid_formula,
                  to_text(*left) + " and " + to_text(*right) + " do not go together.");
}

}  // namespace domain::formula
