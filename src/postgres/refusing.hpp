#pragma once
#include "events/store.hpp"

#include <exception>
#include <pqxx/except>

/// The one place where libpqxx exceptions become refusals.
namespace postgres {

inline constexpr domain::Reason sql_refused{domain::Reason::Kind::defect, "internal",
                                            "Something went wrong on our side"};

/// A SQL error without the values that PostgreSQL may quote in its text: only the SQLSTATE.
inline std::string without_values(const pqxx::sql_error& error) {
    return "SQLSTATE " + error.sqlstate();
}

/// Classes of SQLSTATE that say "not now" rather than "not so".
inline bool is_transient(std::string_view state) {
    return state.starts_with("40") || state.starts_with("53") || state.starts_with("55") ||
           state.starts_with("57");
}

/// Order matters: libpqxx derives statement_completion_unknown from transaction_rollback and
/// others from broken_connection, so the derived are caught first.
template <class Work>
auto refusing(Work work) -> decltype(work()) {
    try {
        return work();
    } catch (const pqxx::in_doubt_error&) {
        return domain::refuse(events::in_doubt);
    } catch (const pqxx::statement_completion_unknown&) {
        return domain::refuse(events::in_doubt);
    } catch (const pqxx::transaction_rollback& error) {
        return domain::refuse(events::store_away, without_values(error));
    } catch (const pqxx::broken_connection&) {
        return domain::refuse(events::store_away, "the connection broke");
    } catch (const pqxx::insufficient_resources& error) {
        return domain::refuse(events::store_away, without_values(error));
    } catch (const pqxx::sql_error& error) {
        if (is_transient(error.sqlstate()))
            return domain::refuse(events::store_away, without_values(error));
        return domain::refuse(sql_refused, without_values(error));
    } catch (const pqxx::failure&) {
        return domain::refuse(events::store_away, "the database failed");
    } catch (const std::exception&) {
        return domain::refuse(sql_refused, "a defect of ours");
    }
}

}  // namespace postgres
