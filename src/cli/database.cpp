#include "src/cli/database.hpp"

#include "domain/base/time.hpp"
#include "src/postgres/refusing.hpp"

#include <pqxx/pqxx>

namespace cli {

Failure explained(const Context& context, domain::Refusal refusal) {
    const auto& detail = refusal.detail;
    // Undefined tables and schemas, and roles that a migration has not made yet.
    for (const auto* state : {"42P01", "3F000", "42883"}) {
        if (detail.find(state) != std::string::npos)
            return {schema_missing, detail, "run: cairn migrate up"};
    }
    if (detail.find("42501") != std::string::npos)
        return {domain::Reason{domain::Reason::Kind::forbidden, "forbidden",
                               "The database does not allow this"},
                detail, "check roles and grants with: cairn doctor"};
    Failure failure{std::move(refusal)};
    if (failure.refusal.why == events::store_away)
        failure.hint = context.config.database.url.empty()
                           ? "no private cluster runs in " + context.config.data_dir.string() +
                                 "; start one with cairn dev, or give --data-dir or --db"
                           : "check database.url with: cairn config explain database.url";
    return failure;
}

Cell text_or_nothing(const pqxx::field& field) {
    return field.is_null() ? Cell{} : Cell{field.as<std::string>()};
}

std::string instant_text(std::string_view text) {
    std::string form{text};
    if (const auto space = form.find(' '); space != std::string::npos) form[space] = 'T';
    if (form.ends_with("+00")) form.replace(form.size() - 3, 3, "Z");
    const auto instant = domain::instant_from(form);
    return instant ? domain::to_text(*instant) : std::string{text};
}

Outcome with_database(const Context& context, Access access,
                      const std::function<Outcome(pqxx::connection&)>& work) {
    const auto database = runtime::database_of(context.config);
    std::optional<Outcome> outcome;
    const auto ran = postgres::refusing([&]() -> domain::Result<void> {
        auto connection = postgres::connect(
            database, access == Access::audit ? postgres::As::auditor : postgres::As::projector);
        if (access != Access::write) {
            pqxx::nontransaction tx{*connection};
            tx.exec("set default_transaction_read_only = on");
        }
        outcome.emplace(work(*connection));
        return {};
    });
    if (!ran) return std::unexpected(explained(context, ran.error()));
    return *std::move(outcome);
}

}  // namespace cli
