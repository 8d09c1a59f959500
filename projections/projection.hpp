#pragma once
#include "domain/base/decider.hpp"
#include "events/recorded.hpp"

#include <span>

namespace pqxx {
class transaction_base;
}

/// What a read model is: load, fold, save.
namespace projections {

/// An event that does not fold; its key is parked, and what follows for the key with it.
struct Poison {
    std::size_t index{};  ///< into the batch
    domain::Refusal why;
};
using Applied = std::expected<void, Poison>;

struct Projection {
    std::string_view name;
    /// Categories it reads; events of others are passed over.
    std::span<const std::string_view> categories;
    /// Only events whose type begins so; empty: all of its categories.
    std::string_view type_prefix;
    /// Every table it writes, and nobody else does.
    std::span<const std::string_view> tables;
    /// Folds a batch in lane order into its tables: one statement each to load and to save,
    /// however many events. Runs inside the transaction that moves the checkpoint. Of the events
    /// only what `postgres::folded_columns` names has been read.
    Applied (*apply)(pqxx::transaction_base& tx, std::span<const events::Recorded> batch);
    /// At most so many wanted events in one batch, where they are large; 0: as many as there are.
    int wanted_max = 0;
    /// No row holds what events of two streams say, so that streams may be folded side by side.
    bool by_stream = false;
    /// Those of its tables into which it only ever inserts, and reads nothing: a rebuild makes
    /// their keys when the rows are there.
    std::span<const std::string_view> appended = {};
};

/// Every read model there is.
std::span<const Projection> catalog();
/// The projection named `name`; null when there is none.
const Projection* find(std::string_view name);

}  // namespace projections
