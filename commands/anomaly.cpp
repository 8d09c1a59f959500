#include "commands/anomaly.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"

namespace commands::anomaly {
namespace {

using namespace domain::anomaly;

/// The note in the body, sealed with the key of the one who writes it.
domain::Result<std::optional<domain::Personal>> note_in(const Request& request) {
    if (!request.body) return std::nullopt;
    std::vector<domain::Fault> faults;
    Body body{request.body->root(), faults};
    auto text = body.maybe_text("note");
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    if (!text) return std::nullopt;
    return domain::Personal{request.author(), *std::move(text)};
}

}  // namespace

domain::AnomalyId anomaly_id(domain::TenantId tenant, std::string_view metric,
                             std::string_view location, domain::Date on) {
    const auto name = std::string{metric} + " " + std::string{location} + " " + domain::to_text(on);
    return {events::id_of_name(tenant, "anomaly", name)};
}

domain::Result<Proposal> report(events::Store& store, events::Keys& keys, const Request& request,
                                Finding finding) {
    const auto id = anomaly_id(request.who.tenant, finding.metric, finding.location, finding.on);
    return propose<Anomaly>(store, keys, request, id.value, Report{id, std::move(finding)});
}

domain::Result<Proposal> withdraw(events::Store& store, events::Keys& keys, const Request& request,
                                  domain::AnomalyId anomaly,
                                  std::optional<domain::Decimal> observed) {
    return propose<Anomaly>(store, keys, request, anomaly.value, Withdraw{observed});
}

domain::Result<Proposal> explain(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<domain::AnomalyId>(request, "anomaly");
    if (!id) return std::unexpected(id.error());
    auto note = note_in(request);
    if (!note) return std::unexpected(std::move(note.error()));
    return propose<Anomaly>(store, keys, request, id->value,
                            Explain{std::move(*note).value_or(domain::Personal{})});
}

domain::Result<Proposal> dismiss(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<domain::AnomalyId>(request, "anomaly");
    if (!id) return std::unexpected(id.error());
    auto note = note_in(request);
    if (!note) return std::unexpected(std::move(note.error()));
    return propose<Anomaly>(store, keys, request, id->value, Dismiss{*std::move(note)});
}

}  // namespace commands::anomaly
