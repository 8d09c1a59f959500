#include "events/catalog.hpp"

#include "domain/alert_rule.hpp"
#include "domain/anomaly.hpp"
#include "domain/benchmark.hpp"
#include "domain/closure.hpp"
#include "domain/cohort.hpp"
#include "domain/goal.hpp"
#include "domain/location.hpp"
#include "domain/metric.hpp"
#include "domain/metric_batch.hpp"
#include "domain/tenant.hpp"
#include "domain/user.hpp"
#include "domain/webhook.hpp"
#include "domain/webhook_list.hpp"

#include <iterator>

namespace events {
namespace {

template <class Event>
domain::Result<void> decodes_as(const Recorded& event) {
    const auto decoded = codec<Event>().decode(event, nullptr);
    if (!decoded) return std::unexpected(decoded.error());
    return {};
}

/// Who reads the events of a category.
constexpr std::pair<std::string_view, domain::Result<void> (*)(const Recorded&)> readers[]{
    {"alert-rule", &decodes_as<domain::alert_rule::Event>},
    {"anomaly", &decodes_as<domain::anomaly::Event>},
    {"benchmark", &decodes_as<domain::benchmark::Event>},
    {"closure", &decodes_as<domain::closure::Event>},
    {"cohort", &decodes_as<domain::cohort::Event>},
    {"goal", &decodes_as<domain::goal::Event>},
    {"location", &decodes_as<domain::location::Event>},
    {"metric", &decodes_as<domain::metric::Event>},
    {"metric-batch", &decodes_as<domain::metric_batch::Event>},
    {"tenant", &decodes_as<domain::tenant::Event>},
    {"user", &decodes_as<domain::user::Event>},
    {"webhook", &decodes_as<domain::webhook::Event>},
    {"webhook-list", &decodes_as<domain::webhook_list::Event>},
};

}  // namespace

std::vector<Form> all_forms() {
    std::vector<Form> forms;
    for (auto* aggregate :
         {&alert_rule_forms, &anomaly_forms, &benchmark_forms, &closure_forms, &cohort_forms,
          &goal_forms, &location_forms, &metric_forms, &metric_batch_forms, &tenant_forms,
          &user_forms, &webhook_forms, &webhook_list_forms}) {
        auto part = aggregate();
        std::move(part.begin(), part.end(), std::back_inserter(forms));
    }
    return forms;
}

std::optional<Form> form_of(std::string_view type) {
    static const auto forms = all_forms();
    for (const auto& form : forms) {
        if (form.type == type) return form;
    }
    return std::nullopt;
}

domain::Result<void> decodes(const Recorded& event) {
    for (const auto& [category, reads] : readers) {
        if (category == event.stream.category) return reads(event);
    }
    return domain::refuse(unreadable, "nothing here reads " + event.stream.category);
}

}  // namespace events
