#pragma once
#include "domain/base/decimal.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <optional>
#include <string>
#include <vector>

/// Columns of a bulk statement: parallel vectors, bound as PostgreSQL arrays. Absent values are
/// empty texts that the SQL turns to NULL, because libpqxx 7.10.0 corrupts memory on arrays of
/// optionals.
namespace projections {

using Texts = std::vector<std::string>;

inline std::string or_empty(const std::optional<domain::Decimal>& value) {
    return value ? value->text() : std::string{};
}
inline std::string or_empty(const std::optional<domain::Date>& value) {
    return value ? domain::to_text(*value) : std::string{};
}
template <class Tag>
std::string or_empty(const std::optional<domain::Id<Tag>>& value) {
    return value ? domain::to_text(*value) : std::string{};
}

/// What identifies a row: its tenant and its own id.
struct RowKey {
    domain::TenantId tenant;
    domain::Uuid id;
    auto operator<=>(const RowKey&) const = default;
};

}  // namespace projections
