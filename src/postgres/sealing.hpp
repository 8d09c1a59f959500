#pragma once
#include "events/sealing.hpp"
#include "src/postgres/connect.hpp"
#include "src/security/secrets.hpp"

namespace pqxx {
class transaction_base;
}

/// Sealing: what the log holds becomes leaves of its lane's tree, and the tree's head is signed.
namespace postgres {

inline constexpr domain::Reason sealing_keys_differ{
    domain::Reason::Kind::unavailable, "sealing-keys-differ",
    "The keys that sign checkpoints are not those this log was sealed with"};
inline constexpr domain::Reason sealing_halted{domain::Reason::Kind::defect, "sealing-halted",
                                               "The log cannot be sealed as it is"};

inline constexpr std::int64_t heartbeat_seconds = 60;

/// The seeds of a lane's signing keys, derived from the epochs of the file.
events::LaneSeeds lane_seeds(const security::KeyEpochs& epochs, int lane);

/// One lane's keys, and the seeds that we have of them.
struct LaneSigner {
    std::string origin;
    events::LaneKeys keys;
    events::LaneSeeds seeds;
};
/// Checks every lane's published keys against ours and publishes those that are new. Refuses when
/// they are others', or when a seed that has to vouch for the next key is gone.
domain::Result<std::map<int, LaneSigner>> publish_keys(pqxx::transaction_base& tx,
                                                       const security::KeyEpochs& epochs);

struct SealRound {
    bool ours{};              ///< false: another process seals
    std::int64_t unsealed{};  ///< events that the round found waiting
    std::int64_t sealed{};    ///< of those, now sealed
};

/// Which of a lane's waiting events a round seals.
enum class Batches {
    all,
    whole  ///< those that fill batches; fewer seals, while many events come
};

/// Seals every lane; for one thread. Of all processes the one that holds the lock works; the
/// primary key of a seal, whose first position follows from the last one, keeps two apart anyway.
class Sealing {
public:
    using LoadKeys = std::function<domain::Result<security::KeyEpochs>()>;
    Sealing(Database database, LoadKeys load_keys);
    ~Sealing();

    /// What is there, in batches of 1,000 with a checkpoint each; a heartbeat for a lane whose last
    /// checkpoint is a minute old. After a refusal the next round starts anew.
    domain::Result<SealRound> round(domain::Instant now, Batches batches = Batches::all);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace postgres
