#pragma once
#include "events/sealing.hpp"
#include "src/postgres/connect.hpp"
#include "src/postgres/sealing_keys.hpp"

/// Sealing: what the log holds becomes leaves of its lane's tree, and the tree's head is signed.
namespace postgres {

inline constexpr domain::Reason sealing_halted{domain::Reason::Kind::defect, "sealing-halted",
                                               "The log cannot be sealed as it is"};

inline constexpr std::int64_t heartbeat_seconds = 60;

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
///
/// Nothing is signed that contradicts what was signed before, by the database's own account, by
/// what this object has signed, and by what stands in the directory of secrets.
class Sealing {
public:
    using LoadKeys = std::function<domain::Result<security::KeyEpochs>()>;
    /// Without `secrets` what was signed is remembered by this object only.
    Sealing(Database database, LoadKeys load_keys, std::filesystem::path secrets = {});
    ~Sealing();

    /// What is there, in batches of 1,000 with a checkpoint each; a heartbeat for a lane whose last
    /// checkpoint is a minute old. New keys are published together with a checkpoint that each of
    /// them signs. After a refusal the next round starts anew.
    domain::Result<SealRound> round(domain::Instant now, Batches batches = Batches::all);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace postgres
