#include "domain/benchmark.hpp"

#include "commands/benchmark_files.hpp"
#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "commands/metric_lookup.hpp"

namespace commands::benchmark {
namespace {

using namespace domain::benchmark;
using domain::BenchmarkId;

Licence read_licence(Body& body) {
    Licence licence;
    auto group = body.maybe_object("licence");
    if (!group) {
        if (!body.present("licence")) body.fault("licence", "required", "is missing");
        return licence;
    }
    licence.redistribute = group->maybe_boolean("redistribute").value_or(false);
    licence.cloud_model_use = group->maybe_boolean("cloud_model_use").value_or(false);
    licence.attribution = group->text("attribution");
    group->done();
    return licence;
}

Definition read_definition(Body& body) {
    Definition definition;
    definition.provider = body.word("provider", &provider_from);
    definition.external_id = body.text("external_id");
    definition.title = body.text("title");
    definition.unit = body.text("unit");
    definition.frequency = body.word("frequency", &frequency_from);
    definition.naics = body.text_or_empty("naics");
    definition.geo = body.text("geo");
    definition.licence = read_licence(body);
    return definition;
}

/// The same series of a provider is the same benchmark, however often it is registered.
BenchmarkId benchmark_id(domain::TenantId tenant, const Definition& definition) {
    return {events::id_of_name(
        tenant, "benchmark",
        std::string{to_text(definition.provider)} + ":" + definition.external_id)};
}

/// What a file would bring, for people who try its parameters.
std::string preview_of(const std::vector<Event>& facts) {
    constexpr std::size_t previewed_max = 20;
    events::Writer out;
    out.open();
    for (const auto& fact : facts) {
        const auto& import = std::get<ObservationsImported>(fact);
        out.key("format").text(import.format).key("received").integer(import.received);
        out.key("accepted").integer(static_cast<std::int64_t>(import.observations.size()));
        out.key("known").integer(import.known).key("missing").integer(import.missing);
        out.key("rejected").integer(import.rejected).key("rejects").open_list();
        for (std::size_t i = 0; i < std::min(import.rejects.size(), previewed_max); ++i) {
            const auto& reject = import.rejects[i];
            out.open().key("line").integer(reject.line).key("code").text(reject.code);
            out.key("detail").text(reject.detail).close();
        }
        out.close_list();
    }
    return out.close().take();
}

domain::Result<ObservationFile> file_of(const Request& request, const Definition& series) {
    const auto options = file_options_from(request.parameters, request.today);
    if (!options) return std::unexpected(options.error());
    if (!request.rows.empty()) return observations_from_csv(request.rows, series, *options);
    if (!request.body)
        return domain::refuse(validation_failed, "send the provider's file as JSON or text/csv");
    return observations_from_json(request.body->root(), series, *options);
}

/// The metric in the path, by its key or its id.
domain::Result<domain::metric::State> metric_in_path(events::Store& store, const Request& request) {
    const auto found = request.path.find("metric");
    const std::string_view name = found == request.path.end() ? std::string_view{} : found->second;
    const auto id = domain::uuid_from(name);
    auto loaded = load<domain::metric::Metric>(
        store, nullptr, request.who.tenant, id ? *id : metric_id(request.who.tenant, name).value);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    if (!loaded->state.exists) return domain::refuse(domain::metric::unknown);
    return std::move(loaded->state);
}

domain::Result<void> check_deflator(events::Store& store, const Request& request,
                                    const Mapping& mapping) {
    if (!mapping.deflator) return {};
    const auto known = store.read(
        request.who.tenant, {std::string{Benchmark::category}, mapping.deflator->value}, 0, 1);
    if (!known) return std::unexpected(known.error());
    if (!known->empty()) return {};
    return std::unexpected(
        domain::Refusal{invalid_benchmark,
                        {},
                        {{"#/deflator", "unknown-benchmark", "There is no such benchmark."}}});
}

}  // namespace

domain::Result<Proposal> register_series(events::Store& store, events::Keys& keys,
                                         const Request& request) {
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    auto definition = read_definition(body);
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    const auto id = benchmark_id(request.who.tenant, definition);
    auto proposal =
        propose<Benchmark>(store, keys, request, id.value, Register{id, std::move(definition)});
    if (proposal) proposal->append.status = 201;
    return proposal;
}

/// As propose(), but the file cannot be read before the series is known.
domain::Result<Proposal> import(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<BenchmarkId>(request, "benchmark");
    if (!id) return std::unexpected(id.error());
    const auto loaded = load<Benchmark>(store, nullptr, request.who.tenant, id->value);
    if (!loaded) return std::unexpected(loaded.error());
    if (!loaded->state.exists) return domain::refuse(unknown);
    if (auto fits = check_expected(request, loaded->version, loaded->past); !fits)
        return std::unexpected(std::move(fits.error()));
    auto file = file_of(request, loaded->state.definition);
    if (!file) return std::unexpected(std::move(file.error()));
    if (file->too_many)
        return domain::refuse(validation_failed,
                              "a file holds at most " + std::to_string(rows_max) + " values");
    // A repeat of the command names the same import.
    const auto decision = decide(loaded->state, Import{{request.command.value},
                                                       std::move(file->format),
                                                       std::move(file->rows),
                                                       file->missing,
                                                       std::move(file->rejects),
                                                       request.today});
    if (!decision) return std::unexpected(decision.error());
    auto write = write_for<Benchmark>(keys, request, id->value, loaded->version, *decision);
    if (!write) return std::unexpected(std::move(write.error()));
    Proposal proposal{append_for(request), !decision->empty(), preview_of(*decision)};
    if (!decision->empty()) proposal.append.status = 201;
    proposal.append.writes.push_back(*std::move(write));
    return proposal;
}

domain::Result<Proposal> retire(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<BenchmarkId>(request, "benchmark");
    if (!id) return std::unexpected(id.error());
    return propose<Benchmark>(store, keys, request, id->value, Retire{request.today});
}

domain::Result<Proposal> map(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<BenchmarkId>(request, "benchmark");
    if (!id) return std::unexpected(id.error());
    const auto metric = metric_in_path(store, request);
    if (!metric) return std::unexpected(metric.error());
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    Mapping mapping;
    mapping.transform = body.word("transform", &transform_from);
    mapping.adjustment = body.maybe_word("adjustment", &adjustment_from).value_or(Adjustment::none);
    mapping.deflator = body.maybe_id<BenchmarkId>("deflator");
    mapping.factor = body.maybe_decimal("factor").value_or(mapping.factor);
    mapping.factor_unit = body.text_or_empty("factor_unit");
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    if (auto fits = check_deflator(store, request, mapping); !fits)
        return std::unexpected(std::move(fits.error()));
    return propose<Benchmark>(store, keys, request, id->value,
                              Map{metric->metric, metric->definition.unit, std::move(mapping)});
}

domain::Result<Proposal> unmap(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<BenchmarkId>(request, "benchmark");
    if (!id) return std::unexpected(id.error());
    const auto metric = metric_in_path(store, request);
    if (!metric) return std::unexpected(metric.error());
    return propose<Benchmark>(store, keys, request, id->value, Unmap{metric->metric});
}

}  // namespace commands::benchmark
