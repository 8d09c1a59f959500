#include "src/runtime/projection_batch.hpp"

#include "projections/columns.hpp"
#include "projections/fields.hpp"
#include "projections/prepared.hpp"
#include "src/postgres/event_store.hpp"
#include "src/postgres/refusing.hpp"

#include <algorithm>
#include <map>
#include <pqxx/pqxx>
#include <set>

namespace runtime {
namespace {

using events::Recorded;
using projections::prepared;
using projections::Projection;
using projections::Texts;
using Key = std::pair<domain::TenantId, events::StreamId>;

struct Poisoned {
    Recorded event;
    std::string code, detail;
};

/// What stands before a batch. The checkpoint's row stays locked until commit: a retry of a dead
/// letter waits for it, and a process without the lease passes by without a lock.
struct Opened {
    std::int64_t position{}, head{};
    bool blocked{};  ///< paused, or stopped by an error in our code
    bool leased{};   ///< to us, with half of its time left
};

std::optional<Opened> open(pqxx::transaction_base& tx, const Projection& projection, int lane,
                           const LeaseHolder& holder) {
    const auto rows = tx.exec(prepared(tx, "projection_open", R"sql(
        select c.position, h.position, coalesce(s.paused or s.failed is not null, false),
               coalesce(l.holder = $3 and l.expires_at > now() + $4 * interval '0.5 second', false)
          from projection.checkpoint c
          join log.lane_head h on h.lane = c.lane
          left join projection.state s on s.name = c.name
          left join projection.lease l on l.name = c.name and l.lane = c.lane
         where c.name = $1 and c.lane = $2
           and (l.holder is null or l.holder = $3 or l.expires_at < now())
           for no key update of c skip locked)sql"),
                              pqxx::params{projection.name, lane, holder.name, holder.seconds});
    if (rows.empty()) return std::nullopt;
    const auto [position, head, blocked, leased] =
        rows[0].as<std::int64_t, std::int64_t, bool, bool>();
    return Opened{position, head, blocked, leased};
}

/// False when it was there: then another transaction holds it.
bool create_checkpoint(pqxx::transaction_base& tx, const Projection& projection, int lane) {
    return tx.exec(
                 "insert into projection.checkpoint (name, lane) values ($1, $2) "
                 "on conflict do nothing",
                 pqxx::params{projection.name, lane})
               .affected_rows() == 1;
}

/// Makes or renews the lease; false when another holder's has not run out. The epoch grows with
/// every change of holder.
bool take_lease(pqxx::transaction_base& tx, const Projection& projection, int lane,
                const LeaseHolder& holder) {
    const auto rows = tx.exec(prepared(tx, "projection_lease", R"sql(
        insert into projection.lease as l (name, lane, epoch, holder, expires_at)
        values ($1, $2, 1, $3, now() + $4 * interval '1 second')
            on conflict (name, lane) do update
           set epoch = l.epoch + (l.holder <> excluded.holder)::int, holder = excluded.holder,
               expires_at = excluded.expires_at
         where l.holder = excluded.holder or l.expires_at < now()
        returning epoch)sql"),
                              pqxx::params{projection.name, lane, holder.name, holder.seconds});
    return !rows.empty();
}

/// Compare-and-set: nobody else may have moved it since it was read.
void move_checkpoint(pqxx::transaction_base& tx, const Projection& projection, int lane,
                     std::int64_t from, std::int64_t to) {
    const auto moved = tx.exec(prepared(tx, "projection_move", R"sql(
        update projection.checkpoint set position = $4, advanced_at = now()
         where name = $1 and lane = $2 and position = $3)sql"),
                               pqxx::params{projection.name, lane, from, to});
    if (moved.affected_rows() != 1)
        throw pqxx::serialization_failure{"another process moved the checkpoint", "", "40001"};
}

void park(pqxx::transaction_base& tx, const Projection& projection, const Poisoned& poisoned,
          std::int64_t events) {
    const auto& event = poisoned.event;
    tx.exec(R"sql(
        insert into projection.dead_letter as d (name, tenant, category, stream, lane, position,
                                                 code, detail, events)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (name, tenant, category, stream) do update
           set events = d.events + excluded.events)sql",
            pqxx::params{projection.name, domain::to_text(event.tenant), event.stream.category,
                         domain::to_text(event.stream.id), event.lane, event.position,
                         poisoned.code, poisoned.detail, events})
        .no_rows();
}

/// Folds the events in a savepoint; what they could not fold comes back, and nothing is written.
std::optional<Poisoned> try_apply(pqxx::transaction_base& tx, const Projection& projection,
                                  const std::vector<Recorded>& batch) {
    pqxx::subtransaction inside{dynamic_cast<pqxx::dbtransaction&>(tx)};
    try {
        auto applied = projection.apply(inside, batch);
        if (!applied) {
            const auto& poison = applied.error();
            return Poisoned{batch[poison.index], std::string{poison.why.why.slug},
                            poison.why.detail};
        }
        inside.commit();
        return std::nullopt;
    } catch (const pqxx::data_exception& error) {
        return Poisoned{batch.front(), "sql-data", postgres::without_values(error)};
    } catch (const pqxx::integrity_constraint_violation& error) {
        return Poisoned{batch.front(), "sql-constraint", postgres::without_values(error)};
    }
}

/// Folds key by key to find whose data PostgreSQL refuses.
std::vector<Poisoned> apply_by_key(pqxx::transaction_base& tx, const Projection& projection,
                                   const std::vector<Recorded>& batch) {
    std::map<Key, std::vector<Recorded>> by_key;
    for (const auto& event : batch) by_key[{event.tenant, event.stream}].push_back(event);
    std::vector<Poisoned> poisoned;
    for (const auto& [key, events] : by_key) {
        auto one = try_apply(tx, projection, events);
        if (!one) continue;
        // Nothing of the key's batch was written, so all of it waits, from its first event on.
        one->event = events.front();
        poisoned.push_back(*std::move(one));
    }
    return poisoned;
}

/// Applies what can be applied and parks the rest. The number of keys that were parked.
int apply_or_park(pqxx::transaction_base& tx, const Projection& projection,
                  const std::vector<Recorded>& batch) {
    const auto poisoned = apply_by_key(tx, projection, batch);
    for (const auto& one : poisoned) {
        const auto waiting = std::ranges::count_if(batch, [&](const Recorded& event) {
            return event.tenant == one.event.tenant && event.stream == one.event.stream &&
                   event.position >= one.event.position;
        });
        park(tx, projection, one, waiting);
    }
    return static_cast<int>(poisoned.size());
}

/// The events of (from, to] that the projection wants; those of parked keys are parked too. Where
/// large events are limited, `to` becomes the place of the last one read.
std::vector<Recorded> read_events(pqxx::transaction_base& tx, const Projection& projection,
                                  int lane, std::int64_t from, std::int64_t& to) {
    static const std::string sql =
        std::string{"select "} + postgres::folded_columns +
        ", (e.tenant, e.category, e.stream) in (select d.tenant, d.category, d.stream "
        "from projection.dead_letter d where d.name = $6 and d.lane = $1) "
        "from log.event e where e.lane = $1 and e.position > $2 and e.position <= $3 "
        "and e.category = any ($4::text[]) and starts_with(e.type, $5) order by e.position "
        "limit nullif($7::int, 0)";
    Texts categories;
    for (const auto category : projection.categories) categories.push_back(category);
    const auto rows =
        tx.exec(prepared(tx, "projection_events", sql.c_str()),
                pqxx::params{lane, from, to, categories.bound(), projection.type_prefix,
                             projection.name, projection.wanted_max});
    if (projection.wanted_max > 0 && std::size(rows) == projection.wanted_max)
        to = rows.back()[5].as<std::int64_t>();
    std::vector<Recorded> batch;
    batch.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto& row : rows) {
        auto event = postgres::folded_from(row);
        if (row.back().as<bool>()) park(tx, projection, {event, "", ""}, 1);
        else batch.push_back(std::move(event));
    }
    return batch;
}

