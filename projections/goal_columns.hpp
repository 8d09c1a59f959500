#pragma once
#include "projections/goal_board.hpp"

/// The columns of board.smart_goals, computed from folded goals: to be saved, or to be asked.
namespace projections::goal_board {

class RowColumns {
public:
    void add(const RowKey& key, const Row& row);

    /// All of them, in the order of the table; the folded state is not among them. Valid while
    /// this stands and nothing is added.
    void bind(pqxx::params& params) const;
    /// What stands for the table in `from`, its columns bound from parameter `first` on.
    static std::string relation(int first);
    /// How many parameters that takes.
    static int count();

private:
    Uuids tenant_, goal_, owner_;
    BigInts version_, concluded_;
    Texts title_, description_, lifecycle_, health_, status_, metric_;
    Jsonbs specific_, measurable_, achievable_, relevant_, time_bound_, outcome_;
    Doubles progress_now_, expected_;
    Decimals current_value_, expected_at_;
    Dates target_date_, health_due_;
    Instants created_, updated_;
};

}  // namespace projections::goal_board
