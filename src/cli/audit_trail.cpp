#include "projections/trail_query.hpp"
#include "src/audit/trail_check.hpp"
#include "src/cli/database.hpp"
#include "src/cli/event_rows.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/progress.hpp"
#include "src/runtime/clock.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace cli {
namespace {

namespace trail = projections::audit;

constexpr int page = 1000;

struct Shown {
    domain::TenantId tenant;
    trail::AccessRow row;
};

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out += (out.empty() ? "" : " ") + text;
    return out;
}

/// A list where the format has lists, otherwise words in one cell.
Cell list_cell(const std::vector<std::string>& texts, Format format) {
    if (format == Format::csv) return joined(texts);
    events::Writer out;
    out.open_list();
    for (const auto& text : texts) out.text(text);
    return Json{out.close_list().take()};
}

Columns columns_of(Format format) {
    if (format == Format::table)
        return {"at", "actor", "role", "action", "outcome", "resource", "subjects"};
    return {"tenant",   "sequence", "at",      "request", "command", "actor",
            "role",     "action",   "outcome", "code",    "status",  "resource",
            "subjects", "fields",   "purpose", "source",  "hash"};
}

Cell cell_of(const std::string& text) { return text.empty() ? Cell{} : Cell{text}; }

Row row_of(const Shown& shown, Format format) {
    const auto& row = shown.row;
    if (format == Format::table)
        return {row.at,
                row.actor,
                row.role,
                row.action,
                row.code.empty() ? row.outcome : row.outcome + ": " + row.code,
                cell_of(row.resource),
                std::ssize(row.subjects)};
    return {domain::to_text(shown.tenant),
            row.sequence,
            row.at,
            row.request,
            cell_of(row.command),
            row.actor,
            row.role,
            row.action,
            row.outcome,
            cell_of(row.code),
            std::int64_t{row.status},
            cell_of(row.resource),
            list_cell(row.subjects, format),
            list_cell(row.fields, format),
            row.purpose,
            row.source,
            row.hash};
}

Checked<std::optional<domain::Instant>> time_of(const Context& context, std::string_view flag) {
    if (!context.has(flag)) return std::nullopt;
    const auto place = place_from(context.text(flag));
    if (!place) return std::unexpected(place.error());
    if (!place->time)
        return std::unexpected(Failure{bad_usage, "--" + std::string{flag} + " takes a time",
                                       "such as 2026-01-31 or 2026-01-31T08:00:00Z"});
    return place->time;
}

Checked<trail::Filter> trail_filter_of(const Context& context) {
    trail::Filter filter;
    filter.actor = context.uuid("actor");
    filter.subject = context.uuid("subject");
    filter.correlation = context.uuid("correlation");
    filter.action = context.text("action");
    filter.outcome = context.text("outcome");
    const auto from = time_of(context, "since");
    if (!from) return std::unexpected(from.error());
    const auto to = time_of(context, "until");
    if (!to) return std::unexpected(to.error());
    filter.from = *from;
    filter.to = *to;
    return filter;
}

/// The tenant that was given, or every one that has a trail.
std::vector<domain::TenantId> tenants_of(const Context& context, pqxx::connection& connection) {
    if (const auto tenant = context.uuid("tenant")) return {{*tenant}};
    std::vector<domain::TenantId> all;
    while (true) {
        const auto more =
            ::audit::tenants_with_trail(connection, all.empty() ? domain::TenantId{} : all.back());
        if (more.empty()) return all;
        all.insert(all.end(), more.begin(), more.end());
    }
}

/// Gives a tenant's entries to `take`, the newest first, page by page, at most `limit`.
template <class Take>
void each_entry(pqxx::connection& connection, domain::TenantId tenant, trail::Filter filter,
                std::int64_t limit, Take take) {
    filter.before.reset();
    while (limit > 0) {
        filter.limit = static_cast<int>(std::min<std::int64_t>(limit, page));
        pqxx::nontransaction tx{connection};
        auto rows = trail::rows_of(tx, tenant, filter);
        const bool more = std::ssize(rows) == filter.limit;
        limit -= std::ssize(rows);
        if (more) filter.before = rows.back().sequence;
        for (auto& row : rows) take(Shown{tenant, std::move(row)});
        if (!more) return;
    }
}

