#pragma once
#include "src/cli/command.hpp"

namespace pqxx {
class connection;
class field;
}  // namespace pqxx

/// The database as the command line uses it: directly, as the role that folds projections.
namespace cli {

inline constexpr domain::Reason schema_missing{domain::Reason::Kind::unavailable, "schema-missing",
                                               "The database does not have our schema"};

enum class Access { read, write, audit };

/// Runs `work` on a new connection of the role cairn_projector, which sees every tenant and can
/// only change read models; with Access::read it can change nothing. Access::audit is the role
/// cairn_auditor: the audit trail and the headers of events, and no payload. Database errors become
/// failures that say what to do.
Outcome with_database(const Context& context, Access access,
                      const std::function<Outcome(pqxx::connection&)>& work);
/// The text of a column; NULL is an empty cell.
Cell text_or_nothing(const pqxx::field& field);
/// A timestamptz as PostgreSQL writes it, in RFC 3339 and UTC; what is none stays as it is.
std::string instant_text(std::string_view text);
/// A database refusal with what to do about it.
Failure explained(const Context& context, domain::Refusal refusal);

}  // namespace cli
