// The stored form of every location event. Add to it; never edit what a release has written.
#include "domain/location.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::location;

template <>
struct Shape<Profile> {
    static constexpr std::tuple fields{Field{"key", &Profile::key}, Field{"name", &Profile::name},
                                       Field{"time_zone", &Profile::time_zone},
                                       Field{"day_cutoff_minutes", &Profile::day_cutoff_minutes}};
};

template <>
struct Stored<Opened> {
    static constexpr std::string_view name = "location.opened";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"location", &Opened::location},
                                       Field{"profile", &Opened::profile}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Changed> {
    static constexpr std::string_view name = "location.changed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"location", &Changed::location},
                                       Field{"profile", &Changed::profile}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Closed> {
    static constexpr std::string_view name = "location.closed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"location", &Closed::location},
                                       Field{"on", &Closed::on}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of locations is compiled here, once
std::vector<Form> location_forms() { return Variant<Event>::forms(); }

}  // namespace events
