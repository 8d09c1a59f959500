// The part of the table of commands that is about webhooks.
#include "src/cli/common_flags.hpp"
#include "src/cli/handlers.hpp"

namespace cli {
namespace {

constexpr Flag ls_flags[]{tenant_needed, limit_flag};
constexpr Flag types_flag{"--type", "LIST", "Only events of these types: 'goal.*,user.registered'"};
constexpr Flag streams_flag{"--stream", "LIST",
                            "Only events of these streams: goal, or goal- and the id of one"};
constexpr Flag description_flag{"--description", "TEXT", "What it is for"};
constexpr Flag create_flags[]{tenant_needed, types_flag, streams_flag, description_flag};
constexpr Flag set_flags[]{tenant_needed,
                           {"--url", "URL", "Where events go from now on"},
                           types_flag,
                           streams_flag,
                           description_flag};
constexpr Flag one_flags[]{tenant_needed};
constexpr Flag delivery_flags[]{
    tenant_needed,
    {"--status", "pending|delivered|dead", "Only such deliveries"},
    limit_flag,
};
constexpr Flag redeliver_flags[]{
    tenant_needed,
    {"--delivery", "UUID", "One delivery, by the id of its event"},
    {"--since", "INSTANT", "Every dead letter of events queued since then"},
};
constexpr Argument url_argument[]{{"URL", "https, with a public name, on port 443 or 8443"}};
constexpr Argument webhook_argument[]{{"WEBHOOK:UUID", "The webhook's id"}};

constexpr Command webhooks[]{
    {"webhook ls",
     "List the webhooks of a tenant",
     {"cairn webhook ls --tenant $TENANT", "cairn webhook ls --tenant $TENANT -o json"},
     {},
     ls_flags,
     Danger::none,
     webhook_ls},
    {"webhook create",
     "Send a tenant's events from now on to an address; prints the secret that signs them",
     {"cairn webhook create https://example.com/hook --tenant $TENANT",
      "cairn webhook create https://example.com/hook --tenant $TENANT --type 'goal.*'"},
     url_argument,
     create_flags,
     Danger::mild,
     webhook_create},
    {"webhook test",
     "Send a webhook.test from here at once, and tell what came of it",
     {"cairn webhook test --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn webhook test --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 -o json"},
     webhook_argument,
     one_flags,
     Danger::mild,
     webhook_test},
    {"webhook deliveries",
     "What was sent, the newest event first",
     {"cairn webhook deliveries --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn webhook deliveries --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 --status "
      "dead"},
     webhook_argument,
     delivery_flags,
     Danger::none,
     webhook_deliveries},
    {"webhook redeliver",
     "Send a delivery again, or the dead letters since an instant",
     {"cairn webhook redeliver --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 --since "
      "2026-01-31T00:00:00Z",
      "cairn webhook redeliver --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 --delivery "
      "01890a5d-ac96-774b-bcce-b302099a8057"},
     webhook_argument,
     redeliver_flags,
     Danger::mild,
     webhook_redeliver},
    {"webhook set",
     "Change where events go and which; --type and --stream replace the filter",
     {"cairn webhook set --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 --type 'goal.*'",
      "cairn webhook set --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 --type 'goal.*' -o "
      "json"},
     webhook_argument,
     set_flags,
     Danger::mild,
     webhook_set},
    {"webhook enable",
     "Go on where it was disabled; dead letters are sent on request only",
     {"cairn webhook enable --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn webhook enable --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 -o json"},
     webhook_argument,
     one_flags,
     Danger::mild,
     webhook_enable},
    {"webhook disable",
     "Send nothing until it is enabled",
     {"cairn webhook disable --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn webhook disable --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 -o json"},
     webhook_argument,
     one_flags,
     Danger::mild,
     webhook_disable},
    {"webhook rotate",
     "Make a new secret and print it; the one before signs too for 24 hours",
     {"cairn webhook rotate --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn webhook rotate --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 -o json"},
     webhook_argument,
     one_flags,
     Danger::mild,
     webhook_rotate},
    {"webhook rm",
     "Send nothing more, and forget the deliveries",
     {"cairn webhook rm --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057",
      "cairn webhook rm --tenant $TENANT 01890a5d-ac96-774b-bcce-b302099a8057 --yes"},
     webhook_argument,
     one_flags,
     Danger::moderate,
     webhook_rm},
};

}  // namespace

std::span<const Command> webhooks_commands() { return webhooks; }

}  // namespace cli