bool wants(const Projection& projection, const Recorded& event) {
    return std::ranges::contains(projection.categories, event.stream.category) &&
           event.type.starts_with(projection.type_prefix);
}

/// A part of a scan in one batch: it folds the events of (from, to].
struct Window {
    const Projection* projection{};
    std::int64_t from{}, to{};
};

/// As many events as every one of them takes in one batch; 0: as many as there are.
int wanted_of(const std::vector<Window>& windows) {
    int wanted = 0;
    for (const auto& window : windows) {
        const int most = window.projection->wanted_max;
        if (most > 0 && (wanted == 0 || most < wanted)) wanted = most;
    }
    return wanted;
}

/// The events of (from, to] that any of the windows wants. Where large events are limited, `to`
/// becomes the place of the last one read.
std::vector<Recorded> read_scan(pqxx::transaction_base& tx, const std::vector<Window>& windows,
                                int lane, std::int64_t from, std::int64_t& to, Slice slice) {
    // Ids are random at their end, so that slices are of one size whoever has the streams.
    static const std::string sql = std::string{"select "} + postgres::folded_columns +
                                   " from log.event e where e.lane = $1 and e.position > $2 "
                                   "and e.position <= $3 and e.category = any ($4::text[]) "
                                   "and ($5 = 1 or get_byte(uuid_send(e.stream), 15) % $5 = $6) "
                                   "order by e.position limit nullif($7::int, 0)";
    Texts categories;
    for (const auto& window : windows) {
        for (const auto category : window.projection->categories) categories.push_back(category);
    }
    const auto wanted = wanted_of(windows);
    const auto rows =
        tx.exec(prepared(tx, "scan_events", sql.c_str()),
                pqxx::params{lane, from, to, categories.bound(), slice.count, slice.index, wanted});
    if (wanted > 0 && std::size(rows) == wanted) to = rows.back()[5].as<std::int64_t>();
    std::vector<Recorded> events;
    events.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto& row : rows) events.push_back(postgres::folded_from(row));
    return events;
}

