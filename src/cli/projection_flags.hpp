#pragma once
#include "src/cli/command.hpp"

/// Flags of the commands that fold the log beside the read models.
namespace cli {

inline constexpr Flag dry_run_flag{"-n,--dry-run", "",
                                   "Say what would be done, and change nothing"};
inline constexpr Flag all_flag{"--all", "", "All projections"};
inline constexpr Flag batch_flag{"--batch", "N", "Events in one transaction (default 2000)"};
inline constexpr Flag threads_flag{"--threads", "N",
                                   "Connections that fold side by side (default one a core)"};
inline constexpr Flag throttle_flag{"--throttle", "N", "At most so many events a second"};
inline constexpr Flag rebuild_flags[]{
    all_flag,
    dry_run_flag,
    batch_flag,
    threads_flag,
    throttle_flag,
    {"--no-switch", "", "Build and verify only"},
    {"--accept-difference", "", "Switch also where the rows differ from what serves"},
};
inline constexpr Flag switch_flags[]{all_flag};
inline constexpr Flag replay_flags[]{
    all_flag,
    batch_flag,
    threads_flag,
    throttle_flag,
    {"--compare", "", "Exit 3 when a row differs, and show the first of each table"},
    {"--what-if", "", "Report what this build would change; exit 0"},
    {"--samples", "N", "Differing rows to show of each table (default 1)"},
};
inline constexpr Flag schema_flags[]{{"--every", "", "Every event, not a sample of each shape"}};

}  // namespace cli
