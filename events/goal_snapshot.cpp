#include "events/goal_snapshot.hpp"

#include "domain/base/check.hpp"
#include "events/goal_shapes.hpp"

namespace events {

template <>
struct Spelled<Lifecycle> {
    static constexpr auto from = lifecycle_from;
};
template <>
struct Spelled<ActionStatus> {
    static constexpr auto from = action_status_from;
};
template <>
struct Shape<Milestone> {
    static constexpr std::tuple fields{
        Field{"title", &Milestone::title}, Field{"due", &Milestone::due},
        Field{"target", &Milestone::target}, Field{"completed_on", &Milestone::completed_on}};
};
template <>
struct Shape<ActionItem> {
    static constexpr std::tuple fields{
        Field{"title", &ActionItem::title}, Field{"assignee", &ActionItem::assignee},
        Field{"due", &ActionItem::due}, Field{"status", &ActionItem::status},
        Field{"completed_on", &ActionItem::completed_on}};
};
template <>
struct Shape<Reading> {
    static constexpr std::tuple fields{Field{"as_of", &Reading::as_of},
                                       Field{"value", &Reading::value}};
};
template <>
struct Shape<CheckInSeen> {
    static constexpr std::tuple fields{Field{"as_of", &CheckInSeen::as_of},
                                       Field{"confidence", &CheckInSeen::confidence}};
};
template <>
struct Shape<Conclusion> {
    static constexpr std::tuple fields{
        Field{"outcome", &Conclusion::outcome}, Field{"final_value", &Conclusion::final_value},
        Field{"completion_rate", &Conclusion::completion_rate},
        Field{"learnings", &Conclusion::learnings}, Field{"on", &Conclusion::on}};
};
template <>
struct Shape<State> {
    static constexpr std::tuple fields{Field{"exists", &State::exists},
                                       Field{"goal", &State::goal},
                                       Field{"title", &State::title},
                                       Field{"owner", &State::owner},
                                       Field{"lifecycle", &State::lifecycle},
                                       Field{"before_archive", &State::before_archive},
                                       Field{"specific", &State::specific},
                                       Field{"measure", &State::measure},
                                       Field{"timeframe", &State::timeframe},
                                       Field{"achievable", &State::achievable},
                                       Field{"relevant", &State::relevant},
                                       Field{"assessment", &State::assessment},
                                       Field{"activated_on", &State::activated_on},
                                       Field{"path", &State::path},
                                       Field{"current", &State::current},
                                       Field{"last_check_in", &State::last_check_in},
                                       Field{"readings", &State::readings},
                                       Field{"readings_within", &State::readings_within},
                                       Field{"health", &State::health},
                                       Field{"milestones", &State::milestones},
                                       Field{"action_items", &State::action_items},
                                       Field{"conclusion", &State::conclusion}};
};

namespace {

/// A snapshot never seals or opens anything.
class NoKeys final : public Keys {
public:
    domain::Result<std::string> seal(const Place&, domain::SubjectId, std::string_view) override {
        throw domain::Defect{"a snapshot was asked to seal a clear value"};
    }
    domain::Result<domain::Personal> open(const Place&, const domain::Sealed&) override {
        throw domain::Defect{"a snapshot was asked to open a value"};
    }
};

}  // namespace

std::string goal_snapshot(const domain::goal::State& state) {
    static NoKeys keys;
    const Destination nowhere{keys, {}, {}, 0};
    Sealer sealer{nowhere, "goal.snapshot"};
    Writer out;
    put_object(out, state, Shape<State>::fields, sealer);
    return out.take();
}

domain::Result<domain::goal::State> goal_from_snapshot(std::string_view json) {
    auto document = Document::parse_stored(json);
    if (!document) return std::unexpected(std::move(document.error()));
    State state;
    const Recorded nothing;
    Opener opener{nothing, nullptr};
    if (!take_object(document->root(), state, Shape<State>::fields, opener))
        return domain::refuse(unreadable, "a goal's snapshot");
    return state;
}

}  // namespace events
