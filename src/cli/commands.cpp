// The one table of commands. Whoever adds a command adds it here, in handlers.hpp, and in its file.
#include "src/cli/common_flags.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/projection_flags.hpp"

#include <algorithm>

namespace cli {
namespace {

constexpr Flag type_flag{"--type", "TYPE", "Only this type; * stands for anything: 'goal.*'"};
constexpr Flag stream_flag{"--stream", "STREAM", "Only this stream, such as goal-<id>"};
constexpr Flag confirm_flag{"--confirm", "NAME", "The exact name of what will be lost"};

constexpr Argument stream_argument[]{{"STREAM", "category-id, such as goal-<id>"}};
constexpr Argument projection_argument[]{{"NAME", "A name from cairn projection ls"}};
constexpr Argument projection_arguments[]{{"NAME", "Names from cairn projection ls", false, true}};
constexpr Argument projection_filter[]{{"NAME", "Only this projection", false}};
constexpr Argument tenant_argument[]{{"TENANT:UUID", "The tenant's id"}};
constexpr Argument plan_arguments[]{{"TENANT:UUID", "The tenant's id"},
                                    {"PLAN:starter|pro|enterprise", "The plan from now on"}};
constexpr Argument goal_argument[]{{"GOAL:UUID", "The goal's id"}};
constexpr Argument event_argument[]{{"EVENT:UUID", "The event's id"}};
constexpr Argument key_argument[]{{"KEY", "Such as http.listen"}};
constexpr Argument shell_argument[]{{"SHELL:bash|zsh|fish", "The shell to make it for"}};
constexpr Argument topic_argument[]{{"TOPIC", "A command, or exit-codes", false, true}};
constexpr Argument words_argument[]{{"WORDS", "The words of the line so far", false, true}};

constexpr Flag dev_flags[]{
    {"--port", "N", "Serve on 127.0.0.1:N (default 8080)"},
    {"--listen", "HOST:PORT", "Where clients connect"},
    {"--admin-listen", "HOST:PORT", "Where probes and metrics are"},
    {"--seed", "demo|none", "What a new database holds (default demo)"},
    {"--ephemeral", "", "Keep the data in a directory that goes away at the end"},
    {"--reset", "", "Throw the data away first; asks, or needs --yes"},
};
constexpr Flag serve_flags[]{
    {"--listen", "HOST:PORT", "Where clients connect"},
    {"--admin-listen", "HOST:PORT", "Where probes and metrics are"},
    {"--roles", "LIST", "of api, projector and webhooks (default: all)"},
};
constexpr Flag admin_flags[]{{"--admin-listen", "HOST:PORT", "Where the server is asked"}};
constexpr Flag status_flags[]{
    {"--admin-listen", "HOST:PORT", "Where the server is asked"},
    {"--watch", "", "Look again each second: heads, lags, rates, last advance"},
    {"--count", "N", "With --watch: end after so many looks"},
};
constexpr Flag health_flags[]{
    {"--live", "", "Only whether the process answers, not whether it is ready"},
    {"--admin-listen", "HOST:PORT", "Where to ask"},
};
constexpr Flag down_flags[]{{"--steps", "N", "How many migrations (default 1)"}, confirm_flag};
constexpr Flag limit_flags[]{limit_flag};
constexpr Flag tenant_flags[]{tenant_flag};
constexpr Flag token_flags[]{
    tenant_needed,
    {"--user", "UUID", "The member whom the token stands for", true},
    {"--role", "owner|manager|staff|adviser|viewer", "What the token may do", true},
    {"--expires", "DURATION", "Such as 12h or 30d (default auth.token_seconds)"},
};
constexpr Flag tail_flags[]{
    tenant_flag,
    type_flag,
    stream_flag,
    {"--after", "PLACE", "Start there instead of now: LANE:POSITION,… or a time"},
    {"--count", "N", "End after so many events"},
};
constexpr Flag search_flags[]{
    tenant_flag,
    type_flag,
    stream_flag,
    limit_flag,
    {"--after", "PLACE", "Only later: LANE:POSITION,…, a position, or a time"},
    {"--order", "asc|desc", "Oldest or newest first (default desc)"},
};
constexpr Flag streams_flags[]{
    tenant_flag, limit_flag, {"--category", "WORD", "goal, tenant or user"}};
constexpr Flag stream_show_flags[]{tenant_flag, limit_flag};
constexpr Flag state_flags[]{
    tenant_flag,
    {"--at", "MOMENT", "A version, an @position or a time (default the last version)"},
};
constexpr Flag diff_flags[]{
    tenant_flag,
    {"--from", "MOMENT", "The earlier version, @position or time (default before --to)"},
    {"--to", "MOMENT", "The later version, @position or time (default the last version)"},
};
constexpr Flag retry_flags[]{tenant_flag, stream_flag};
constexpr Flag goals_flags[]{
    tenant_needed,
    limit_flag,
    {"--status", "WORD", "draft, on_track, at_risk, off_track, unknown, completed, …"},
    {"--as-of", "MOMENT", "The list at an @position or a time (default now)"},
};
constexpr Flag goals_diff_flags[]{
    tenant_needed,
    limit_flag,
    {"--from", "MOMENT", "The earlier @position or time", true},
    {"--to", "MOMENT", "The later @position or time (default now)"},
};
constexpr Flag goal_flags[]{tenant_needed};
constexpr Flag plan_flags[]{dry_run_flag};
constexpr Flag show_flags[]{{"--origin", "", "Also where each value comes from"}};

constexpr Command all[]{
    {"dev",
     "Start everything for a try: a database of its own, demo data, and the server",
     {"cairn dev", "cairn dev --port 9090 --ephemeral"},
     {},
     dev_flags,
     Danger::moderate,
     dev},
    {"serve",
     "Start the server on a database that is migrated",
     {"cairn serve", "cairn serve --listen 0.0.0.0:8080 --roles api"},
     {},
     serve_flags,
     Danger::none,
     serve},
    {"health",
     "Ask a running server whether it is ready",
     {"cairn health", "cairn health --live"},
     {},
     health_flags,
     Danger::none,
     health},

    {"migrate up",
     "Apply the migrations that are missing",
     {"cairn migrate up", "cairn migrate up --db 'host=db dbname=cairn'"},
     {},
     {},
     Danger::mild,
     migrate_up},
    {"migrate down",
     "Take back the newest migrations, with all data in them",
     {"cairn migrate down --confirm cairn", "cairn migrate down --steps 2 --confirm cairn"},
     {},
     down_flags,
     Danger::severe,
     migrate_down},
    {"migrate status",
     "List the migrations and whether they are applied",
     {"cairn migrate status", "cairn migrate status -o json"},
     {},
     {},
     Danger::none,
     migrate_status},
    {"migrate verify",
     "Check that the database has exactly this program's schema",
     {"cairn migrate verify", "cairn migrate verify -q && cairn serve"},
     {},
     {},
     Danger::none,
     migrate_verify},

    {"tenant ls",
     "List the tenants",
     {"cairn tenant ls", "cairn tenant ls -o json"},
     {},
     limit_flags,
     Danger::none,
     tenant_ls},
    {"tenant show",
     "Show a tenant and its members",
     {"cairn tenant show 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn tenant show 01890a5d-ac96-774b-bcce-b302099a8057 -o json"},
     tenant_argument,
     {},
     Danger::none,
     tenant_show},
    {"tenant plan",
     "Change a tenant's plan; a lower one keeps history for 30 more days",
     {"cairn tenant plan 01890a5d-ac96-774b-bcce-b302099a8057 pro",
      "cairn tenant plan 01890a5d-ac96-774b-bcce-b302099a8057 starter --dry-run"},
     plan_arguments,
     plan_flags,
     Danger::mild,
     tenant_plan},
    {"token create",
     "Sign an access token with the keys in the secrets directory",
     {"cairn token create --tenant $TENANT --user $USER_ID --role owner",
      "cairn token create --tenant $TENANT --user $USER_ID --role viewer --expires 30d"},
     {},
     token_flags,
     Danger::mild,
     token_create},

    {"events tail",
     "Follow the log as it grows",
     {"cairn events tail --type 'goal.*'", "cairn events tail --count 10 -o jsonl"},
     {},
     tail_flags,
     Danger::none,
     events_tail},
    {"events search",
     "Find events; personal values stay sealed",
     {"cairn events search --type goal.drafted --limit 10",
      "cairn events search --after 2026-01-01T00:00:00Z --order asc -o jsonl"},
     {},
     search_flags,
     Danger::none,
     events_search},
    {"events get",
     "Show one event with its cause and its effects",
     {"cairn events get 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn events get 01890a5d-ac96-774b-bcce-b302099a8057 -o json"},
     event_argument,
     tenant_flags,
     Danger::none,
     events_get},

    {"streams ls",
     "List the streams and their versions",
     {"cairn streams ls --category goal", "cairn streams ls --limit 10 -o json"},
     {},
     streams_flags,
     Danger::none,
     streams_ls},
    {"streams show",
     "List the events of one stream",
     {"cairn streams show goal-01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn streams show goal-01890a5d-ac96-774b-bcce-b302099a8057 -o jsonl"},
     stream_argument,
     stream_show_flags,
     Danger::none,
     streams_show},
    {"streams state",
     "Fold a stream and show the state, as JSON",
     {"cairn streams state goal-01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn streams state goal-01890a5d-ac96-774b-bcce-b302099a8057 --at 7"},
     stream_argument,
     state_flags,
     Danger::none,
     streams_state},
    {"streams diff",
     "Show what changed in a stream's state between two versions",
     {"cairn streams diff goal-01890a5d-ac96-774b-bcce-b302099a8057 --from 5 --to 7",
      "cairn streams diff goal-01890a5d-ac96-774b-bcce-b302099a8057 -o json"},
     stream_argument,
     diff_flags,
     Danger::none,
     streams_diff},

    {"projection ls",
     "List the projections, how far they are, and what is parked",
     {"cairn projection ls", "cairn projection ls -o json"},
     {},
     {},
     Danger::none,
     projection_ls},
    {"projection show",
     "Show one projection lane by lane",
     {"cairn projection show goal_board", "cairn projection show goal_board -o json"},
     projection_argument,
     {},
     Danger::none,
     projection_show},
    {"projection pause",
     "Stop a projection everywhere until it is resumed",
     {"cairn projection pause goal_board", "cairn projection pause directory -q"},
     projection_argument,
     {},
     Danger::mild,
     projection_pause},
    {"projection resume",
     "Let a paused or failed projection go on",
     {"cairn projection resume goal_board", "cairn projection resume directory -q"},
     projection_argument,
     {},
     Danger::mild,
     projection_resume},
    {"projection rebuild",
     "Fold the whole log beside the read models, verify, and switch",
     {"cairn projection rebuild goal_board metric_board",
      "cairn projection rebuild --all --throttle 5000 -o json"},
     projection_arguments,
     rebuild_flags,
     Danger::mild,
     projection_rebuild},
    {"projection switch",
     "Switch back to the revision before the last rebuild",
     {"cairn projection switch goal_board", "cairn projection switch --all --yes"},
     projection_arguments,
     switch_flags,
     Danger::moderate,
     projection_switch},
    {"projection dead-letters ls",
     "List the keys that a projection could not fold",
     {"cairn projection dead-letters ls", "cairn projection dead-letters ls goal_board -o json"},
     projection_filter,
     limit_flags,
     Danger::none,
     dead_letters_ls},
    {"projection dead-letters retry",
     "Fold the parked keys of a projection again",
     {"cairn projection dead-letters retry goal_board",
      "cairn projection dead-letters retry goal_board --stream goal-<id>"},
     projection_argument,
     retry_flags,
     Danger::mild,
     dead_letters_retry},

    {"replay",
     "Fold history again and compare it with the read models, which stay as they are",
     {"cairn replay goal_board --compare", "cairn replay --all --what-if --samples 5 -o json"},
     projection_arguments,
     replay_flags,
     Danger::none,
     replay},
    {"schema check",
     "Decode every stored shape of events with this build, before it is deployed",
     {"cairn schema check", "cairn schema check --every -o json"},
     {},
     schema_flags,
     Danger::none,
     schema_check},

    {"goals ls",
     "List the goals of a tenant as the board shows them",
     {"cairn goals ls --tenant $TENANT --status at_risk",
      "cairn goals ls --tenant $TENANT --as-of 2026-01-31T08:00:00Z"},
     {},
     goals_flags,
     Danger::none,
     goals_ls},
    {"goals diff",
     "Show which goals were added, removed or changed between two moments, and how",
     {"cairn goals diff --tenant $TENANT --from 2026-01-31T08:00:00Z",
      "cairn goals diff --tenant $TENANT --from @1200 --to @1500 -o json"},
     {},
     goals_diff_flags,
     Danger::none,
     goals_diff},
    {"goals show",
     "Show one goal with its five groups",
     {"cairn goals show --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn goals show --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 -o json"},
     goal_argument,
     goal_flags,
     Danger::none,
     goals_show},

    {"status",
     "One screen: the log, the projections, the server",
     {"cairn status", "cairn status --watch"},
     {},
     status_flags,
     Danger::none,
     status},
    {"doctor",
     "Check everything around the program, and say how to repair it",
     {"cairn doctor", "cairn doctor -o json"},
     {},
     admin_flags,
     Danger::none,
     doctor},

    {"config show",
     "Show the values in force",
     {"cairn config show", "cairn config show --origin"},
     {},
     show_flags,
     Danger::none,
     config_show},
    {"config check",
     "Check the configuration and do nothing",
     {"cairn config check", "cairn config check --config /etc/cairn/cairn.toml"},
     {},
     {},
     Danger::none,
     config_check},
    {"config explain",
     "Say what one key means and where its value comes from",
     {"cairn config explain http.listen", "cairn config explain data_dir"},
     key_argument,
     {},
     Danger::none,
     config_explain},

    {"completion",
     "Print the completion script of a shell",
     {"source <(cairn completion bash)",
      "cairn completion fish > ~/.config/fish/completions/cairn.fish"},
     shell_argument,
     {},
     Danger::none,
     completion,
     false},
    {"help",
     "Explain a command, or the exit codes",
     {"cairn help events tail", "cairn help exit-codes"},
     topic_argument,
     {},
     Danger::none,
     help,
     false},
    {"__complete",
     "Candidates for the last word of a line",
     {"cairn __complete -- ev", ""},
     words_argument,
     {},
     Danger::none,
     complete,
     false,
     true},
};

constexpr Flag globals[]{
    {"--config", "FILE", "Configuration file; none disables it"},
    {"--data-dir", "DIR", "The directory of the private cluster and the secrets"},
    {"--db", "URL", "The database, as a libpq string without a user"},
    {"-o,--output", "table|json|jsonl|csv|none", "How data are printed"},
    {"--json", "", "The same as -o json"},
    {"--color", "auto|always|never", "Whether to use colours"},
    {"-q,--quiet", "", "No messages, only data and errors"},
    {"-v,--verbose", "", "More messages; may be repeated"},
    {"-y,--yes", "", "Answer yes to moderate confirmations"},
    {"--no-input", "", "Never ask; what is missing is exit code 9"},
    {"-h,--help", "", "This text"},
    {"--version", "", "The version of the program"},
};

}  // namespace

std::span<const Command> commands() {
    static const auto joined = [] {
        std::vector<Command> table{std::begin(all), std::end(all)};
        for (const auto part :
             {metrics_commands(), webhooks_commands(), audit_commands(), relay_commands()}) {
            const auto place = std::ranges::find(table, "status", &Command::path);
            table.insert(place, part.begin(), part.end());
        }
        return table;
    }();
    return joined;
}
std::span<const Flag> global_flags() { return globals; }

const Command* find_command(std::string_view path) {
    for (const auto& command : commands()) {
        if (command.path == path) return &command;
    }
    return nullptr;
}

}  // namespace cli
