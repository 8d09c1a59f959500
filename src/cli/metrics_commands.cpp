// The part of the table of commands that is about metrics.
#include "src/cli/common_flags.hpp"
#include "src/cli/handlers.hpp"

namespace cli {
namespace {

constexpr Flag dry_run_flag{"-n,--dry-run", "", "Say what would be done, and change nothing"};
constexpr Flag metrics_flags[]{tenant_needed, limit_flag};
constexpr Flag compact_flags[]{
    dry_run_flag,
    {"--older-than-days", "N", "Instead of metrics.pack_after_days"},
};
constexpr Flag packed_flags[]{limit_flag};
constexpr Flag retention_ls_flags[]{tenant_flag, limit_flag};
constexpr Flag retention_run_flags[]{dry_run_flag};
constexpr Flag import_flags[]{
    tenant_needed,
    dry_run_flag,
    {"--at", "COLUMN", "Holds RFC 3339 times or dates (default at)"},
    {"--value", "COLUMN", "Holds decimals (default value)"},
    {"--metric", "COLUMN", "Holds metrics' keys (default metric)"},
    {"--metric-key", "KEY", "The one metric of all rows, in place of a column"},
    {"--location", "COLUMN", "Holds locations' keys (default location, where there is one)"},
    {"--unit", "COLUMN", "Holds units, to be checked (default unit, where there is one)"},
    {"--dimension", "COLUMN:NAME", "Holds a dimension; several with commas"},
    {"--delimiter", "C", "Between columns: one character, or tab (default ,)"},
    {"--run", "NAME", "Another name loads once more what was loaded already"},
};
constexpr Argument file_argument[]{
    {"FILE", "A CSV file with a header line, plain or compressed by gzip or zstd"}};

constexpr Command metrics[]{
    {"metrics ls",
     "List the metrics of a tenant",
     {"cairn metrics ls --tenant $TENANT", "cairn metrics ls --tenant $TENANT -o json"},
     {},
     metrics_flags,
     Danger::none,
     metrics_ls},
    {"metrics import",
     "Take points in from a CSV file; run it again to go on after a stop",
     {"cairn metrics import sales.csv --tenant $TENANT",
      "cairn metrics import till.csv.zst --tenant $TENANT --metric-key revenue --at Date --value "
      "Total"},
     file_argument,
     import_flags,
     Danger::mild,
     metrics_import},
    {"metrics packed",
     "The runs that packed points: up to when, how many, bytes before and after, newest first",
     {"cairn metrics packed", "cairn metrics packed --limit 5 -o json"},
     {},
     packed_flags,
     Danger::none,
     metrics_packed},
    {"metrics compact",
     "Pack cold points into segments that queries still read",
     {"cairn metrics compact --dry-run", "cairn metrics compact --older-than-days 28"},
     {},
     compact_flags,
     Danger::mild,
     metrics_compact},
    {"metrics retention ls",
     "What was trimmed of whose history, newest first",
     {"cairn metrics retention ls", "cairn metrics retention ls --tenant $TENANT"},
     {},
     retention_ls_flags,
     Danger::none,
     metrics_retention_ls},
    {"metrics retention run",
     "Trim the histories that plans no longer promise",
     {"cairn metrics retention run --dry-run", "cairn metrics retention run --yes"},
     {},
     retention_run_flags,
     Danger::moderate,
     metrics_retention_run},
};

}  // namespace

std::span<const Command> metrics_commands() { return metrics; }

}  // namespace cli
