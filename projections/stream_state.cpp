#include "projections/stream_state.hpp"

#include "events/document.hpp"
#include "projections/state_form.hpp"

#include <algorithm>

namespace projections {
namespace {

/// Who folds and writes the streams of a category. One without a line here would be refused: the
/// test StreamState.EveryCategoryHasOne walks the catalogue of stored forms.
constexpr std::pair<std::string_view, domain::Result<std::string> (*)(StreamPast)> states[]{
    {"alert-rule", &alert_rule_state},
    {"anomaly", &anomaly_state},
    {"benchmark", &benchmark_state},
    {"closure", &closure_state},
    {"cohort", &cohort_state},
    {"goal", &goal_state},
    {"location", &location_state},
    {"metric", &metric_state},
    {"metric-batch", &metric_batch_state},
    {"tenant", &tenant_state},
    {"user", &user_state},
    {"webhook", &webhook_state},
    {"webhook-list", &webhook_list_state},
};

void flatten(events::Node node, const std::string& pointer,
             std::map<std::string, std::string>& out) {
    if (node.is_object() && !node.members().empty()) {
        for (const auto member : node.members())
            flatten(*node.find(member), pointer + "/" + std::string{member}, out);
    } else if (node.is_list() && !node.items().empty()) {
        int index = 0;
        for (const auto item : node.items())
            flatten(item, pointer + "/" + std::to_string(index++), out);
    } else {
        out[pointer] = node.dump();
    }
}

}  // namespace

domain::Result<std::string> state_json(std::span<const events::Recorded> past) {
    if (past.empty()) return domain::refuse(no_fold, "the stream is empty");
    const auto& category = past.front().stream.category;
    for (const auto& [known, state_of] : states) {
        if (known == category) return state_of(past);
    }
    return domain::refuse(no_fold, category);
}

std::map<std::string, std::string> flat_members(std::string_view json) {
    std::map<std::string, std::string> members;
    if (const auto document = events::Document::parse_stored(json))
        flatten(document->root(), "", members);
    return members;
}

std::vector<Difference> differences(std::string_view before, std::string_view after) {
    const auto old_members = flat_members(before), new_members = flat_members(after);
    auto pointers = old_members;
    pointers.insert(new_members.begin(), new_members.end());
    const auto in = [](const auto& members, const std::string& pointer) {
        const auto found = members.find(pointer);
        return found == members.end() ? std::nullopt : std::optional{found->second};
    };
    std::vector<Difference> found;
    for (const auto& [pointer, value] : pointers) {
        Difference one{pointer, in(old_members, pointer), in(new_members, pointer)};
        if (one.from != one.to) found.push_back(std::move(one));
    }
    return found;
}

std::string differences_json(std::string_view before, std::string_view after) {
    events::Writer out;
    out.open_list();
    for (const auto& one : differences(before, after)) {
        out.open().key("pointer").text(one.pointer);
        out.key("from").raw(one.from.value_or("null"));
        out.key("to").raw(one.to.value_or("null")).close();
    }
    return out.close_list().take();
}

}  // namespace projections
