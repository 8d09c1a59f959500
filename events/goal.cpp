// The stored form of every goal event. Add to it; never edit what a release has written.
#include "domain/goal.hpp"

#include "events/catalog.hpp"
#include "events/goal_shapes.hpp"

namespace events {
using namespace domain::goal;

template <>
struct Stored<Drafted> {
    static constexpr std::string_view name = "goal.drafted";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &Drafted::goal},
                                       Field{"title", &Drafted::title},
                                       Field{"owner", &Drafted::owner},
                                       Field{"specific", &Drafted::specific},
                                       Field{"measure", &Drafted::measure},
                                       Field{"timeframe", &Drafted::timeframe},
                                       Field{"achievable", &Drafted::achievable},
                                       Field{"relevant", &Drafted::relevant}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Described> {
    static constexpr std::string_view name = "goal.described";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &Described::goal},
                                       Field{"title", &Described::title},
                                       Field{"specific", &Described::specific}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<OwnerChanged> {
    static constexpr std::string_view name = "goal.owner-changed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &OwnerChanged::goal},
                                       Field{"owner", &OwnerChanged::owner}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<MeasureSet> {
    static constexpr std::string_view name = "goal.measure-set";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &MeasureSet::goal},
                                       Field{"measure", &MeasureSet::measure}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<TimeframeSet> {
    static constexpr std::string_view name = "goal.timeframe-set";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &TimeframeSet::goal},
                                       Field{"timeframe", &TimeframeSet::timeframe}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<FeasibilityStated> {
    static constexpr std::string_view name = "goal.feasibility-stated";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &FeasibilityStated::goal},
                                       Field{"achievable", &FeasibilityStated::achievable}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<RelevanceStated> {
    static constexpr std::string_view name = "goal.relevance-stated";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &RelevanceStated::goal},
                                       Field{"relevant", &RelevanceStated::relevant}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<SmartAssessed> {
    static constexpr std::string_view name = "goal.smart-assessed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &SmartAssessed::goal},
                                       Field{"assessment", &SmartAssessed::assessment}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Activated> {
    static constexpr std::string_view name = "goal.activated";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &Activated::goal}, Field{"on", &Activated::on},
                                       Field{"path", &Activated::path}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Revised> {
    static constexpr std::string_view name = "goal.revised";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{
        Field{"goal", &Revised::goal}, Field{"measure", &Revised::measure},
        Field{"timeframe", &Revised::timeframe}, Field{"path", &Revised::path},
        Field{"reason", &Revised::reason}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<CheckedIn> {
    static constexpr std::string_view name = "goal.checked-in";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &CheckedIn::goal},
                                       Field{"check_in", &CheckedIn::check_in},
                                       Field{"as_of", &CheckedIn::as_of},
                                       Field{"value", &CheckedIn::value},
                                       Field{"confidence", &CheckedIn::confidence},
                                       Field{"notes", &CheckedIn::notes},
                                       Field{"blockers", &CheckedIn::blockers},
                                       Field{"next_step", &CheckedIn::next_step},
                                       Field{"source", &CheckedIn::source}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<HealthChanged> {
    static constexpr std::string_view name = "goal.health-changed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &HealthChanged::goal},
                                       Field{"from", &HealthChanged::from},
                                       Field{"to", &HealthChanged::to},
                                       Field{"reasons", &HealthChanged::reasons},
                                       Field{"on", &HealthChanged::on},
                                       Field{"progress", &HealthChanged::progress},
                                       Field{"expected", &HealthChanged::expected}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<MilestoneAdded> {
    static constexpr std::string_view name = "goal.milestone-added";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{
        Field{"goal", &MilestoneAdded::goal}, Field{"milestone", &MilestoneAdded::milestone},
        Field{"title", &MilestoneAdded::title}, Field{"due", &MilestoneAdded::due},
        Field{"target", &MilestoneAdded::target}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<MilestoneRescheduled> {
    static constexpr std::string_view name = "goal.milestone-rescheduled";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &MilestoneRescheduled::goal},
                                       Field{"milestone", &MilestoneRescheduled::milestone},
                                       Field{"due", &MilestoneRescheduled::due}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<MilestoneCompleted> {
    static constexpr std::string_view name = "goal.milestone-completed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &MilestoneCompleted::goal},
                                       Field{"milestone", &MilestoneCompleted::milestone},
                                       Field{"on", &MilestoneCompleted::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<MilestoneRemoved> {
    static constexpr std::string_view name = "goal.milestone-removed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &MilestoneRemoved::goal},
                                       Field{"milestone", &MilestoneRemoved::milestone}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<ActionItemAdded> {
    static constexpr std::string_view name = "goal.action-item-added";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{
        Field{"goal", &ActionItemAdded::goal}, Field{"item", &ActionItemAdded::item},
        Field{"title", &ActionItemAdded::title}, Field{"assignee", &ActionItemAdded::assignee},
        Field{"due", &ActionItemAdded::due}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<ActionItemStarted> {
    static constexpr std::string_view name = "goal.action-item-started";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &ActionItemStarted::goal},
                                       Field{"item", &ActionItemStarted::item},
                                       Field{"on", &ActionItemStarted::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<ActionItemCompleted> {
    static constexpr std::string_view name = "goal.action-item-completed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &ActionItemCompleted::goal},
                                       Field{"item", &ActionItemCompleted::item},
                                       Field{"on", &ActionItemCompleted::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<ActionItemRescheduled> {
    static constexpr std::string_view name = "goal.action-item-rescheduled";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &ActionItemRescheduled::goal},
                                       Field{"item", &ActionItemRescheduled::item},
                                       Field{"due", &ActionItemRescheduled::due}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<ActionItemCancelled> {
    static constexpr std::string_view name = "goal.action-item-cancelled";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &ActionItemCancelled::goal},
                                       Field{"item", &ActionItemCancelled::item},
                                       Field{"on", &ActionItemCancelled::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Completed> {
    static constexpr std::string_view name = "goal.completed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &Completed::goal},
                                       Field{"outcome", &Completed::outcome},
                                       Field{"final_value", &Completed::final_value},
                                       Field{"completion_rate", &Completed::completion_rate},
                                       Field{"learnings", &Completed::learnings},
                                       Field{"on", &Completed::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Abandoned> {
    static constexpr std::string_view name = "goal.abandoned";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &Abandoned::goal},
                                       Field{"reason", &Abandoned::reason},
                                       Field{"on", &Abandoned::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Reopened> {
    static constexpr std::string_view name = "goal.reopened";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &Reopened::goal},
                                       Field{"reason", &Reopened::reason},
                                       Field{"on", &Reopened::on}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<Archived> {
    static constexpr std::string_view name = "goal.archived";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"goal", &Archived::goal}, Field{"on", &Archived::on}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of goals is compiled here, once
std::vector<Form> goal_forms() { return Variant<Event>::forms(); }

}  // namespace events
