#include "events/audit_bundle.hpp"

#include "src/cli/audit.hpp"
#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/progress.hpp"
#include "src/postgres/audit_bundle.hpp"
#include "src/postgres/event_store.hpp"

#include <fstream>
#include <pqxx/pqxx>

namespace cli {
namespace {

constexpr std::int64_t tell_every_lines = 1000;

/// A file, or stdout for `-`.
class Lines {
public:
    explicit Lines(const std::string& file) {
        if (file != "-") out_ = std::fopen(file.c_str(), "wx");
    }
    ~Lines() {
        if (out_ != nullptr && out_ != stdout) std::fclose(out_);
    }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    bool good() const { return out_ != nullptr && std::ferror(out_) == 0; }
    void put(const std::string& line) { std::fprintf(out_, "%s\n", line.c_str()); }
    bool flush() { return good() && std::fflush(out_) == 0; }

private:
    std::FILE* out_ = stdout;
};

Outcome written(const Context& context, domain::Result<std::int64_t> events, Lines& lines) {
    if (!events) return std::unexpected(explained(context, events.error()));
    if (!lines.flush())
        return std::unexpected(Failure{not_there, "the bundle could not be written", ""});
    return Answer{{}, ok, {std::to_string(*events) + " events"}};
}

}  // namespace

Outcome audit_bundle(Context& context) {
    if (context.has("tenant") == context.has("lane"))
        return std::unexpected(Failure{bad_usage, "--tenant or --lane", "give one of them"});
    Lines lines{context.text("out", "-")};
    if (!lines.good())
        return std::unexpected(Failure{bad_usage, "--out " + context.text("out"),
                                       "it exists already, or its directory cannot be written"});
    Progress progress{context, {"bundle", "audit", "lines"}, 0};
    const auto sink = [&](const std::string& line) {
        lines.put(line);
        progress.add(1);
        if (progress.done() % tell_every_lines == 0) progress.tell();
    };
    if (context.has("lane"))
        return audit::as_auditor(context, [&](pqxx::transaction_base& tx) {
            const auto lane = static_cast<int>(context.number("lane", 0));
            return written(context, postgres::write_bundle(tx, {lane, {}}, sink), lines);
        });
    const domain::TenantId tenant{context.uuid("tenant").value_or(domain::Uuid{})};
    postgres::Reader reader{runtime::database_of(context.config)};
    auto events = reader.query<std::int64_t>(
        tenant, [&](pqxx::transaction_base& tx) -> domain::Result<std::int64_t> {
            const auto rows = tx.exec("select lane from log.tenant_lane");
            if (rows.empty()) return domain::refuse(not_there, "the tenant");
            return postgres::write_bundle(tx, {rows[0][0].as<int>(), tenant}, sink);
        });
    return written(context, std::move(events), lines);
}

Outcome audit_verify(Context& context) {
    if (!context.has("BUNDLE")) return audit_verify_log(context);
    const auto file = context.text("BUNDLE");
    std::ifstream in{file};
    if (!in) return std::unexpected(Failure{not_there, file, "cairn audit bundle makes one"});
    auto kept = audit::kept_checkpoints(context);
    if (!kept) return std::unexpected(kept.error());
    std::optional<Failure> untrusted;
    events::BundleAudit bundle{[&](const events::BundleHead& head) {
                                   auto keys = audit::trusted_keys(context, {head.origin});
                                   if (!keys) untrusted = keys.error();
                                   return keys.value_or(std::vector<events::NoteKey>{});
                               },
                               *std::move(kept)};
    Progress progress{context, {file, "audit", "lines"}, 0};
    events::LaneAudit::Found found;
    for (std::string line; !found && std::getline(in, line);) {
        found = bundle.line(line);
        progress.add(1);
        if (progress.done() % tell_every_lines == 0) progress.tell();
    }
    progress.end();
    if (untrusted) return std::unexpected(*untrusted);
    if (!found) found = bundle.end();
    Table table{audit::finding_columns(), {}};
    table.rows.push_back(
        audit::finding_row(bundle.head().lane, bundle.events(), bundle.checkpoints(), found));
    Answer answer{std::move(table), found ? difference : ok, {}};
    if (!found && bundle.passed_over() > 0)
        answer.notes.push_back(
            "of what the witness has kept " + std::to_string(bundle.compared()) +
            " were compared; " + std::to_string(bundle.passed_over()) +
            " lie between this tenant's events: ask for cairn audit proof --from SIZE");
    return answer;
}

}  // namespace cli
