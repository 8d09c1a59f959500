#include "domain/goal_rules.hpp"

#include <algorithm>

namespace domain::goal {
namespace {

// 9999-12-31: dates beyond it have no text.
constexpr Date last_day{2'932'896};

void add(Faults& faults, std::string pointer, const char* code, std::string detail) {
    faults.push_back({std::move(pointer), code, std::move(detail)});
}

void check_length(Faults& faults, std::string_view pointer, std::string_view text,
                  std::size_t bytes_max) {
    if (text.size() > bytes_max)
        add(faults, std::string{pointer}, "too-long",
            "Use at most " + std::to_string(bytes_max) + " bytes of UTF-8.");
    if (text.contains('\0'))
        add(faults, std::string{pointer}, "format", "Leave out the NUL characters.");
}

void check_title(Faults& faults, std::string_view title) {
    if (is_blank(title)) add(faults, "#/title", "required", "Give a title that is not blank.");
    check_length(faults, "#/title", title, title_bytes_max);
}

void check_text(Faults& faults, std::string_view pointer, std::string_view text) {
    check_length(faults, pointer, text, text_bytes_max);
}

void check_personal(Faults& faults, std::string_view pointer,
                    const std::optional<Personal>& value) {
    if (value && value->clear() != nullptr) check_text(faults, pointer, *value->clear());
}

void check_count(Faults& faults, std::string_view pointer, std::size_t count) {
    if (count > parts_max)
        add(faults, std::string{pointer}, "too-long",
            "List at most " + std::to_string(parts_max) + " entries.");
}

void check_texts(Faults& faults, const std::string& pointer,
                 const std::vector<std::string>& texts) {
    check_count(faults, pointer, texts.size());
    const auto checked = std::min(texts.size(), parts_max);
    for (std::size_t i = 0; i < checked; ++i)
        check_text(faults, pointer + "/" + std::to_string(i), texts[i]);
}

void check_one_to_ten(Faults& faults, const char* pointer, std::optional<int> number) {
    if (number && (*number < 1 || *number > 10))
        add(faults, pointer, "range", "Give a whole number from 1 to 10.");
}

bool check_day(Faults& faults, const char* pointer, Date day) {
    if (day >= Date{} && day <= last_day) return true;
    add(faults, pointer, "range", "Give a day of the years 1970 to 9999.");
    return false;
}

void check(Faults& faults, const Specific& specific) {
    check_text(faults, "#/specific/description", specific.description);
    check_text(faults, "#/specific/focus_area", specific.focus_area);
}

void check_limits(Faults& faults, const Measure& measure) {
    const bool both = measure.low && measure.high;
    if (!measure.low)
        add(faults, "#/measurable/low", "required", "Give the lower limit of stay_within.");
    if (!measure.high)
        add(faults, "#/measurable/high", "required", "Give the upper limit of stay_within.");
    if (both && *measure.low >= *measure.high)
        add(faults, "#/measurable/high", "order", "Give an upper limit above the lower one.");
    else if (both && (measure.target < *measure.low || measure.target > *measure.high))
        add(faults, "#/measurable/target_value", "range", "Give a target within both limits.");
}

void check(Faults& faults, const Measure& measure) {
    check_text(faults, "#/measurable/metric", measure.metric);
    check_text(faults, "#/measurable/unit", measure.unit);
    if (measure.direction == Direction::increase && measure.target <= measure.baseline)
        add(faults, "#/measurable/target_value", "direction",
            "Give a target above the baseline, or choose another direction.");
    if (measure.direction == Direction::decrease && measure.target >= measure.baseline)
        add(faults, "#/measurable/target_value", "direction",
            "Give a target below the baseline, or choose another direction.");
    if (measure.direction == Direction::stay_within) return check_limits(faults, measure);
    if (measure.low)
        add(faults, "#/measurable/low", "direction", "Give limits only with stay_within.");
    if (measure.high)
        add(faults, "#/measurable/high", "direction", "Give limits only with stay_within.");
}

void check(Faults& faults, const Timeframe& timeframe) {
    const bool start_is_day = check_day(faults, "#/time_bound/start_date", timeframe.start);
    const bool due_is_day = check_day(faults, "#/time_bound/target_date", timeframe.due);
    if (!start_is_day || !due_is_day) return;
    if (timeframe.due <= timeframe.start)
        add(faults, "#/time_bound/target_date", "order", "Give a target date after the start.");
    if (timeframe.due - timeframe.start > horizon_days_max)
        add(faults, "#/time_bound/target_date", "range",
            "Give a target date at most " + std::to_string(horizon_days_max) +
                " days after the start.");
}

void check(Faults& faults, const Achievable& achievable) {
    check_one_to_ten(faults, "#/achievable/feasibility_score", achievable.feasibility_score);
    check_text(faults, "#/achievable/reasoning", achievable.reasoning);
    check_texts(faults, "#/achievable/resources_required", achievable.resources_required);
}

void check(Faults& faults, const Relevant& relevant) {
    check_count(faults, "#/relevant/aligned_goals", relevant.aligned_goals.size());
    check_texts(faults, "#/relevant/aligned_metrics", relevant.aligned_metrics);
    check_text(faults, "#/relevant/business_impact", relevant.business_impact);
    check_texts(faults, "#/relevant/evidence_ids", relevant.evidence_ids);
}

bool is_absent(const std::optional<Personal>& value) { return !value || value->empty(); }

}  // namespace

Faults faults_of(const Draft& c) {
    Faults faults;
    check_title(faults, c.title);
    check(faults, c.specific);
    if (c.measure) check(faults, *c.measure);
    if (c.achievable) check(faults, *c.achievable);
    if (c.relevant) check(faults, *c.relevant);
    if (c.timeframe) check(faults, *c.timeframe);
    return faults;
}

Faults faults_of(const Update& c, const State& state) {
    Faults faults;
    if (c.title) check_title(faults, *c.title);
    if (c.specific) check(faults, *c.specific);
    if (c.specific && state.lifecycle == Lifecycle::active && is_blank(c.specific->description))
        add(faults, "#/specific/description", "required",
            "Keep a description: the goal is active.");
    if (c.measure) check(faults, *c.measure);
    if (c.achievable) check(faults, *c.achievable);
    if (c.relevant) check(faults, *c.relevant);
    if (c.timeframe) check(faults, *c.timeframe);
    check_personal(faults, "#/reason", c.reason);
    return faults;
}

Faults faults_of(const CheckIn& c, const Timeframe& timeframe) {
    Faults faults;
    if (!c.value && !c.confidence && is_absent(c.notes) && is_absent(c.blockers) &&
        is_absent(c.next_step))
        add(faults, "#/value", "required",
            "Give a value, a confidence, notes, blockers or a next step.");
    check_one_to_ten(faults, "#/confidence", c.confidence);
    if (c.as_of > c.today) add(faults, "#/as_of", "range", "Give a day that is not in the future.");
    if (c.as_of.days < std::int64_t{timeframe.start.days} - 1)
        add(faults, "#/as_of", "range", "Give a day not earlier than the day before the start.");
    check_personal(faults, "#/notes", c.notes);
    check_personal(faults, "#/blockers", c.blockers);
    check_personal(faults, "#/next_step", c.next_step);
    return faults;
}

Faults faults_of(const AddMilestone& c) {
    Faults faults;
    check_title(faults, c.title);
    check_day(faults, "#/due", c.due);
    return faults;
}

Faults faults_of(const AddActionItem& c) {
    Faults faults;
    check_title(faults, c.title);
    if (c.due) check_day(faults, "#/due", *c.due);
    return faults;
}

Faults faults_of(const Complete& c) {
    Faults faults;
    check_personal(faults, "#/learnings", c.learnings);
    return faults;
}

Faults faults_of_due(Date due) {
    Faults faults;
    check_day(faults, "#/due", due);
    return faults;
}

Faults faults_of_reason(const std::optional<Personal>& reason) {
    Faults faults;
    check_personal(faults, "#/reason", reason);
    return faults;
}

Faults faults_of_path(const Path& path, const Measure& measure, const Timeframe& timeframe) {
    Faults faults;
    if (path.empty()) return faults;
    const auto not_later = [](const PathPoint& a, const PathPoint& b) { return b.on <= a.on; };
    if (path.front().on < timeframe.start)
        add(faults, "#/path", "range", "Begin the path not earlier than the start date.");
    if (std::ranges::adjacent_find(path, not_later) != path.end())
        add(faults, "#/path", "order", "Give each point a later day than the one before.");
    if (path.back().on != timeframe.due || path.back().expected != measure.target)
        add(faults, "#/path", "range", "End the path on the target date with the target value.");
    return faults;
}

Faults lacks_for_activation(const State& state, Date today) {
    Faults faults;
    if (is_blank(state.specific.description))
        add(faults, "#/specific", "specific-description-missing",
            "Describe what is to be reached.");
    if (!state.measure || (is_blank(state.measure->metric) && !state.measure->metric_id))
        add(faults, "#/measurable", "measurable-metric-missing",
            "Say what is counted, from where to where.");
    if (!state.timeframe)
        add(faults, "#/time_bound", "time-bound-missing", "Give a start and a target date.");
    else if (state.timeframe->due < today)
        add(faults, "#/time_bound", "time-bound-past", "Give a target date that is not over.");
    return faults;
}

}  // namespace domain::goal
