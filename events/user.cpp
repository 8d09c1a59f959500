// The stored form of every user event. Add to it; never edit what a release has written.
#include "domain/user.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::user;

template <>
struct Stored<Registered> {
    static constexpr std::string_view name = "user.registered";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{
        Field{"user", &Registered::user}, Field{"email", &Registered::email},
        Field{"display_name", &Registered::display_name}, Field{"locale", &Registered::locale},
        Field{"time_zone", &Registered::time_zone}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<ProfileChanged> {
    static constexpr std::string_view name = "user.profile-changed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{
        Field{"user", &ProfileChanged::user}, Field{"display_name", &ProfileChanged::display_name},
        Field{"locale", &ProfileChanged::locale}, Field{"time_zone", &ProfileChanged::time_zone}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Deactivated> {
    static constexpr std::string_view name = "user.deactivated";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"user", &Deactivated::user},
                                       Field{"on", &Deactivated::on}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of users is compiled here, once
std::vector<Form> user_forms() { return Variant<Event>::forms(); }

}  // namespace events
