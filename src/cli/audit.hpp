#pragma once
#include "events/lane_audit.hpp"
#include "src/cli/command.hpp"

#include <filesystem>

namespace pqxx {
class transaction_base;
}

/// What the commands of `cairn audit` share.
namespace cli::audit {

/// As the auditor, who sees headers and digests and no payload.
Outcome as_auditor(const Context& context,
                   const std::function<Outcome(pqxx::transaction_base&)>& work);

/// The keys of --trust FILE, or else of the secrets directory. A failure when there are none.
Checked<std::vector<events::NoteKey>> trusted_keys(const Context& context,
                                                   const std::vector<std::string>& origins);
/// What --witness DIR has kept; nothing without the flag.
Checked<std::vector<events::Kept>> kept_checkpoints(const Context& context);

Columns finding_columns();
Row finding_row(int lane, std::int64_t events, std::int64_t checkpoints,
                const std::optional<events::Finding>& finding);

/// What a witness has cosigned so far, in a directory of its own.
struct WitnessState {
    std::filesystem::path directory;
    events::SigningSeed seed{};
    events::NoteKey key;
    std::vector<events::NoteKey> pinned;             ///< of logs, by origin
    std::map<std::string, events::Checkpoint> last;  ///< by origin
};

}  // namespace cli::audit