/// The window's share of a scan, without the events of parked keys, which are parked as well. What
/// none of the windows after it wants is moved out of `events`.
std::vector<Recorded> share_of(pqxx::transaction_base& tx, const Window& window, int lane,
                               std::vector<Recorded>& events, std::span<const Window> later) {
    std::set<Key> parked;
    for (const auto& row : tx.exec(prepared(tx, "scan_parked", R"sql(
             select tenant, category, stream from projection.dead_letter
              where name = $1 and lane = $2)sql"),
                                   pqxx::params{window.projection->name, lane}))
        parked.insert({{projections::uuid_of(row[0])},
                       {row[1].as<std::string>(), projections::uuid_of(row[2])}});
    std::vector<Recorded> share;
    share.reserve(events.size());
    for (auto& event : events) {
        if (event.position <= window.from || event.position > window.to) continue;
        if (!wants(*window.projection, event)) continue;
        if (!parked.empty() && parked.contains({event.tenant, event.stream}))
            park(tx, *window.projection, {event, "", ""}, 1);
        else if (std::ranges::any_of(
                     later, [&](const Window& other) { return wants(*other.projection, event); }))
            share.push_back(event);
        else share.push_back(std::move(event));
    }
    return share;
}

/// What a fold beside has locked of what serves is what it would have read or written there.
void refuse_touching_live(pqxx::transaction_base& tx) {
    const auto touched = tx.exec(prepared(tx, "scan_touched", R"sql(
        select coalesce(string_agg(distinct c.relname, ', '), '')
          from pg_locks l join pg_class c on c.oid = l.relation
         where l.pid = pg_backend_pid() and l.locktype = 'relation' and c.relkind = 'r'
           and c.relnamespace = 'board'::regnamespace
           and coalesce(current_setting('cairn.board', true), 'board') not in ('', 'board'))sql"))
                             .one_field()
                             .as<std::string>();
    if (!touched.empty())
        throw TouchedLive{"a fold beside touches what serves: " + touched +
                          "; its statement must go through projections::prepared"};
}

enum class Care {
    none,    ///< one try for the whole batch
    by_key,  ///< key by key in savepoints, to find what does not fold
};

/// Empty when the batch did not fold without care; nothing is written then.
std::optional<BatchResult> attempt(pqxx::connection& connection, const Projection& projection,
                                   int lane, int events_max, const LeaseHolder& holder, Care care) {
    pqxx::work tx{connection};
    auto opened = open(tx, projection, lane, holder);
    if (!opened && create_checkpoint(tx, projection, lane))
        opened = open(tx, projection, lane, holder);
    if (!opened) return BatchResult{Ran::held};
    if (opened->blocked) return BatchResult{Ran::paused};
    if (!opened->leased && !take_lease(tx, projection, lane, holder)) return BatchResult{Ran::held};
    const auto from = opened->position;
    // Positions are gapless, so all up to the head that was seen is there to be read.
    auto to = std::min(opened->head, from + events_max);
    if (to <= from) {
        tx.commit();
        return BatchResult{Ran::idle, from};
    }
    const auto batch = read_events(tx, projection, lane, from, to);
    int parked = 0;
    if (care == Care::by_key) parked = apply_or_park(tx, projection, batch);
    else if (!batch.empty() && !projection.apply(tx, batch)) return std::nullopt;
    move_checkpoint(tx, projection, lane, from, to);
    tx.commit();
    return BatchResult{Ran::advanced, to, to - from, static_cast<std::int64_t>(batch.size()),
                       parked};
}

/// As attempt(), for the parts of a scan.
std::optional<BatchResult> attempt_scan(pqxx::connection& connection,
                                        std::span<const ScanPart> parts, int lane, int events_max,
                                        const LeaseHolder& holder, Slice slice, Care care) {
    pqxx::work tx{connection};
    std::vector<Window> windows;
    std::int64_t from = INT64_MAX, end = 0;
    for (const auto& [projection, up_to] : parts) {
        auto opened = open(tx, projection, lane, holder);
        if (!opened && create_checkpoint(tx, projection, lane))
            opened = open(tx, projection, lane, holder);
        if (!opened) return BatchResult{Ran::held};
        if (opened->blocked) return BatchResult{Ran::paused};
        if (!opened->leased && !take_lease(tx, projection, lane, holder))
            return BatchResult{Ran::held};
        const auto to = std::min(opened->head, up_to);
        if (opened->position >= to) continue;
        windows.push_back({&projection, opened->position, to});
        from = std::min(from, opened->position);
        end = std::max(end, to);
    }
    if (windows.empty()) {
        tx.commit();
        return BatchResult{Ran::idle};
    }
    auto to = std::min(end, from + events_max);
    auto events = read_scan(tx, windows, lane, from, to, slice);
    for (auto& window : windows) window.to = std::min(window.to, to);
    std::erase_if(windows, [](const Window& window) { return window.from >= window.to; });
    BatchResult result{Ran::advanced, to, to - from};
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const auto& window = windows[i];
        const auto batch = share_of(tx, window, lane, events, std::span{windows}.subspan(i + 1));
        result.folded += std::ssize(batch);
        if (care == Care::by_key) result.parked += apply_or_park(tx, *window.projection, batch);
        else if (!batch.empty() && !window.projection->apply(tx, batch)) return std::nullopt;
        move_checkpoint(tx, *window.projection, lane, window.from, window.to);
    }
    refuse_touching_live(tx);
    tx.commit();
    return result;
}

}  // namespace

