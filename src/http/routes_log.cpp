// The log itself: feeds, proofs, and who did what.
#include "projections/audit_query.hpp"
#include "projections/effect_tree.hpp"
#include "projections/stream_query.hpp"
#include "projections/trail_query.hpp"
#include "src/http/consumers.hpp"
#include "src/http/route_parts.hpp"

namespace http {
namespace {

using enum Access;
namespace streams = projections::streams;
namespace proofs = projections::audit;

constexpr std::string_view diff_filters[]{"from", "to"};
constexpr std::string_view moment_filters[]{"as_of"};
constexpr std::string_view checkpoint_filters[]{"format"};
constexpr std::string_view inclusion_filters[]{"event", "position"};
constexpr std::string_view consistency_filters[]{"from", "to"};
constexpr std::string_view event_parameters[]{"type",  "stream", "correlation", "from",
                                              "after", "limit",  "cursor"};
constexpr std::string_view event_media[]{"application/json", "application/x-ndjson",
                                         "application/cloudevents-batch+json", "text/event-stream"};
constexpr std::string_view my_trail_filters[]{"from", "to"};
constexpr std::string_view trail_filters[]{"actor", "subject", "action",     "outcome",
                                           "from",  "to",      "correlation"};

const Route log_table[]{
    // ---- What was true when.
    {"GET", "/v1/goals/{goal}/diff", read,
     LogRead{"goal.diff", streams::goal_diff, "GoalDiff", false, diff_filters},
     "What changed between two versions, @positions or instants; by default in the last version"},
    {"GET", "/v1/streams/{stream}", read,
     LogRead{"stream.state", streams::state, "StreamState", false, moment_filters},
     "The folded state of a stream, now or ?as_of= a version, a @position or an instant"},
    {"GET", "/v1/streams/{stream}/diff", read,
     LogRead{"stream.diff", streams::diff, "StreamDiff", false, diff_filters},
     "What changed in a stream's state between two moments; by default in its last version"},

    // ---- Events.
    {"GET", "/v1/events", read,
     Talk{"event.feed", run_events, "EventPage", event_parameters, {}, {}, event_media},
     "The tenant's events: pages, lines, CloudEvents, a live stream by Accept, or a web socket"},

    {"GET", "/v1/consumers", read, Talk{"consumer.list", list_consumers, "ConsumerList"},
     "The tenant's durable consumers"},
    {"PUT", "/v1/consumers/{consumer}", write,
     Talk{"consumer.put",
          put_consumer,
          "Consumer",
          {},
          "ConsumerInput",
          R"({"filter":{"types":["goal.*"]},"start":"beginning","lease_seconds":30,)"
          R"("failures_max":5})"},
     "Make a durable consumer, or change its settings; where it began stays"},
    {"GET", "/v1/consumers/{consumer}", read, Talk{"consumer.get", get_consumer, "Consumer"},
     "One consumer and how far it has come"},
    {"DELETE", "/v1/consumers/{consumer}", write,
     Talk{"consumer.delete", delete_consumer, "Nothing"}, "Forget a consumer and its cursor"},
    {"POST", "/v1/consumers/{consumer}/fetch", contribute,
     Talk{"consumer.fetch", fetch_events, "Deliveries", {}, "FetchInput", R"({"max":10,"wait":5})"},
     "Take events under a lease: of one stream in order, and to one member at a time"},
    {"POST", "/v1/consumers/{consumer}/ack", contribute,
     Talk{"consumer.ack",
          ack_events,
          "Acked",
          {},
          "AckInput",
          R"({"lease":"01890a5d-ac96-774b-bcce-b302099a8057","positions":["12"]})"},
     "Say that events of a lease are done; all of it without positions"},
    {"POST", "/v1/consumers/{consumer}/nack", contribute,
     Talk{"consumer.nack",
          nack_events,
          "Nacked",
          {},
          "NackInput",
          R"({"lease":"01890a5d-ac96-774b-bcce-b302099a8057","positions":["12"],)"
          R"("delay_seconds":60,"reason":"smtp-refused"})"},
     "Give events back, for a later time if wished; after too many failures one is parked"},
    {"GET", "/v1/consumers/{consumer}/parked", read,
     Talk{"consumer.parked", list_parked, "ParkedList"},
     "Events that failed too often; what follows in their streams waits with them"},
    {"POST", "/v1/consumers/{consumer}/parked/retry", contribute,
     Talk{"consumer.retry", retry_parked, "Count", {}, "PositionsInput", R"({"positions":["12"]})"},
     "Try parked events again; all of them without positions"},
    {"POST", "/v1/consumers/{consumer}/parked/skip", write,
     Talk{"consumer.skip", skip_parked, "Count", {}, "PositionsInput", R"({"positions":["12"]})"},
     "Give parked events up: what waits behind them goes on"},

    // ---- Proofs about the log.
    {"GET", "/v1/audit/checkpoint", read,
     Read{"audit.checkpoint", proofs::checkpoint, {}, checkpoint_filters, "Checkpoint"},
     "The newest signed checkpoint of the tenant's lane; ?format=note as C2SP writes it"},
    {"GET", "/v1/audit/keys", read, Read{"audit.keys", proofs::keys, {}, {}, "CheckpointKeys"},
     "The keys that sign checkpoints, each vouched for by the one before"},
    {"GET", "/v1/audit/proofs/inclusion", read,
     Read{"audit.inclusion", proofs::inclusion, {}, inclusion_filters, "InclusionProof"},
     "That an event of the tenant, by id or position, is in the newest checkpoint's tree"},
    {"GET", "/v1/audit/proofs/consistency", read,
     Read{"audit.consistency", proofs::consistency, {}, consistency_filters, "ConsistencyProof"},
     "That the tree of ?to= events begins with that of ?from="},
    // ---- Who did and read what.
    {"GET", "/v1/audit/entries", manage,
     Read{.name = "audit.entries",
          .query = projections::audit::entries,
          .filters = trail_filters,
          .schema = "AuditEntry",
          .pages = true,
          .csv = true,
          .lines = true,
          .audited = true},
     "A page of the audit trail, the newest first; also as text/csv and application/x-ndjson"},
    {"GET", "/v1/correlations/{correlation}", manage,
     Read{.name = "audit.correlation",
          .query = projections::correlation,
          .schema = "EffectTree",
          .audited = true},
     "What a request set off, as a tree: its command, the events, the commands that they caused"},
    {"GET", "/v1/me/accesses", read,
     Read{.name = "me.accesses",
          .query = projections::audit::about_me,
          .filters = my_trail_filters,
          .schema = "AuditEntry",
          .pages = true,
          .csv = true,
          .lines = true},
     "A page of the entries in which the caller's own values were read, the newest first"},
};

}  // namespace

std::span<const Route> log_routes() { return log_table; }

}  // namespace http
