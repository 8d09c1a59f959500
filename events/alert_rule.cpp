// The stored form of every alert rule event. Add to it; never edit what a release has written.
#include "domain/alert_rule.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::alert_rule;

template <>
struct Spelled<Comparison> {
    static constexpr auto from = comparison_from;
};
template <>
struct Spelled<Grain> {
    static constexpr auto from = grain_from;
};
template <>
struct Spelled<Severity> {
    static constexpr auto from = domain::anomaly::severity_from;
};

template <>
struct Shape<Definition> {
    static constexpr std::tuple fields{Field{"name", &Definition::name},
                                       Field{"metric", &Definition::metric},
                                       Field{"location", &Definition::location},
                                       Field{"comparison", &Definition::comparison},
                                       Field{"threshold", &Definition::threshold},
                                       Field{"grain", &Definition::grain},
                                       Field{"for_periods", &Definition::for_periods},
                                       Field{"severity", &Definition::severity}};
};

template <>
struct Stored<Set> {
    static constexpr std::string_view name = "alert-rule.set";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{
        Field{"rule", &Set::rule}, Field{"definition", &Set::definition}, Field{"on", &Set::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Removed> {
    static constexpr std::string_view name = "alert-rule.removed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"rule", &Removed::rule}, Field{"on", &Removed::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Raised> {
    static constexpr std::string_view name = "alert-rule.raised";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"rule", &Raised::rule}, Field{"on", &Raised::on},
                                       Field{"value", &Raised::value},
                                       Field{"threshold", &Raised::threshold}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Resolved> {
    static constexpr std::string_view name = "alert-rule.resolved";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"rule", &Resolved::rule}, Field{"on", &Resolved::on},
                                       Field{"value", &Resolved::value}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of alert rules is compiled here, once
std::vector<Form> alert_rule_forms() { return Variant<Event>::forms(); }

}  // namespace events