BatchResult scan_batch(pqxx::connection& connection, std::span<const ScanPart> parts, int lane,
                       int events_max, const LeaseHolder& holder, Slice slice) {
    try {
        if (auto ran = attempt_scan(connection, parts, lane, events_max, holder, slice, Care::none))
            return *ran;
    } catch (const pqxx::data_exception&) {
        // As in run_batch.
    } catch (const pqxx::integrity_constraint_violation&) {}
    return *attempt_scan(connection, parts, lane, events_max, holder, slice, Care::by_key);
}

BatchResult run_batch(pqxx::connection& connection, const Projection& projection, int lane,
                      int events_max, const LeaseHolder& holder) {
    try {
        if (auto ran = attempt(connection, projection, lane, events_max, holder, Care::none))
            return *ran;
    } catch (const pqxx::data_exception&) {
        // The careful attempt finds whose data it is, and parks that key.
    } catch (const pqxx::integrity_constraint_violation&) {}
    return *attempt(connection, projection, lane, events_max, holder, Care::by_key);
}

void stop_projection(pqxx::connection& connection, std::string_view name,
                     const std::string& reason) {
    pqxx::work tx{connection};
    tx.exec(R"sql(
        insert into projection.state (name, failed) values ($1, $2)
            on conflict (name) do update set failed = excluded.failed, changed_at = now())sql",
            pqxx::params{name, reason})
        .no_rows();
    tx.commit();
}

RetryResult retry_dead_letter(pqxx::connection& connection, const Projection& projection,
                              domain::TenantId tenant, const events::StreamId& stream) {
    pqxx::work tx{connection};
    const pqxx::params key{projection.name, domain::to_text(tenant), stream.category,
                           domain::to_text(stream.id)};
    const auto letter = tx.exec(R"sql(
        select d.lane, d.position from projection.dead_letter d
         where d.name = $1 and d.tenant = $2 and d.category = $3 and d.stream = $4)sql",
                                key);
    if (letter.empty()) return {false, "not-found", "this key is not parked"};
    const auto [lane, first] = letter[0].as<int, std::int64_t>();
    // The checkpoint's row lock keeps the projector from passing while this key catches up.
    const auto checkpoint =
        tx.exec(
              "select position from projection.checkpoint where name = $1 and lane = $2 for update",
              pqxx::params{projection.name, lane})
            .one_field()
            .as<std::int64_t>();
    const auto rows =
        tx.exec(std::string{"select "} + postgres::folded_columns + R"sql(
          from log.event e where e.tenant = $1 and e.category = $2 and e.stream = $3
           and e.position >= $4 and e.position <= $5 and starts_with(e.type, $6)
         order by e.version)sql",
                pqxx::params{domain::to_text(tenant), stream.category, domain::to_text(stream.id),
                             first, checkpoint, projection.type_prefix});
    std::vector<Recorded> batch;
    for (const auto& row : rows) batch.push_back(postgres::folded_from(row));
    if (!batch.empty()) {
        if (auto poisoned = try_apply(tx, projection, batch))
            return {false, poisoned->code, poisoned->detail};
    }
    tx.exec(
          "delete from projection.dead_letter where name = $1 and tenant = $2 and category = $3 "
          "and stream = $4",
          key)
        .no_rows();
    tx.commit();
    return {true, "", ""};
}

}  // namespace runtime
