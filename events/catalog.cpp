#include "events/catalog.hpp"

#include <iterator>

namespace events {

std::vector<Form> all_forms() {
    std::vector<Form> forms;
    for (auto* aggregate :
         {&alert_rule_forms, &anomaly_forms, &benchmark_forms, &closure_forms, &cohort_forms,
          &goal_forms, &location_forms, &metric_forms, &metric_batch_forms, &tenant_forms,
          &user_forms}) {
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

}  // namespace events
