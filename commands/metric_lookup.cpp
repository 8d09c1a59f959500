#include "commands/metric_lookup.hpp"

#include "domain/location.hpp"
#include "domain/tenant.hpp"
#include "events/codec.hpp"

namespace commands {
namespace {

/// Folds each stream of `ids` that has events.
template <class Aggregate>
domain::Result<std::vector<typename Aggregate::State>> fold_all(
    events::Store& store, domain::TenantId tenant, const std::vector<domain::Uuid>& ids) {
    std::vector<typename Aggregate::State> states;
    if (ids.empty()) return states;
    auto past = store.read_all(tenant, Aggregate::category, ids);
    if (!past) return std::unexpected(std::move(past.error()));
    for (const auto& event : *past) {
        auto fact = events::codec<typename Aggregate::Event>().decode(event, nullptr);
        if (!fact) return std::unexpected(std::move(fact.error()));
        if (event.version == 1) states.emplace_back();
        states.back() = evolve(std::move(states.back()), *fact);
    }
    return states;
}

constexpr domain::Reason no_calendar{domain::Reason::Kind::defect, "internal",
                                     "Something went wrong on our side"};

domain::Result<domain::tenant::State> tenant_of(events::Store& store, domain::TenantId tenant) {
    auto states = fold_all<domain::tenant::Tenant>(store, tenant, {tenant.value});
    if (!states) return std::unexpected(std::move(states.error()));
    if (states->empty()) return domain::refuse(domain::tenant::unknown);
    return std::move(states->front());
}

}  // namespace

domain::MetricId metric_id(domain::TenantId tenant, std::string_view key) {
    return {events::id_of_name(tenant, "metric", key)};
}

domain::LocationId location_id(domain::TenantId tenant, std::string_view key) {
    return {events::id_of_name(tenant, "location", key)};
}

domain::Result<Metrics> read_metrics(events::Store& store, domain::TenantId tenant,
                                     const Keys& keys) {
    std::vector<domain::Uuid> ids;
    for (const auto& key : keys) ids.push_back(metric_id(tenant, key).value);
    auto states = fold_all<domain::metric::Metric>(store, tenant, ids);
    if (!states) return std::unexpected(std::move(states.error()));
    Metrics metrics;
    for (auto& state : *states) {
        auto key = state.definition.key;
        metrics.emplace(std::move(key), std::move(state));
    }
    return metrics;
}

domain::Result<Calendars> read_calendars(events::Store& store, domain::TenantId tenant,
                                         const Keys& keys) {
    const auto business = tenant_of(store, tenant);
    if (!business) return std::unexpected(business.error());
    const auto& profile = business->profile;
    std::vector<domain::Uuid> ids;
    for (const auto& key : keys) {
        if (!key.empty()) ids.push_back(location_id(tenant, key).value);
    }
    auto locations = fold_all<domain::location::Location>(store, tenant, ids);
    if (!locations) return std::unexpected(std::move(locations.error()));
    Calendars calendars{.kept_from = business->kept_from.points};
    const auto add = [&](const std::string& key, const std::string& zone, int cutoff) {
        if (auto days = domain::BusinessDays::in(zone, cutoff))
            calendars.places.emplace(key, *std::move(days));
    };
    add("", profile.time_zone, profile.day_cutoff_minutes);
    for (const auto& location : *locations) {
        const auto& own = location.profile;
        if (!location.closed)
            add(own.key, own.time_zone.value_or(profile.time_zone),
                own.day_cutoff_minutes.value_or(profile.day_cutoff_minutes));
    }
    // A tenant's zone was checked when it was given, so only a smaller zone database lacks it.
    if (!calendars.places.contains("")) return domain::refuse(no_calendar, "an unknown time zone");
    return calendars;
}

}  // namespace commands
