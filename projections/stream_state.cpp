#include "projections/stream_state.hpp"

#include "domain/tenant.hpp"
#include "domain/user.hpp"
#include "events/codec.hpp"
#include "events/document.hpp"
#include "events/writer.hpp"
#include "projections/goal_board.hpp"

namespace projections {
namespace {

using events::Writer;

template <class Aggregate>
domain::Result<typename Aggregate::State> fold(std::span<const events::Recorded> past) {
    typename Aggregate::State state;
    for (const auto& recorded : past) {
        auto event = events::codec<typename Aggregate::Event>().decode(recorded, nullptr);
        if (!event) return std::unexpected(std::move(event.error()));
        state = evolve(std::move(state), *event);
    }
    return state;
}

void put_action_items(Writer& out, const domain::goal::State& state) {
    out.key("action_items").open_list();
    for (const auto& [id, item] : state.action_items) {
        out.open().key("id").text(domain::to_text(id)).key("title").text(item.title);
        out.key("status").text(to_text(item.status));
        if (item.assignee) out.key("assignee").text(domain::to_text(*item.assignee));
        if (item.due) out.key("due").text(domain::to_text(*item.due));
        if (item.completed_on) out.key("completed_on").text(domain::to_text(*item.completed_on));
        out.close();
    }
    out.close_list();
}

std::string to_json(const domain::goal::State& state, std::int64_t version) {
    const bool learned = state.conclusion && state.conclusion->learnings;
    const auto groups = goal_board::groups_of(
        state, learned ? "\"" + std::string{sealed_text} + "\"" : std::string{"null"});
    Writer out;
    out.open().key("goal").text(domain::to_text(state.goal)).key("version").integer(version);
    out.key("title").text(state.title).key("owner").text(domain::to_text(state.owner));
    out.key("lifecycle").text(to_text(state.lifecycle)).key("status").text(status_of(state));
    out.key("health").text(to_text(state.health)).key("progress");
    if (const auto share = progress(state)) out.number(*share);
    else out.null();
    out.key("specific").raw(groups.specific).key("measurable").raw(groups.measurable);
    out.key("achievable").raw(groups.achievable).key("relevant").raw(groups.relevant);
    out.key("time_bound").raw(groups.time_bound).key("outcome").raw(groups.outcome);
    put_action_items(out, state);
    out.key("readings").integer(state.readings);
    return out.close().take();
}

std::string to_json(const domain::tenant::State& state, std::int64_t version) {
    const auto& profile = state.profile;
    Writer out;
    out.open().key("tenant").text(domain::to_text(state.tenant)).key("version").integer(version);
    out.key("name").text(profile.name).key("country").text(profile.country);
    out.key("currency").text(profile.currency).key("time_zone").text(profile.time_zone);
    out.key("industry").text(profile.industry).key("week_start").integer(profile.week_start);
    out.key("day_cutoff_minutes").integer(profile.day_cutoff_minutes);
    out.key("plan_tier").text(to_text(state.plan_tier)).key("members").open();
    for (const auto& member : state.members)
        out.key(domain::to_text(member.user)).text(to_text(member.role));
    return out.close().close().take();
}

std::string to_json(const domain::user::State& state, std::int64_t version) {
    Writer out;
    out.open().key("user").text(domain::to_text(state.user)).key("version").integer(version);
    out.key("active").boolean(state.active).key("display_name").text(sealed_text);
    out.key("locale").text(state.locale).key("time_zone").text(state.time_zone);
    return out.close().take();
}

template <class Aggregate>
domain::Result<std::string> folded_json(std::span<const events::Recorded> past) {
    const auto state = fold<Aggregate>(past);
    if (!state) return std::unexpected(state.error());
    return to_json(*state, past.back().version);
}

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
    if (category == domain::goal::Goal::category) return folded_json<domain::goal::Goal>(past);
    if (category == domain::tenant::Tenant::category)
        return folded_json<domain::tenant::Tenant>(past);
    if (category == domain::user::User::category) return folded_json<domain::user::User>(past);
    return domain::refuse(no_fold, category);
}

std::string state_json(const domain::goal::State& state, std::int64_t version) {
    return to_json(state, version);
}

std::map<std::string, std::string> flat_members(std::string_view json) {
    std::map<std::string, std::string> members;
    if (const auto document = events::Document::parse(json)) flatten(document->root(), "", members);
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
    Writer out;
    out.open_list();
    for (const auto& one : differences(before, after)) {
        out.open().key("pointer").text(one.pointer);
        out.key("from").raw(one.from.value_or("null"));
        out.key("to").raw(one.to.value_or("null")).close();
    }
    return out.close_list().take();
}

}  // namespace projections
