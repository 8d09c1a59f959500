#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/projection_named.hpp"
#include "src/cli/stop.hpp"
#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/replay.hpp"
#include "src/runtime/uuid.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace cli {
namespace {

/// Longer than any batch: whoever waits for our lease waits until we are done or gone.
constexpr int lease_seconds = 60;

inline constexpr domain::Reason lease_lost{domain::Reason::Kind::conflict, "lease-lost",
                                           "Another process has taken the projection"};
inline constexpr domain::Reason is_paused{domain::Reason::Kind::conflict, "projection-paused",
                                          "The projection is paused"};

struct Sizes {
    std::vector<int> lanes;
    std::int64_t events{};
};

Sizes sizes_of(pqxx::transaction_base& tx) {
    Sizes sizes;
    for (const auto& [lane, position] :
         tx.query<int, std::int64_t>("select lane, position from log.lane_head order by lane")) {
        sizes.lanes.push_back(lane);
        sizes.events += position;
    }
    return sizes;
}

bool paused(pqxx::transaction_base& tx, std::string_view name) {
    return !tx.exec("select 1 from projection.state where name = $1 and paused", pqxx::params{name})
                .empty();
}

/// Locks every lane's checkpoint, which waits for the batches under way and holds off new ones;
/// takes the leases, empties what the projection wrote and sets it back to the start.
Sizes start_over(pqxx::connection& connection, const projections::Projection& projection,
                 const std::string& holder) {
    pqxx::work tx{connection};
    tx.exec("set local lock_timeout = '60s'");
    const auto sizes = sizes_of(tx);
    for (const int lane : sizes.lanes) {
        tx.exec(R"sql(
            insert into projection.checkpoint (name, lane) values ($1, $2)
                on conflict (name, lane) do update set position = 0, advanced_at = now())sql",
                pqxx::params{projection.name, lane})
            .no_rows();
        tx.exec(R"sql(
            insert into projection.lease as l (name, lane, epoch, holder, expires_at)
            values ($1, $2, 1, $3, now() + $4 * interval '1 second')
                on conflict (name, lane) do update
               set epoch = l.epoch + 1, holder = excluded.holder,
                   expires_at = excluded.expires_at)sql",
                pqxx::params{projection.name, lane, holder, lease_seconds})
            .no_rows();
    }
    std::string tables;
    for (const auto table : projection.tables)
        tables += (tables.empty() ? "" : ", ") + std::string{table};
    tx.exec("truncate " + tables);
    tx.exec("delete from projection.dead_letter where name = $1", pqxx::params{projection.name});
    tx.exec(
        "update projection.state set failed = null, changed_at = now() "
        "where name = $1 and failed is not null",
        pqxx::params{projection.name});
    tx.commit();
    return sizes;
}

/// However a rebuild ends, the next process can take the lanes at once.
class Releasing {
public:
    Releasing(const Context& context, std::string_view name, const std::string& holder)
        : context_{context}, name_{name}, holder_{holder} {}
    ~Releasing() {
        const auto released = postgres::refusing([&]() -> domain::Result<void> {
            auto connection =
                postgres::connect(runtime::database_of(context_.config), postgres::As::projector);
            pqxx::nontransaction tx{*connection};
            tx.exec(
                  "update projection.lease set expires_at = now() "
                  "where name = $1 and holder = $2",
                  pqxx::params{name_, holder_})
                .no_rows();
            return {};
        });
        if (!released) context_.say("the lease could not be given back; it runs out in a minute");
    }
    Releasing(const Releasing&) = delete;
    Releasing& operator=(const Releasing&) = delete;

private:
    const Context& context_;
    std::string_view name_;
    const std::string& holder_;
};

struct Folded {
    std::int64_t checkpoint{}, head{};
    int parked{};
};

