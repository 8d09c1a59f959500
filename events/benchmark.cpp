// The stored form of every benchmark event. Add to it; never edit what a release has written.
#include "domain/benchmark.hpp"

#include "events/catalog.hpp"
#include "events/observation_columns.hpp"

namespace events {
using namespace domain::benchmark;

template <>
struct Spelled<Provider> {
    static constexpr auto from = provider_from;
};
template <>
struct Spelled<Frequency> {
    static constexpr auto from = frequency_from;
};
template <>
struct Spelled<Transform> {
    static constexpr auto from = transform_from;
};
template <>
struct Spelled<Adjustment> {
    static constexpr auto from = adjustment_from;
};

template <>
struct Shape<Licence> {
    static constexpr std::tuple fields{Field{"redistribute", &Licence::redistribute},
                                       Field{"cloud_model_use", &Licence::cloud_model_use},
                                       Field{"attribution", &Licence::attribution}};
};
template <>
struct Shape<domain::benchmark::Definition> {
    static constexpr std::tuple fields{Field{"provider", &Definition::provider},
                                       Field{"external_id", &Definition::external_id},
                                       Field{"title", &Definition::title},
                                       Field{"unit", &Definition::unit},
                                       Field{"frequency", &Definition::frequency},
                                       Field{"naics", &Definition::naics},
                                       Field{"geo", &Definition::geo},
                                       Field{"licence", &Definition::licence}};
};
template <>
struct Shape<Reject> {
    static constexpr std::tuple fields{Field{"line", &Reject::line}, Field{"code", &Reject::code},
                                       Field{"detail", &Reject::detail}};
};
template <>
struct Shape<Mapping> {
    static constexpr std::tuple fields{
        Field{"transform", &Mapping::transform}, Field{"adjustment", &Mapping::adjustment},
        Field{"deflator", &Mapping::deflator}, Field{"factor", &Mapping::factor},
        Field{"factor_unit", &Mapping::factor_unit}};
};

template <>
struct Stored<Registered> {
    static constexpr std::string_view name = "benchmark.registered";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"benchmark", &Registered::benchmark},
                                       Field{"definition", &Registered::definition}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<ObservationsImported> {
    static constexpr std::string_view name = "benchmark.observations-imported";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"import", &ObservationsImported::import},
                                       Field{"format", &ObservationsImported::format},
                                       Field{"observations", &ObservationsImported::observations},
                                       Field{"received", &ObservationsImported::received},
                                       Field{"known", &ObservationsImported::known},
                                       Field{"missing", &ObservationsImported::missing},
                                       Field{"rejected", &ObservationsImported::rejected},
                                       Field{"rejects", &ObservationsImported::rejects}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Mapped> {
    static constexpr std::string_view name = "benchmark.mapped";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"metric", &Mapped::metric},
                                       Field{"mapping", &Mapped::mapping}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Unmapped> {
    static constexpr std::string_view name = "benchmark.unmapped";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"metric", &Unmapped::metric}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Retired> {
    static constexpr std::string_view name = "benchmark.retired";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"on", &Retired::on}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of benchmarks is compiled here, once
std::vector<Form> benchmark_forms() { return Variant<Event>::forms(); }

}  // namespace events
