// The stored form of every event of a list of webhooks. Add to it; never edit what a release wrote.
#include "domain/webhook_list.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::webhook_list;

template <>
struct Stored<Added> {
    static constexpr std::string_view name = "webhook-list.added";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"webhook", &Added::webhook}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Removed> {
    static constexpr std::string_view name = "webhook-list.removed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"webhook", &Removed::webhook}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of these lists is compiled here, once
std::vector<Form> webhook_list_forms() { return Variant<Event>::forms(); }

}  // namespace events
