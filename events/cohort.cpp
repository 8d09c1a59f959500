// The stored form of every cohort event. Add to it; never edit what a release has written.
#include "domain/cohort.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::cohort;

template <>
struct Shape<Group> {
    static constexpr std::tuple fields{Field{"naics", &Group::naics},
                                       Field{"country", &Group::country}};
};

template <>
struct Stored<Joined> {
    static constexpr std::string_view name = "cohort.joined";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &Joined::tenant},
                                       Field{"group", &Joined::group}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Left> {
    static constexpr std::string_view name = "cohort.left";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &Left::tenant}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of cohorts is compiled here, once
std::vector<Form> cohort_forms() { return Variant<Event>::forms(); }

}  // namespace events
