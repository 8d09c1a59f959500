// What was known of an odd day at a moment.
#include "domain/anomaly.hpp"
#include "projections/state_form.hpp"
#include "projections/stream_state.hpp"

namespace projections {
namespace {

void put_anomaly(events::Writer& out, const domain::anomaly::State& state) {
    const auto& finding = state.finding;
    out.key("status").text(to_text(state.status)).key("metric").text(finding.metric);
    put_or_null(out, "location", finding.location);
    out.key("on").text(domain::to_text(finding.on)).key("kind").text(to_text(finding.kind));
    out.key("severity").text(to_text(finding.severity));
    out.key("observed").text(finding.observed.text());
    out.key("expected").text(finding.expected.text());
    out.key("low").text(finding.low.text()).key("high").text(finding.high.text());
    out.key("score").text(finding.score.text());
    put_or_null(out, "note", state.note ? sealed_text : "");
}

}  // namespace

domain::Result<std::string> anomaly_state(StreamPast past) {
    return folded_text<domain::anomaly::Anomaly>("anomaly", past, &put_anomaly);
}

}  // namespace projections
