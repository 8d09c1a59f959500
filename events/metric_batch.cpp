// The stored form of every event of a batch of points. Add to it; never edit what a release has
// written.
#include "domain/metric_batch.hpp"

#include "events/catalog.hpp"
#include "events/point_columns.hpp"
#include "events/reject_columns.hpp"

namespace events {
using namespace domain::metric_batch;
using Dimensions = std::map<std::string, std::string>;

void put(Writer& out, const Dimensions& dimensions, std::string_view, Sealer&) {
    out.open();
    for (const auto& [name, value] : dimensions) out.key(name).text(value);
    out.close();
}

bool take(Node node, Dimensions& dimensions, std::string_view, Opener&) {
    if (!node.is_object()) return false;
    for (const auto name : node.members()) {
        const auto value = node.find(name)->text();
        if (!value) return false;
        dimensions.emplace(name, *value);
    }
    return true;
}

template <>
struct Spelled<Source> {
    static constexpr auto from = domain::metric::source_from;
};
template <>
struct Shape<Series> {
    static constexpr std::tuple fields{Field{"location", &Series::location},
                                       Field{"dimensions", &Series::dimensions}};
};

template <>
struct Stored<Ingested> {
    static constexpr std::string_view name = "metric-batch.ingested";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{
        Field{"metric", &Ingested::metric},     Field{"batch", &Ingested::batch},
        Field{"source", &Ingested::source},     Field{"unit", &Ingested::unit},
        Field{"series", &Ingested::series},     Field{"points", &Ingested::points},
        Field{"received", &Ingested::received}, Field{"duplicate", &Ingested::duplicate}};
    static constexpr auto upcasts = never_changed;
};
/// Schema 1 had a list of rejects, which is read as it is; only schema 3 says where they are from.
void as_it_is(Document&) {}

template <>
struct Stored<RowsRejected> {
    static constexpr std::string_view name = "metric-batch.rows-rejected";
    static constexpr int schema = 3;
    static constexpr std::tuple fields{
        Field{"batch", &RowsRejected::batch}, Field{"rejected", &RowsRejected::rejected},
        Field{"rejects", &RowsRejected::rejects}, Field{"source", &RowsRejected::source}};
    static constexpr std::array<Upcast, 2> upcasts{&as_it_is, &as_it_is};
};
template <>
struct Stored<Reverted> {
    static constexpr std::string_view name = "metric-batch.reverted";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"batch", &Reverted::batch},
                                       Field{"reason", &Reverted::reason}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of batches is compiled here, once
std::vector<Form> metric_batch_forms() { return Variant<Event>::forms(); }

}  // namespace events
