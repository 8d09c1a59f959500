#pragma once
#include "domain/goal.hpp"
#include "events/stored.hpp"

/// The stored form of the structs inside goal events, shared with the snapshot of a goal.
namespace events {
using namespace domain::goal;

template <>
struct Spelled<Direction> {
    static constexpr auto from = direction_from;
};
template <>
struct Spelled<Cadence> {
    static constexpr auto from = cadence_from;
};
template <>
struct Spelled<Health> {
    static constexpr auto from = health_from;
};
template <>
struct Spelled<Outcome> {
    static constexpr auto from = outcome_from;
};
template <>
struct Spelled<Source> {
    static constexpr auto from = source_from;
};

template <>
struct Shape<Specific> {
    static constexpr std::tuple fields{Field{"description", &Specific::description},
                                       Field{"focus_area", &Specific::focus_area}};
};
template <>
struct Shape<Measure> {
    static constexpr std::tuple fields{
        Field{"metric", &Measure::metric},       Field{"metric_id", &Measure::metric_id},
        Field{"direction", &Measure::direction}, Field{"baseline", &Measure::baseline},
        Field{"target", &Measure::target},       Field{"low", &Measure::low},
        Field{"high", &Measure::high},           Field{"unit", &Measure::unit}};
};
template <>
struct Shape<Achievable> {
    static constexpr std::tuple fields{
        Field{"feasibility_score", &Achievable::feasibility_score},
        Field{"reasoning", &Achievable::reasoning},
        Field{"resources_required", &Achievable::resources_required}};
};
template <>
struct Shape<Relevant> {
    static constexpr std::tuple fields{Field{"aligned_goals", &Relevant::aligned_goals},
                                       Field{"aligned_metrics", &Relevant::aligned_metrics},
                                       Field{"business_impact", &Relevant::business_impact},
                                       Field{"evidence_ids", &Relevant::evidence_ids}};
};
template <>
struct Shape<Timeframe> {
    static constexpr std::tuple fields{Field{"start", &Timeframe::start},
                                       Field{"due", &Timeframe::due},
                                       Field{"cadence", &Timeframe::cadence}};
};
template <>
struct Shape<PathPoint> {
    static constexpr std::tuple fields{Field{"on", &PathPoint::on},
                                       Field{"expected", &PathPoint::expected}};
};
template <>
struct Shape<Assessment> {
    static constexpr std::tuple fields{
        Field{"specific", &Assessment::specific},     Field{"measurable", &Assessment::measurable},
        Field{"achievable", &Assessment::achievable}, Field{"relevant", &Assessment::relevant},
        Field{"time_bound", &Assessment::time_bound}, Field{"issues", &Assessment::issues}};
};

}  // namespace events
