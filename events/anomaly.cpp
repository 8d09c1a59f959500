// The stored form of every anomaly event. Add to it; never edit what a release has written.
#include "domain/anomaly.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::anomaly;

template <>
struct Spelled<Kind> {
    static constexpr auto from = kind_from;
};
template <>
struct Spelled<Severity> {
    static constexpr auto from = severity_from;
};

template <>
struct Shape<Finding> {
    static constexpr std::tuple fields{Field{"metric", &Finding::metric},
                                       Field{"location", &Finding::location},
                                       Field{"on", &Finding::on},
                                       Field{"kind", &Finding::kind},
                                       Field{"severity", &Finding::severity},
                                       Field{"observed", &Finding::observed},
                                       Field{"expected", &Finding::expected},
                                       Field{"low", &Finding::low},
                                       Field{"high", &Finding::high},
                                       Field{"score", &Finding::score}};
};

template <>
struct Stored<Detected> {
    static constexpr std::string_view name = "anomaly.detected";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"anomaly", &Detected::anomaly},
                                       Field{"finding", &Detected::finding}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Withdrawn> {
    static constexpr std::string_view name = "anomaly.withdrawn";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"anomaly", &Withdrawn::anomaly},
                                       Field{"observed", &Withdrawn::observed}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Explained> {
    static constexpr std::string_view name = "anomaly.explained";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"anomaly", &Explained::anomaly},
                                       Field{"note", &Explained::note}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Dismissed> {
    static constexpr std::string_view name = "anomaly.dismissed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"anomaly", &Dismissed::anomaly},
                                       Field{"note", &Dismissed::note}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of anomalies is compiled here, once
std::vector<Form> anomaly_forms() { return Variant<Event>::forms(); }

}  // namespace events
