#pragma once
#include "src/audit/recording_keys.hpp"
#include "src/http/api.hpp"
#include "src/http/encoding.hpp"
#include "src/http/preconditions.hpp"

#include <mutex>
#include <unordered_map>

/// What commands and reads share inside the API.
namespace http {

/// How long a read or a receipt waits for its projections, unless Prefer says so.
inline constexpr int wait_default_milliseconds = 2000;

/// The day it is at a tenant, by its own clock. Clocks are remembered for a minute.
class Calendar {
public:
    domain::Date today(postgres::Reader& reader, domain::TenantId tenant);
    /// Tells the question which day it is.
    void tell(postgres::Reader& reader, projections::Ask& ask);

private:
    domain::WallClock clock(postgres::Reader& reader, domain::TenantId tenant);

    struct Known {
        domain::WallClock clock;
        std::int64_t until_micros{};
    };
    std::mutex mutex_;
    std::unordered_map<domain::TenantId, Known, domain::UuidHash> clocks_;
};

struct Shared {
    Parts parts;
    Opaque opaque;
    Calendar calendar;
    security::Key command_key;
    security::Key fingerprint_key;
    security::Key source_key;
    commands::BlindIndex blind_index;
    Room unpacked_bodies{256 * 1024 * 1024};
};

/// One request between its parse and its answer.
struct Exchange {
    Request request;
    Respond respond;
    const Route* route{};
    commands::Who who;
    domain::Instant expires;  ///< of the token
    PathParameters path;
    Preferences prefer;
    std::string purpose;  ///< of the reading or the command, for the audit trail
    std::int64_t started_micros{};
    bool answered{};
    bool withheld{};  ///< something else was answered, because the trail refused
    std::unique_ptr<Room::Share> unpacked;     ///< the memory of a body that came compressed
    std::string_view refused_as;               ///< the code of the refusal that is answered
    std::optional<domain::CommandId> command;  ///< that was decided, and is in the log
    std::optional<audit::RecordingKeys> keys;  ///< what opened the values that are answered

    void answer(const Shared& shared, Reply reply);
    void refuse(const Shared& shared, const domain::Refusal& refusal);
    /// The keys for what this exchange shows; they note what they open.
    events::Keys& noting_keys(const Shared& shared);
};

/// Why the caller says it asks: the header Purpose, or what the route is for.
domain::Result<std::string> purpose_of(const Request& request, const Route& route);
/// Puts what is worth it into the audit trail; false when the answer must not go out without.
bool entered_in_trail(const Shared& shared, const Exchange& exchange, int status);
/// What a stream's entries have in common: it opens values long after its answer has begun.
audit::Entry stream_entry(const Shared& shared, const Exchange& exchange);

/// Parses, proposes, appends, answers. `exchange->who` is verified, or new for Access::open.
void run_command(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
                 const Command& command);
/// Rows of a longer body, as a command of its own.
struct RowsPart {
    std::size_t number{};  ///< among the parts of the body, from 0
    bool in_parts{};       ///< it is not the only one
    int lines_before{};
    std::string rows;
};
struct PartOutcome {
    events::Outcome outcome;
    std::vector<std::string> types;  ///< of its events
};
using Decided = std::move_only_function<void(domain::Result<PartOutcome>)>;
/// Proposes and appends one part. `decided` is told instead of the exchange's client; without it
/// the client is answered. Under validate_only the client is answered in either case.
void run_rows(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
              const Command& command, RowsPart part, postgres::Reader& reader, Decided decided);
/// Takes the body in as it comes, in parts, and answers when all of them are decided.
void pour_rows(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
               const Command& command);
/// Waits for the projections it needs, asks, answers.
void run_read(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange, const Read& read);
void run_log_read(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
                  const LogRead& read);

/// Checks the body, then goes on like run_read.
void run_question(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
                  const Question& question);
/// The second half of run_read: waits for what is needed, asks, answers.
void run_asked(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange, const Read& read,
               projections::Ask ask);

/// What a body may be.
struct BodyRules {
    std::span<const std::string_view> media = json_only;
    std::size_t unpacks = 1;
};
/// The one coding of the body; empty when it is none of ours.
std::optional<Coding> content_coding(const Request& request);
Reply wrong_coding(const std::string& request_id);
/// The media type in lower case, without its parameters.
std::string media_type(const Request& request);
/// Goes on once the body is plain: at once with null, or on a worker's thread with its reader, when
/// it came compressed. A body that cannot be taken is answered here.
void with_plain_body(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
                     BodyRules rules, std::move_only_function<void(postgres::Reader*)> go_on);
/// The JSON of the body; empty when there is none.
domain::Result<std::optional<events::Document>> body_of(
    const Request& request, std::string_view schema,
    std::size_t values_max = events::json_nodes_max);

/// Looks at the read model of `path` for Prefer: return=representation, on a worker's thread.
domain::Result<projections::Answer> ask_path(Shared& shared, postgres::Reader& reader,
                                             const commands::Who& who, events::Keys& keys,
                                             std::string_view path);
/// The projections that `path` reads.
std::span<const std::string_view> needs_of(std::string_view path);

}  // namespace http
