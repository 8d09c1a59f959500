#pragma once
#include "events/sealing.hpp"
#include "projections/columns.hpp"
#include "src/security/secrets.hpp"

#include <map>
#include <set>

/// The keys that sign checkpoints, by lane: derived from the file, published in the database.
namespace postgres {

inline constexpr domain::Reason sealing_keys_differ{
    domain::Reason::Kind::unavailable, "sealing-keys-differ",
    "The keys that sign checkpoints are not those this log was sealed with"};

/// The seeds of a lane's signing keys, derived from the epochs of the file.
events::LaneSeeds lane_seeds(const security::KeyEpochs& epochs, int lane);

/// One lane's keys, and the seeds that we have of them.
struct LaneSigner {
    std::string origin;
    events::LaneKeys keys;
    events::LaneSeeds seeds;
};

/// Keys that the database does not have yet.
struct NewKeys {
    projections::SmallInts lanes;
    projections::Ints epochs;
    projections::Byteas notes;

    std::set<int> of_lanes;

    void add(int lane, int epoch, const std::string& note);
};

/// The signers of all lanes; what they publish first is added to `added`. Refuses when the keys
/// that are published are others', or when a seed that has to vouch for the next key is gone.
domain::Result<std::map<int, LaneSigner>> signers_of(pqxx::transaction_base& tx,
                                                     const security::KeyEpochs& epochs,
                                                     NewKeys& added);

}  // namespace postgres
