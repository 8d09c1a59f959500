#pragma once
#include "projections/columns.hpp"
#include "src/runtime/projection_batch.hpp"

#include <string>

namespace pqxx {
class transaction_base;
}

/// Books of a projection that is folded in slices: while they are open, `goal_board@next/1of4` and
/// its like have the checkpoints, leases and dead letters, and `goal_board@next` stands still.
/// Whoever is killed leaves them, and the next run of the same program goes on with each.
namespace runtime {

std::string name_of_slice(std::string_view name, Slice slice);

/// Into how many slices the books are split; 0: they are whole.
int slices_of(pqxx::transaction_base& tx, std::string_view name);

/// Splits the books where they are, and takes the leases of all slices; those of a split that was
/// left are taken over.
void take_slices(pqxx::transaction_base& tx, std::string_view name, int count,
                 const LeaseHolder& holder);

/// One book again. Every slice must have come to the same position of each lane; throws
/// domain::Defect otherwise.
void merge_slices(pqxx::transaction_base& tx, std::string_view name);

/// Whether so many threads had too little to do with one lane each: one lane has most of the
/// events between `name` and the projection `live`, and those are at least `events_min`.
bool lanes_are_uneven(pqxx::transaction_base& tx, std::string_view name, std::string_view live,
                      int threads, std::int64_t events_min);

/// How many events the projections `live` have passed that their namesakes with `suffix` have not:
/// of every lane as many as the last of them lacks.
std::int64_t events_behind(pqxx::transaction_base& tx, const projections::Texts& live,
                           std::string_view suffix);

}  // namespace runtime
