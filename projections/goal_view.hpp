#pragma once
#include "events/writer.hpp"
#include "projections/goal_board.hpp"
#include "projections/query.hpp"

/// A goal as people see it.
namespace projections::goal_board {

/// What a goal's page shows beside its folded state; every member is JSON.
struct Beside {
    std::string check_ins = "[]";
    std::string action_plan = "[]";
    std::string learnings = "null";
};

/// The whole goal as one JSON object, with progress, expectation and health as of `day`.
std::string goal_json(const Row& row, domain::Date day, const Beside& beside);
/// A goal in a list: its members are the whole goal's, but its health is the one on record, by
/// which lists are filtered.
void put_item(events::Writer& out, const Row& row, domain::Date day);

}  // namespace projections::goal_board
