// What a batch had brought at a moment, by metric; the points themselves are in its events.
#include "domain/metric_batch.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

void put_metric_batch(events::Writer& out, const domain::metric_batch::State& state) {
    out.key("metrics").open();
    for (const auto& [metric, taken] : state.taken) {
        out.key(domain::to_text(metric)).open();
        out.key("source").text(to_text(taken.source)).key("unit").text(taken.unit);
        out.key("series").integer(taken.series).key("points").integer(taken.points);
        out.key("received").integer(taken.received);
        out.key("duplicate").integer(taken.duplicate).close();
    }
    out.close().key("rejected").integer(state.rejected);
    out.key("reverted").boolean(state.reverted);
    put_or_null(out, "reason", state.reason);
}

}  // namespace

domain::Result<std::string> metric_batch_state(StreamPast past) {
    return folded_text<domain::metric_batch::Batch>("batch", past, &put_metric_batch);
}

}  // namespace projections
