#pragma once
#include "projections/query.hpp"

#include <vector>

/// The audit trail, the newest entries first.
namespace projections::audit {

struct Filter {
    std::optional<domain::Uuid> actor, subject, correlation;
    std::string action, outcome;  ///< empty: any
    std::optional<domain::Instant> from, to;
    std::optional<std::int64_t> before;  ///< this sequence
    int limit{};
};

/// One entry as people see it; every text is as it is shown.
struct AccessRow {
    std::int64_t sequence{};
    std::string at, request, command, actor, role, action, resource, outcome, code;
    int status{};
    std::vector<std::string> subjects, fields;
    std::string purpose, source, hash;
};

/// Throws pqxx's exceptions.
std::vector<AccessRow> rows_of(pqxx::transaction_base& tx, domain::TenantId tenant,
                               const Filter& filter);

/// The names of a CSV's columns, and a row under them; every line ends in CR LF.
std::string csv_head();
std::string csv_line(const AccessRow& row);
std::string row_json(const AccessRow& row);

/// A page of entries, as JSON, CSV or NDJSON.
domain::Result<Answer> entries(pqxx::transaction_base& tx, const Ask& ask);
/// The same of the entries in which the caller's own values were opened.
domain::Result<Answer> about_me(pqxx::transaction_base& tx, const Ask& ask);

}  // namespace projections::audit
