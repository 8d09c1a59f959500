#include "projections/metric_sql.hpp"

namespace projections::metric {
namespace {

using domain::formula::Expression;
using domain::formula::Operation;

/// One text that every part is appended to, up to its bound.
class FormulaSql {
public:
    explicit FormulaSql(const SqlByKey& inputs) : inputs_{inputs} {}

    /// Whether it still fits.
    bool put(const Expression& e) {
        switch (e.operation) {
            case Operation::number: return put(e.number.text()) && put("::numeric");
            case Operation::input: {
                const auto found = inputs_.find(e.key);
                return put(found == inputs_.end() ? "null::numeric" : found->second);
            }
            case Operation::negate: return put_one("(-", e, ")");
            case Operation::abs: return put_one("abs(", e, ")");
            case Operation::add: return put_two("(", e, " + ", ")");
            case Operation::subtract: return put_two("(", e, " - ", ")");
            case Operation::multiply: return put_two("(", e, " * ", ")");
            case Operation::divide: return put_two("(", e, " / nullif(", ", 0))");
            // least() and greatest() would pass over an input that has no value.
            case Operation::min:
                return put_two("(select case when count(v) = 2 then min(v) end from unnest(array[",
                               e, ", ", "]) u (v))");
            case Operation::max:
                return put_two("(select case when count(v) = 2 then max(v) end from unnest(array[",
                               e, ", ", "]) u (v))");
        }
        std::unreachable();
    }
    std::string take() { return std::move(sql_); }

private:
    bool put(std::string_view text) {
        if (sql_.size() + text.size() > sql_bytes_max) return false;
        sql_ += text;
        return true;
    }
    bool put_one(std::string_view before, const Expression& e, std::string_view after) {
        return put(before) && put(e.operands.front()) && put(after);
    }
    bool put_two(std::string_view before, const Expression& e, std::string_view between,
                 std::string_view after) {
        return put(before) && put(e.operands.front()) && put(between) && put(e.operands.back()) &&
               put(after);
    }

    const SqlByKey& inputs_;
    std::string sql_;
};

}  // namespace

domain::Result<std::string> sql_of(const Expression& expression, const SqlByKey& inputs) {
    FormulaSql sql{inputs};
    if (!sql.put(expression))
        return domain::refuse(domain::formula::invalid_formula, std::string{formula_too_long});
    return sql.take();
}

}  // namespace projections::metric
