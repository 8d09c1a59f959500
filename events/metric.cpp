// The stored form of every metric event. Add to it; never edit what a release has written.
#include "domain/metric.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::metric;

template <>
struct Spelled<Kind> {
    static constexpr auto from = kind_from;
};
template <>
struct Spelled<Additivity> {
    static constexpr auto from = additivity_from;
};
template <>
struct Spelled<Aggregation> {
    static constexpr auto from = aggregation_from;
};
template <>
struct Spelled<GoodDirection> {
    static constexpr auto from = good_direction_from;
};
template <>
struct Spelled<GapPolicy> {
    static constexpr auto from = gap_policy_from;
};

template <>
struct Shape<Definition> {
    static constexpr std::tuple fields{Field{"key", &Definition::key},
                                       Field{"name", &Definition::name},
                                       Field{"kind", &Definition::kind},
                                       Field{"unit", &Definition::unit},
                                       Field{"additivity", &Definition::additivity},
                                       Field{"aggregation", &Definition::aggregation},
                                       Field{"good_direction", &Definition::good_direction},
                                       Field{"gap_policy", &Definition::gap_policy},
                                       Field{"dimensions", &Definition::dimensions},
                                       Field{"precision", &Definition::precision},
                                       Field{"formula", &Definition::formula},
                                       Field{"minimum", &Definition::minimum},
                                       Field{"maximum", &Definition::maximum}};
};

template <>
struct Stored<Defined> {
    static constexpr std::string_view name = "metric.defined";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"metric", &Defined::metric},
                                       Field{"definition", &Defined::definition}};
    static constexpr auto upcasts = never_changed;
};
/// Schema 1 had no day: the formula held for the whole history, as it does without one.
void whole_history(Document&) {}

template <>
struct Stored<Revised> {
    static constexpr std::string_view name = "metric.revised";
    static constexpr int schema = 2;
    static constexpr std::tuple fields{Field{"metric", &Revised::metric},
                                       Field{"definition", &Revised::definition},
                                       Field{"recompute_from", &Revised::recompute_from}};
    static constexpr std::array<Upcast, 1> upcasts{&whole_history};
};
template <>
struct Stored<Archived> {
    static constexpr std::string_view name = "metric.archived";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"metric", &Archived::metric},
                                       Field{"on", &Archived::on}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of metrics is compiled here, once
std::vector<Form> metric_forms() { return Variant<Event>::forms(); }

}  // namespace events
