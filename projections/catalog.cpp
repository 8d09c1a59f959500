#include "projections/action_board.hpp"
#include "projections/benchmark_board.hpp"
#include "projections/directory.hpp"
#include "projections/goal_board.hpp"
#include "projections/metric_board.hpp"
#include "projections/watch_board.hpp"
#include "projections/webhook_board.hpp"

namespace projections {

std::span<const Projection> catalog() {
    static const Projection all[]{goal_board::projection,   directory::projection,
                                  action_board::projection, metric::projection,
                                  watch_board::projection,  benchmark::projection,
                                  webhook_board::projection};
    return all;
}

const Projection* find(std::string_view name) {
    for (const auto& projection : catalog()) {
        if (projection.name == name) return &projection;
    }
    return nullptr;
}

}  // namespace projections
