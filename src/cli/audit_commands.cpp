// The part of the table of commands that is about proofs, and about who did what.
#include "src/cli/common_flags.hpp"
#include "src/cli/handlers.hpp"

namespace cli {
namespace {

constexpr Flag lane_flag{"--lane", "N", "Only this lane"};
constexpr Flag trust_flag{"--trust", "FILE", "Keys known beforehand, as cairn audit keys prints"};
constexpr Flag kept_flag{"--witness", "DIR", "Also compare with what this witness has kept"};
constexpr Flag checkpoint_flags[]{
    lane_flag,
    {"--since", "N", "As a request to a witness that has seen so many events"},
};
constexpr Flag lane_flags[]{lane_flag};
constexpr Flag verify_flags[]{trust_flag, kept_flag};
constexpr Flag proof_flags[]{
    lane_flag,
    {"--event", "UUID", "That this event is in the tree"},
    {"--position", "N", "The same, by its position in --lane"},
    {"--from", "N", "That the tree of --to events begins with that of so many"},
    {"--to", "N", "How many (default the newest checkpoint)"},
};
constexpr Flag bundle_flags[]{
    {"--tenant", "UUID", "All events of this tenant, with their payload as it is stored"},
    {"--lane", "N", "All events of this lane, with digests of their payload"},
    {"--out", "FILE", "A new file (default -, the standard output)"},
};
constexpr Flag witness_flags[]{
    {"--state", "DIR", "The witness's own directory, kept apart from the log", true},
    {"--name", "WORD", "What a new witness is called (default cairn-witness)"},
};
constexpr Argument bundle_argument[]{{"BUNDLE", "A bundle, in place of the database", false}};
constexpr Argument request_argument[]{{"REQUEST", "A request in a file, or -", false}};

constexpr Flag audited_flags[]{tenant_flag};
constexpr Argument tenant_argument[]{{"TENANT:UUID", "Whose trail"}};
constexpr Argument trace_argument[]{{"ID:UUID", "Of an event, a command or a correlation"}};
constexpr Flag trail_flags[]{
    tenant_flag,
    {"--actor", "UUID", "Only what this person did"},
    {"--subject", "UUID", "Only where this person's values were read"},
    {"--action", "WORD", "Only this operation, such as user.list"},
    {"--outcome", "allowed|refused", "Only what was allowed, or refused"},
    {"--correlation", "UUID", "Only this request"},
    {"--since", "TIME", "Only from then on, such as 2026-01-31"},
    {"--until", "TIME", "Only before then"},
    {"--limit", "N", "At most so many (default 50; with -o csv and jsonl all)"},
};

constexpr Command audit_table[]{
    {"audit verify",
     "Check every event, seal, signature and key; exit code 3 names the first that is wrong",
     {"cairn audit verify --witness /mnt/witness", "cairn audit verify export.jsonl --trust keys"},
     bundle_argument,
     verify_flags,
     Danger::none,
     audit_verify},
    {"audit checkpoint",
     "Print the newest signed checkpoint of every lane",
     {"cairn audit checkpoint", "cairn audit checkpoint --lane 0 --since 1200"},
     {},
     checkpoint_flags,
     Danger::none,
     audit_checkpoint},
    {"audit keys",
     "Print the keys that sign checkpoints, for --trust",
     {"cairn audit keys > keys", "cairn audit keys --lane 0 -o json"},
     {},
     lane_flags,
     Danger::none,
     audit_keys},
    {"audit proof",
     "Prove that an event is in the log, or that the log only grew",
     {"cairn audit proof --event 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn audit proof --lane 0 --from 100 --to 200"},
     {},
     proof_flags,
     Danger::none,
     audit_proof},
    {"audit bundle",
     "Write a part of the log that proves itself, for cairn audit verify",
     {"cairn audit bundle --tenant $TENANT --out export.jsonl", "cairn audit bundle --lane 0"},
     {},
     bundle_flags,
     Danger::none,
     audit_bundle},
    {"audit witness",
     "Cosign the newest checkpoints, if they grew from what this witness has seen",
     {"cairn audit witness --state /mnt/witness",
      "cairn audit checkpoint --lane 0 --since 0 | cairn audit witness --state w -"},
     request_argument,
     witness_flags,
     Danger::mild,
     audit_witness},
    {"audit rotate-key",
     "Sign checkpoints with a new key from now on",
     {"cairn audit rotate-key", "cairn audit rotate-key --yes -o json"},
     {},
     {},
     Danger::mild,
     audit_rotate_key},
    {"audit trail",
     "Show who did, read or was refused what",
     {"cairn audit trail --outcome refused --since 2026-01-31",
      "cairn audit trail --tenant $TENANT -o csv > trail.csv"},
     {},
     trail_flags,
     Danger::none,
     audit_trail},
    {"audit trail verify",
     "Check that no entry of the audit trail was changed, lost or put in",
     {"cairn audit trail verify", "cairn audit trail verify --tenant $TENANT --json"},
     {},
     audited_flags,
     Danger::none,
     audit_trail_verify},
    {"audit trail resume",
     "Go on with a trail that somebody has changed, in an entry that tells so for ever",
     {"cairn audit trail resume 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn audit trail resume $TENANT --yes"},
     tenant_argument,
     {},
     Danger::mild,
     audit_trail_resume},
    {"trace",
     "Draw what a request set off: its command, the events, the commands that they caused",
     {"cairn trace 01890a5d-ac96-774b-bcce-b302099a8057", "cairn trace $EVENT --json"},
     trace_argument,
     audited_flags,
     Danger::none,
     trace},
};

}  // namespace

std::span<const Command> audit_commands() { return audit_table; }

}  // namespace cli