/// Exports are printed as they are read, tenant after tenant.
Outcome export_entries(Context& context, pqxx::connection& connection,
                       const trail::Filter& filter) {
    const auto format = context.globals.output;
    const auto columns = columns_of(format);
    auto left = context.number("limit", INT64_MAX);
    for (const auto tenant : tenants_of(context, connection))
        each_entry(connection, tenant, filter, left, [&](const Shown& shown) {
            context.printer->stream(columns, row_of(shown, format));
            --left;
        });
    return Answer{};
}

Outcome list_entries(const Context& context, pqxx::connection& connection,
                     const trail::Filter& filter) {
    constexpr std::int64_t shown_default = 50;
    const auto limit = context.number("limit", shown_default);
    std::vector<Shown> found;
    const auto later = [](const Shown& a, const Shown& b) { return a.row.at > b.row.at; };
    for (const auto tenant : tenants_of(context, connection)) {
        each_entry(connection, tenant, filter, limit,
                   [&](Shown shown) { found.push_back(std::move(shown)); });
        std::ranges::stable_sort(found, later);
        if (std::ssize(found) > limit) found.resize(static_cast<std::size_t>(limit));
    }
    Table table{columns_of(context.globals.output), {}};
    for (const auto& shown : found) table.rows.push_back(row_of(shown, context.globals.output));
    return Answer{std::move(table)};
}

/// The key of seals, when the secrets are here; nothing is made.
Checked<std::optional<security::Key>> seal_key(const runtime::Config& config) {
    std::error_code error;
    if (!std::filesystem::exists(config.secrets_dir / "root.key", error)) return std::nullopt;
    const auto secrets = security::load_secrets(config.secrets_dir);
    if (!secrets) return std::unexpected(Failure{secrets.error()});
    return ::audit::seal_key_of(*secrets);
}

Row row_of(const ::audit::TrailReport& report) {
    return {domain::to_text(report.tenant), report.entries, report.first, report.last,
            report.fault
                ? "entry " + std::to_string(report.fault->sequence) + " " + report.fault->what
                : std::string{"ok"}};
}

}  // namespace

Outcome audit_trail(Context& context) {
    const auto filter = trail_filter_of(context);
    if (!filter) return std::unexpected(filter.error());
    const auto format = context.globals.output;
    return with_database(context, Access::audit, [&](pqxx::connection& connection) {
        return format == Format::csv || format == Format::jsonl
                   ? export_entries(context, connection, *filter)
                   : list_entries(context, connection, *filter);
    });
}

Outcome audit_trail_verify(Context& context) {
    const auto key = seal_key(context.config);
    if (!key) return std::unexpected(key.error());
    return with_database(context, Access::audit, [&](pqxx::connection& connection) -> Outcome {
        Answer answer;
        Table table{{"tenant", "entries", "first", "last", "state"}, {}};
        const auto tenants = tenants_of(context, connection);
        Progress progress{context, {"audit trail", "trail", "tenants"}, std::ssize(tenants)};
        for (const auto tenant : tenants) {
            const auto report = ::audit::check_trail(connection, tenant, *key);
            if (report.fault) answer.exit_code = difference;
            table.rows.push_back(row_of(report));
            progress.add(1);
            progress.tell();
        }
        progress.end();
        answer.data = std::move(table);
        if (!*key)
            answer.notes.push_back("the secrets are not here, so the seals were not checked");
        return answer;
    });
}

Outcome audit_trail_resume(Context& context) {
    const auto key = seal_key(context.config);
    if (!key) return std::unexpected(key.error());
    if (!*key)
        return std::unexpected(Failure{not_there,
                                       "no root.key in " + context.config.secrets_dir.string(),
                                       "run this where the server keeps its secrets"});
    ::audit::TrailWriter writer{runtime::database_of(context.config), **key};
    const auto tenant = context.uuid("TENANT").value_or(domain::Uuid{});
    if (const auto resumed = writer.resume({tenant}, runtime::now()); !resumed)
        return std::unexpected(explained(context, resumed.error()));
    Record record;
    record.fields.emplace_back("tenant", domain::to_text(tenant));
    return Answer{std::move(record), ok, {"restart the servers that have told of it"}};
}

}  // namespace cli
