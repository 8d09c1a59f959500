// The stored form of every closure event. Add to it; never edit what a release has written.
#include "domain/closure.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::closure;

template <>
struct Shape<Closure> {
    static constexpr std::tuple fields{Field{"location", &Closure::location},
                                       Field{"from", &Closure::from}, Field{"to", &Closure::to},
                                       Field{"reason", &Closure::reason}};
};

template <>
struct Stored<Planned> {
    static constexpr std::string_view name = "closure.planned";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"closure", &Planned::closure},
                                       Field{"what", &Planned::what}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Cancelled> {
    static constexpr std::string_view name = "closure.cancelled";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"closure", &Cancelled::closure}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of closures is compiled here, once
std::vector<Form> closure_forms() { return Variant<Event>::forms(); }

}  // namespace events
