#include "domain/goal_rules.hpp"

#include <algorithm>

namespace domain::goal {
namespace {

constexpr int score_max = 5;
constexpr std::size_t vague_below_bytes = 20;
constexpr int feasibility_low_max = 3;
constexpr int window_days_min = 7;
constexpr int window_days_max = 730;
constexpr int days_without_milestones_max = 90;

/// One letter: it starts full, and every issue takes something away.
class Letter {
public:
    explicit Letter(std::vector<std::string>& issues) : issues_{issues} {}

    void lose(int points, const char* issue) {
        score_ = std::max(0, score_ - points);
        issues_.emplace_back(issue);
    }
    int score() const { return score_; }

private:
    std::vector<std::string>& issues_;
    int score_{score_max};
};

int specific(const State& state, Letter letter) {
    const auto& description = state.specific.description;
    if (is_blank(description)) letter.lose(score_max, "specific-description-missing");
    else if (description.size() < vague_below_bytes) letter.lose(2, "specific-description-vague");
    if (is_blank(state.specific.focus_area)) letter.lose(1, "specific-focus-area-missing");
    return letter.score();
}

bool points_the_other_way(const Measure& measure) {
    if (measure.direction == Direction::increase) return measure.target < measure.baseline;
    if (measure.direction == Direction::decrease) return measure.target > measure.baseline;
    return false;
}

int measurable(const State& state, Letter letter) {
    const auto& measure = state.measure;
    if (!measure) {
        letter.lose(score_max, "measurable-metric-missing");
        return letter.score();
    }
    if (is_blank(measure->metric) && !measure->metric_id)
        letter.lose(3, "measurable-metric-missing");
    if (!is_stay(measure->direction) && measure->target == measure->baseline)
        letter.lose(3, "measurable-baseline-equals-target");
    if (points_the_other_way(*measure)) letter.lose(3, "measurable-direction-contradicts-target");
    if (is_blank(measure->unit)) letter.lose(1, "measurable-unit-missing");
    return letter.score();
}

int achievable(const State& state, Letter letter) {
    const auto score = state.achievable.feasibility_score;
    if (!score) letter.lose(2, "achievable-score-missing");
    else if (*score <= feasibility_low_max) letter.lose(1, "achievable-score-low");
    if (is_blank(state.achievable.reasoning)) letter.lose(2, "achievable-reasoning-missing");
    if (state.achievable.resources_required.empty()) letter.lose(1, "achievable-resources-missing");
    return letter.score();
}

int relevant(const State& state, Letter letter) {
    if (is_blank(state.relevant.business_impact)) letter.lose(3, "relevant-impact-missing");
    if (state.relevant.aligned_goals.empty() && state.relevant.aligned_metrics.empty())
        letter.lose(2, "relevant-alignment-missing");
    return letter.score();
}

int time_bound(const State& state, Letter letter) {
    if (!state.timeframe) {
        letter.lose(score_max, "time-bound-missing");
        return letter.score();
    }
    const int days = state.timeframe->due - state.timeframe->start;
    if (days < window_days_min) letter.lose(2, "time-bound-too-short");
    if (days > window_days_max) letter.lose(2, "time-bound-too-long");
    if (days > days_without_milestones_max && state.milestones.empty())
        letter.lose(1, "time-bound-no-milestones");
    return letter.score();
}

}  // namespace

Assessment assess(const State& state) {
    Assessment found;
    found.specific = specific(state, Letter{found.issues});
    found.measurable = measurable(state, Letter{found.issues});
    found.achievable = achievable(state, Letter{found.issues});
    found.relevant = relevant(state, Letter{found.issues});
    found.time_bound = time_bound(state, Letter{found.issues});
    return found;
}

}  // namespace domain::goal
