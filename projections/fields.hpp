#pragma once
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <pqxx/except>
#include <pqxx/field>

/// Values of ours in the rows that PostgreSQL gives.
namespace projections {

/// The id in a column of type uuid; NULL is the nil one. A column of another type throws.
inline domain::Uuid uuid_of(const pqxx::field& field) {
    if (field.is_null()) return {};
    const auto id = domain::uuid_from(field.view());
    if (!id) throw pqxx::conversion_error{"a column is no uuid"};
    return *id;
}

/// The day in a column of type date; NULL is that of 1970-01-01.
inline domain::Date date_of(const pqxx::field& field) {
    return domain::date_from(field.view()).value_or(domain::Date{});
}

}  // namespace projections
