// The stored form of every webhook event. Add to it; never edit what a release has written.
#include "domain/webhook.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::webhook;

template <>
struct Spelled<Cause> {
    static constexpr auto from = cause_from;
};

template <>
struct Shape<Filter> {
    static constexpr std::tuple fields{Field{"types", &Filter::types},
                                       Field{"streams", &Filter::streams}};
};
template <>
struct Shape<Definition> {
    static constexpr std::tuple fields{Field{"url", &Definition::url},
                                       Field{"description", &Definition::description},
                                       Field{"filter", &Definition::filter}};
};

template <>
struct Stored<Created> {
    static constexpr std::string_view name = "webhook.created";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"webhook", &Created::webhook},
                                       Field{"definition", &Created::definition},
                                       Field{"secret", &Created::secret}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Changed> {
    static constexpr std::string_view name = "webhook.changed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"webhook", &Changed::webhook},
                                       Field{"definition", &Changed::definition}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Enabled> {
    static constexpr std::string_view name = "webhook.enabled";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"webhook", &Enabled::webhook}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Disabled> {
    static constexpr std::string_view name = "webhook.disabled";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"webhook", &Disabled::webhook},
                                       Field{"cause", &Disabled::cause}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<SecretRotated> {
    static constexpr std::string_view name = "webhook.secret-rotated";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"webhook", &SecretRotated::webhook},
                                       Field{"secret", &SecretRotated::secret}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Deleted> {
    static constexpr std::string_view name = "webhook.deleted";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"webhook", &Deleted::webhook}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of webhooks is compiled here, once
std::vector<Form> webhook_forms() { return Variant<Event>::forms(); }

}  // namespace events
