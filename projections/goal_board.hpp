#pragma once
#include "domain/goal.hpp"
#include "projections/columns.hpp"
#include "projections/projection.hpp"

#include <map>

/// The board a team looks at: one row per goal, and its check-ins.
namespace projections::goal_board {

struct Row {
    domain::goal::State state;
    std::int64_t version = 0;
    std::int64_t concluded_version = 0;  ///< where the sealed learnings stand in the stream
    domain::Instant created_at;
    domain::Instant updated_at;
};
using Rows = std::map<RowKey, Row>;

struct CheckInRow {
    RowKey goal;
    std::int64_t version{};
    domain::goal::CheckedIn fact;
    events::Actor actor;
    domain::Instant recorded_at;
};

struct Folded {
    Rows rows;
    std::vector<CheckInRow> check_ins;
};

/// The rows after `batch`, given the rows it touches as they were before. Pure. An event that a
/// row has seen already changes nothing.
std::expected<Folded, Poison> fold(Rows rows, std::span<const events::Recorded> batch);

/// The groups of a goal as people know them, as JSON objects; also served over HTTP.
struct GroupsJson {
    std::string specific, measurable, achievable, relevant, time_bound, outcome;
};
/// `learnings` is the value to show, as JSON; the sealed one when the reader may not open it.
GroupsJson groups_of(const domain::goal::State& state, std::string_view learnings);

extern const Projection projection;

}  // namespace projections::goal_board