/// Every lane to its head, lanes side by side.
Checked<Folded> fold_all(const Context& context, pqxx::connection& connection,
                         const projections::Projection& projection, const Sizes& sizes,
                         const runtime::ReplayOptions& options, Progress& progress) {
    const auto replayed = runtime::replay(runtime::database_of(context.config), projection,
                                          sizes.lanes, options, [&](std::int64_t events) {
                                              progress.add(events);
                                              progress.tell();
                                              return stop_signal() == 0;
                                          });
    if (replayed.ended == runtime::Ran::held)
        return std::unexpected(Failure{lease_lost, "lane " + std::to_string(replayed.lane), ""});
    if (replayed.ended == runtime::Ran::paused)
        return std::unexpected(
            Failure{is_paused, std::string{projection.name},
                    "see: cairn projection show " + std::string{projection.name}});
    Folded folded{.parked = replayed.parked};
    pqxx::nontransaction tx{connection};
    folded.checkpoint = tx.query_value<std::int64_t>(
        "select coalesce(sum(position), 0)::bigint from projection.checkpoint where name = $1",
        pqxx::params{projection.name});
    folded.head = sizes_of(tx).events;
    return folded;
}

Answer summary(const projections::Projection& projection, const Folded& folded,
               const Progress& progress) {
    Record record;
    record.fields.emplace_back("projection", std::string{projection.name});
    record.fields.emplace_back("events", progress.done());
    record.fields.emplace_back("seconds", progress.seconds());
    record.fields.emplace_back("events_per_second", progress.rate());
    record.fields.emplace_back("checkpoint", folded.checkpoint);
    record.fields.emplace_back("head", folded.head);
    record.fields.emplace_back("dead_letters", std::int64_t{folded.parked});
    Answer answer{std::move(record)};
    if (stop_signal() != 0) {
        answer.exit_code = 128 + stop_signal();
        answer.notes.emplace_back("stopped; a running server goes on from here, or repeat this");
    } else if (folded.parked > 0) {
        answer.exit_code = partial;
        answer.notes.emplace_back("some keys were parked; see: cairn projection dead-letters ls");
    }
    return answer;
}

Outcome rebuild(Context& context, pqxx::connection& connection,
                const projections::Projection& projection) {
    const runtime::LeaseHolder holder{domain::to_text(runtime::uuid_v7()), lease_seconds};
    const auto sizes = start_over(connection, projection, holder.name);
    const auto name = std::string{projection.name};
    context.say(name + ": emptied; folding " + std::to_string(sizes.events) + " events");
    Progress progress{context, {name, "projection", "ev"}, sizes.events};
    const auto batch = std::clamp<std::int64_t>(context.number("batch", 2000), 1, 100'000);
    const Releasing releasing{context, projection.name, holder.name};
    const auto folded =
        fold_all(context, connection, projection, sizes,
                 {.holder = holder, .batch_events = static_cast<int>(batch)}, progress);
    progress.end();
    if (!folded) return std::unexpected(folded.error());
    return summary(projection, *folded, progress);
}

/// What a rebuild would do, for --dry-run and for the question.
Record plan_of(pqxx::connection& connection, const projections::Projection& projection) {
    pqxx::nontransaction tx{connection};
    Record record;
    record.fields.emplace_back("projection", std::string{projection.name});
    record.fields.emplace_back("events", sizes_of(tx).events);
    Table tables{{"table", "rows"}, {}};
    for (const auto table : projection.tables)
        tables.rows.push_back(
            {std::string{table},
             tx.query_value<std::int64_t>("select count(*) from " + std::string{table})});
    record.parts.emplace_back("emptied", std::move(tables));
    return record;
}

}  // namespace

Outcome projection_rebuild(Context& context) {
    const auto projection = named_projection(context);
    if (!projection) return std::unexpected(projection.error());
    const auto& chosen = **projection;
    return with_database(context, Access::write, [&](pqxx::connection& connection) -> Outcome {
        if (context.has("dry-run")) return Answer{plan_of(connection, chosen)};
        const bool stopped = [&] {
            pqxx::nontransaction tx{connection};
            return paused(tx, chosen.name);
        }();
        const auto name = std::string{chosen.name};
        if (stopped)
            return std::unexpected(
                Failure{is_paused, name, "first: cairn projection resume " + name});
        if (auto sure = context.confirm("empty the tables of " + name +
                                        " and fold the whole log again; readers see gaps until "
                                        "then");
            !sure)
            return std::unexpected(std::move(sure.error()));
        catch_stop_signals();
        return rebuild(context, connection, chosen);
    });
}

}  // namespace cli
