#include "domain/metric_batch.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "commands/metric_rows.hpp"

namespace commands::metric_batch {
namespace {

using namespace domain::metric_batch;

domain::Result<Proposal> take_in(events::Store& store, events::Keys& keys, const Request& request,
                                 Rows rows, Source source) {
    if (rows.too_many)
        return domain::refuse(validation_failed,
                              "a batch holds at most " + std::to_string(points_max) + " points");
    const auto metrics = read_metrics(store, request.who.tenant, rows.metrics());
    if (!metrics) return std::unexpected(metrics.error());
    auto calendars = read_calendars(store, request.who.tenant, rows.locations());
    if (!calendars) return std::unexpected(std::move(calendars.error()));
    // A repeat of the command names the same batch.
    const domain::BatchId batch{request.command.value};
    return propose_new<Batch>(
        keys, request, batch.value,
        checked(std::move(rows), *metrics, *calendars, batch, source, request.now));
}

}  // namespace

domain::Result<Proposal> ingest(events::Store& store, events::Keys& keys, const Request& request) {
    if (!request.rows.empty())
        return take_in(store, keys, request, rows_from_ndjson(request.rows), Source::api);
    if (!request.body)
        return domain::refuse(validation_failed, "give points as JSON or application/x-ndjson");
    std::vector<domain::Fault> faults;
    auto rows = rows_from(request.body->root(), faults);
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return take_in(store, keys, request, std::move(rows), Source::api);
}

domain::Result<Proposal> revert(events::Store& store, events::Keys& keys, const Request& request) {
    const auto batch = id_in_path<domain::BatchId>(request, "batch");
    if (!batch) return std::unexpected(batch.error());
    std::vector<domain::Fault> faults;
    Revert command;
    if (request.body) {
        Body body{request.body->root(), faults};
        command.reason = body.text_or_empty("reason");
        body.done();
    }
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return propose<Batch>(store, keys, request, batch->value, command);
}

}  // namespace commands::metric_batch
