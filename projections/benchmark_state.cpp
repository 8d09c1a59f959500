// What was known of an external series at a moment, every vintage of it.
#include "domain/benchmark.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

void put_series(events::Writer& out, const domain::benchmark::Definition& series) {
    out.key("provider").text(to_text(series.provider)).key("external_id").text(series.external_id);
    out.key("title").text(series.title).key("unit").text(series.unit);
    out.key("frequency").text(to_text(series.frequency));
    put_or_null(out, "naics", series.naics);
    out.key("geo").text(series.geo).key("licence").open();
    out.key("redistribute").boolean(series.licence.redistribute);
    out.key("cloud_model_use").boolean(series.licence.cloud_model_use);
    out.key("attribution").text(series.licence.attribution).close();
}

void put_mapping(events::Writer& out, const domain::benchmark::Mapping& mapping) {
    out.open().key("transform").text(to_text(mapping.transform));
    out.key("adjustment").text(to_text(mapping.adjustment));
    put_or_null(out, "deflator", mapping.deflator ? domain::to_text(*mapping.deflator) : "");
    out.key("factor").text(mapping.factor.text());
    put_or_null(out, "factor_unit", mapping.factor_unit);
    out.close();
}

/// Percentiles only where the provider published them.
void put_figures(events::Writer& out, const domain::benchmark::Figures& figures) {
    out.open().key("value").text(figures.value.text());
    for (std::size_t i = 0; i < figures.percentiles.size(); ++i) {
        if (!figures.percentiles[i]) continue;
        out.key("p" + std::to_string(domain::benchmark::percents[i]));
        out.text(figures.percentiles[i]->text());
    }
    out.close();
}

void put_benchmark(events::Writer& out, const domain::benchmark::State& state) {
    put_series(out, state.definition);
    out.key("retired").boolean(state.retired).key("mappings").open();
    for (const auto& [metric, mapping] : state.mappings) {
        out.key(domain::to_text(metric));
        put_mapping(out, mapping);
    }
    out.close().key("observations").open();
    for (const auto& [period, vintages] : state.known) {
        out.key(domain::to_text(period)).open();
        for (const auto& [vintage, figures] : vintages) {
            out.key(domain::to_text(vintage));
            put_figures(out, figures);
        }
        out.close();
    }
    out.close();
}

}  // namespace

domain::Result<std::string> benchmark_state(StreamPast past) {
    return folded_text<domain::benchmark::Benchmark>("benchmark", past, &put_benchmark);
}

}  // namespace projections
