#include "src/postgres/sealing.hpp"

#include "projections/columns.hpp"
#include "projections/lane_tree.hpp"
#include "projections/prepared.hpp"
#include "src/postgres/refusing.hpp"
#include "src/postgres/signed_heads.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace postgres {
namespace {

using projections::prepared;

constexpr const char* sealer_lock = "7163384600172";  // of Cairn's sealer, in each database

struct LaneState {
    LaneSigner signer;
    events::merkle::Frontier tree;
    std::map<domain::TenantId, std::int64_t> tenants;  ///< the number of each one's last event
    std::int64_t signed_at = 0;                        ///< seconds; of the last checkpoint
    bool is_checked = false;                           ///< against what was signed
};

/// The events of one batch as the database hands them over, one behind the other.
class Packed {
public:
    explicit Packed(std::string_view bytes) : rest_{bytes} {}
    domain::TenantId tenant() {
        domain::TenantId id;
        std::ranges::copy(take(id.value.bytes.size()), id.value.bytes.begin());
        return id;
    }
    events::Hash hash() {
        events::Hash hash{};
        std::ranges::copy(take(hash.size()), hash.begin());
        return hash;
    }
    std::string_view text() {
        std::size_t size = 0;
        for (const char byte : take(4)) size = size << 8 | static_cast<unsigned char>(byte);
        return take(size);
    }

private:
    std::string_view take(std::size_t size) {
        const auto part = rest_.substr(0, size);
        rest_.remove_prefix(part.size());
        return part;
    }
    std::string_view rest_;
};

/// A lane as the database has it.
struct SealHead {
    int lane{};
    std::int64_t position{}, sealed{}, signed_at{};
};

/// What one batch writes.
struct Batch {
    std::string leaves;
    std::map<domain::TenantId, std::int64_t> tenants;
    projections::SmallInts levels;
    projections::BigInts indexes;
    projections::Byteas hashes;
};

}  // namespace

struct Sealing::Body {
    Database database;
    LoadKeys load_keys;
    std::filesystem::path secrets;
    std::unique_ptr<pqxx::connection> connection;
    bool ours = false;
    std::int64_t keys_read_at = 0;
    std::map<int, LaneState> lanes;
    SignedHeads signed_heads;      ///< outlives a refusal
    bool signed_anything = false;  ///< since they were saved
    bool on_file = false;          ///< they were, or had been

    void forget() {
        connection.reset();
        lanes.clear();
        ours = false;
        keys_read_at = 0;
    }

    /// Whoever held it before may have signed more than we know.
    domain::Result<bool> take_lock(pqxx::transaction_base& tx) {
        if (ours) return true;
        ours =
            tx.query_value<bool>("select pg_try_advisory_lock(" + std::string{sealer_lock} + ")");
        if (!ours || secrets.empty()) return ours;
        auto saved = load_signed_heads(secrets);
        if (!saved) return std::unexpected(saved.error());
        // An operator takes the file away where the database has gone back.
        if (on_file && saved->empty()) signed_heads.clear();
        on_file = !saved->empty();
        for (auto& [origin, head] : *saved) {
            auto& known = signed_heads[origin];
            if (known.size < head.size) known = std::move(head);
        }
        return true;
    }

    /// Saved with the rounds of a second: an older head is as good, only of less.
    domain::Result<void> save_heads() {
        if (!signed_anything || secrets.empty()) return {};
        if (auto saved = save_signed_heads(secrets, signed_heads); !saved) return saved;
        on_file = true;
        signed_anything = false;
        return {};
    }
    void remember(const LaneState& state) {
        signed_heads[state.signer.origin] = {state.signer.origin, state.tree.size(),
                                             state.tree.root()};
        signed_anything = true;
    }

    /// A rotation is noticed within a minute.
    domain::Result<void> read_keys(pqxx::transaction_base& tx, const std::vector<SealHead>& heads,
                                   std::int64_t seconds) {
        if (keys_read_at != 0 && seconds < keys_read_at + heartbeat_seconds) return {};
        const auto epochs = load_keys();
        if (!epochs) return std::unexpected(epochs.error());
        NewKeys added;
        auto signers = signers_of(tx, *epochs, added);
        if (!signers) return std::unexpected(signers.error());
        for (auto& [lane, signer] : *signers) lanes[lane].signer = std::move(signer);
        if (auto published = publish(tx, heads, added, seconds); !published) return published;
        keys_read_at = seconds;
        return {};
    }

    /// Keys and their first checkpoints in one statement, so that the newest checkpoint is always
    /// the newest key's and whoever holds an older one cannot pretend that it still signs.
    domain::Result<void> publish(pqxx::transaction_base& tx, const std::vector<SealHead>& heads,
                                 const NewKeys& added, std::int64_t seconds) {
        projections::SmallInts signed_lanes;
        projections::BigInts sizes, times;
        projections::Byteas notes;
        for (const auto& head : heads) {
            if (head.sealed == 0 || !added.of_lanes.contains(head.lane)) continue;
            auto& state = lanes[head.lane];
            if (auto known = know(tx, head, state); !known) return known;
            ++state.signed_at;
            notes.push_back({checkpoint(state, seconds)});
            signed_lanes.push_back(static_cast<std::int16_t>(head.lane));
            sizes.push_back(head.sealed);
            times.push_back(state.signed_at);
        }
        tx.exec(R"sql(
            with published as (
                insert into integrity.signing_key (lane, epoch, note)
                select * from unnest($1::smallint[], $2::int[], $3::bytea[]))
            insert into integrity.checkpoint (lane, size, signed_at, note)
            select lane, size, to_timestamp(at), note
              from unnest($4::smallint[], $5::bigint[], $6::bigint[], $7::bytea[])
                   as c (lane, size, at, note))sql",
                projections::as_params(added.lanes, added.epochs, added.notes, signed_lanes, sizes,
                                       times, notes))
            .no_rows();
        return {};
    }

    /// Makes `state` the lane's tree of what is sealed.
    domain::Result<void> know(pqxx::transaction_base& tx, const SealHead& head, LaneState& state) {
        // An empty tree is nobody's word: all seals may have been taken away.
        if (state.is_checked && state.tree.size() == head.sealed) return {};
        state.is_checked = false;
        if (auto restored = restore(tx, head.lane, state, head.sealed); !restored) return restored;
        if (auto checked = check_remembered(tx, head, state); !checked) return checked;
        state.is_checked = true;
        return {};
    }

    static domain::Result<events::merkle::Frontier> stored_tree(pqxx::transaction_base& tx,
                                                                int lane, std::int64_t size) {
        std::vector<events::merkle::Range> ranges;
        const auto cover = events::merkle::cover({0, size});
        for (const auto& subtree : cover) ranges.push_back({subtree.first(), subtree.end()});
        const auto roots = projections::range_roots(tx, lane, ranges);
        if (!roots) return domain::refuse(sealing_halted, "the stored tree has a hole");
        events::merkle::Frontier tree;
        for (std::size_t i = 0; i < cover.size(); ++i) tree.append(cover[i].level, (*roots)[i]);
        return tree;
    }

    /// The tree as another process, or this one before it was stopped, has left it.
    domain::Result<void> restore(pqxx::transaction_base& tx, int lane, LaneState& state,
                                 std::int64_t size) {
        auto tree = stored_tree(tx, lane, size);
        if (!tree) return std::unexpected(tree.error());
        state.tree = *std::move(tree);
        state.tenants.clear();
        for (const auto& [tenant, last] : tx.query<std::string, std::int64_t>(
                 "select tenant::text, max(last) from integrity.seal s, "
                 "unnest(s.tenants, s.tenant_lasts) as t (tenant, last) where s.lane = " +
                 std::to_string(lane) + " group by tenant"))
            state.tenants[{domain::uuid_from(tenant).value_or(domain::Uuid{})}] = last;
        return size == 0 ? domain::Result<void>{} : check_signed(tx, lane, state);
    }

    /// Never signs what does not follow from what was signed before.
    static domain::Result<void> check_signed(pqxx::transaction_base& tx, int lane,
                                             const LaneState& state) {
        const auto rows = tx.exec(
            "select note from integrity.checkpoint where lane = $1 and size = $2 "
            "order by signed_at desc limit 1",
            pqxx::params{lane, state.tree.size()});
        const auto checked =
            rows.empty() ? std::unexpected{std::string_view{"checkpoint-missing"}}
                         : events::checked_checkpoint(projections::bytes_of(rows[0][0].view()),
                                                      state.signer.origin, state.signer.keys);
        if (!checked) return domain::refuse(sealing_halted, std::string{checked.error()});
        if (checked->head.root != state.tree.root())
            return domain::refuse(sealing_halted, "the stored tree is not the one that was signed");
        return {};
    }

    /// What was signed may be lost with a crash of PostgreSQL, and is made again of the same
    /// events; whoever has taken seals away and changed events meets the root that was signed.
    domain::Result<void> check_remembered(pqxx::transaction_base& tx, const SealHead& head,
                                          const LaneState& state) {
        const auto found = signed_heads.find(state.signer.origin);
        if (found == signed_heads.end()) return {};
        const auto& known = found->second;
        if (head.position < known.size)
            return domain::refuse(sealing_halted, differs_from(known, "has fewer events than"));
        auto tree = state.tree;
        if (known.size < tree.size()) {
            auto earlier = stored_tree(tx, head.lane, known.size);
            if (!earlier) return std::unexpected(earlier.error());
            tree = *std::move(earlier);
        }
        auto again = state;
        while (tree.size() < known.size) {
            const auto to = std::min(known.size, tree.size() + projections::seal_events_max);
            const auto packed = read_batch(tx, head.lane, tree.size(), to);
            if (!packed) return std::unexpected(packed.error());
            grow(head.lane, again, *packed, to);
            tree = again.tree;
        }
        if (tree.root() != known.root)
            return domain::refuse(sealing_halted, differs_from(known, "is not"));
        return {};
    }
    std::string differs_from(const events::Checkpoint& known, std::string_view how) const {
        auto text = "the log " + std::string{how} + " what was signed at " +
                    std::to_string(known.size) + " of " + known.origin;
        if (!secrets.empty())
            text += "; after restoring a backup remove " + signed_heads_file(secrets).string();
        return text;
    }

    domain::Result<std::string> read_batch(pqxx::transaction_base& tx, int lane, std::int64_t from,
                                           std::int64_t to) {
        const auto row = tx.exec(prepared(tx, "seal_read", R"sql(
            select count(*), string_agg(uuid_send(e.tenant) || e.hash
                                        || int4send(octet_length(e.traceparent))
                                        || convert_to(e.traceparent, 'UTF8'), '')
              from (select tenant, hash, traceparent from log.event
                     where lane = $1 and position > $2 and position <= $3 order by position) e
            )sql"),
                                 pqxx::params{lane, from, to})
                             .one_row();
        if (row[0].as<std::int64_t>() != to - from)
            return domain::refuse(sealing_halted, "lane " + std::to_string(lane) +
                                                      " has a hole behind position " +
                                                      std::to_string(from));
        return projections::bytes_of(row[1].view());
    }

    static Batch grow(int lane, LaneState& state, std::string_view packed, std::int64_t to) {
        Batch batch;
        Packed in{packed};
        while (state.tree.size() < to) {
            const auto tenant = in.tenant();
            const auto last = ++state.tenants[tenant];
            const auto content = in.hash();
            const auto leaf =
                events::leaf_hash({lane, state.tree.size() + 1, tenant, last}, content, in.text());
            batch.leaves.append(reinterpret_cast<const char*>(leaf.data()), leaf.size());
            batch.tenants[tenant] = last;
            state.tree.append(leaf, [&](events::merkle::Subtree at, const events::Hash& hash) {
                if (at.level % projections::subtree_step != 0) return;
                batch.levels.push_back(static_cast<std::int16_t>(at.level));
                batch.indexes.push_back(at.index);
                batch.hashes.push_back({{reinterpret_cast<const char*>(hash.data()), hash.size()}});
            });
        }
        return batch;
    }

    static std::string checkpoint(LaneState& state, std::int64_t seconds) {
        // Clocks step back; checkpoints never do.
        state.signed_at = std::max(state.signed_at, seconds);
        return events::to_text(
            events::signed_checkpoint({state.signer.origin, state.tree.size(), state.tree.root()},
                                      state.signer.keys, state.signer.seeds, state.signed_at));
    }

    /// One statement: seal, whole subtrees and checkpoint are there together or not at all.
    static void write(pqxx::transaction_base& tx, int lane, LaneState& state, const Batch& batch,
                      std::int64_t from, std::int64_t seconds) {
        projections::Uuids tenants;
        projections::BigInts lasts;
        for (const auto& [tenant, last] : batch.tenants) {
            tenants.push_back(tenant);
            lasts.push_back(last);
        }
        const auto note = checkpoint(state, seconds);
        tx.exec(prepared(tx, "seal_write", R"sql(
            with sealed as (
                insert into integrity.seal
                    (lane, first_position, events, leaves, tenants, tenant_lasts)
                values ($1, $2, $3, $4, $5::uuid[], $6::bigint[])),
            subtrees as (
                insert into integrity.subtree (lane, level, index, hash)
                select $1, * from unnest($7::smallint[], $8::bigint[], $9::bytea[]))
            insert into integrity.checkpoint (lane, size, signed_at, note)
            values ($1, $10, to_timestamp($11), $12))sql"),
                pqxx::params{lane, from + 1, state.tree.size() - from,
                             pqxx::binary_cast(batch.leaves), tenants.bound(), lasts.bound(),
                             batch.levels.bound(), batch.indexes.bound(), batch.hashes.bound(),
                             state.tree.size(), state.signed_at, pqxx::binary_cast(note)})
            .no_rows();
    }

    static void heartbeat(pqxx::transaction_base& tx, int lane, LaneState& state,
                          std::int64_t seconds) {
        if (state.tree.size() == 0 || seconds < state.signed_at + heartbeat_seconds) return;
        const auto note = checkpoint(state, seconds);
        tx.exec(
              "insert into integrity.checkpoint (lane, size, signed_at, note) "
              "values ($1, $2, to_timestamp($3), $4)",
              pqxx::params{lane, state.tree.size(), state.signed_at, pqxx::binary_cast(note)})
            .no_rows();
        tx.exec("select integrity.drop_heartbeats($1, $2)", pqxx::params{lane, state.tree.size()});
    }

    domain::Result<void> seal_lane(pqxx::transaction_base& tx, const SealHead& head,
                                   std::int64_t to_head, std::int64_t seconds) {
        auto& state = lanes[head.lane];
        if (auto known = know(tx, head, state); !known) return known;
        auto sealed = head.sealed;
        while (sealed < to_head) {
            const auto to = std::min(to_head, sealed + projections::seal_events_max);
            const auto packed = read_batch(tx, head.lane, sealed, to);
            if (!packed) return std::unexpected(packed.error());
            write(tx, head.lane, state, grow(head.lane, state, *packed, to), sealed, seconds);
            sealed = to;
        }
        if (sealed > head.sealed) remember(state);
        heartbeat(tx, head.lane, state, seconds);
        return {};
    }

    static std::vector<SealHead> read_heads(pqxx::transaction_base& tx) {
        std::vector<SealHead> heads;
        for (const auto& row : tx.exec(prepared(tx, "seal_heads", R"sql(
                 select h.lane, h.position, coalesce(s.last, 0),
                        coalesce(extract(epoch from c.signed_at)::bigint, 0)
                   from log.lane_head h
                   left join lateral (select first_position + events - 1 as last
                                        from integrity.seal where lane = h.lane
                                       order by first_position desc limit 1) s on true
                   left join lateral (select signed_at from integrity.checkpoint
                                       where lane = h.lane
                                       order by size desc, signed_at desc limit 1) c on true
                  order by h.lane)sql"),
                                       pqxx::params{}))
            heads.push_back({row[0].as<int>(), row[1].as<std::int64_t>(), row[2].as<std::int64_t>(),
                             row[3].as<std::int64_t>()});
        return heads;
    }

    domain::Result<SealRound> round(std::int64_t seconds, Batches batches) {
        if (!connection) connection = connect(database, As::sealer);
        pqxx::nontransaction tx{*connection};
        const auto locked = take_lock(tx);
        if (!locked) return std::unexpected(locked.error());
        SealRound done{*locked};
        const auto heads = read_heads(tx);
        for (const auto& head : heads) {
            done.unsealed += std::max<std::int64_t>(0, head.position - head.sealed);
            lanes[head.lane].signed_at = std::max(lanes[head.lane].signed_at, head.signed_at);
        }
        if (!done.ours) return done;
        if (auto read = read_keys(tx, heads, seconds); !read) return std::unexpected(read.error());
        for (const auto& head : heads) {
            auto to = head.position;
            if (batches == Batches::whole)
                to -= (head.position - head.sealed) % projections::seal_events_max;
            if (auto ran = seal_lane(tx, head, to, seconds); !ran)
                return std::unexpected(ran.error());
            done.sealed += std::max<std::int64_t>(0, to - head.sealed);
        }
        if (batches == Batches::whole) return done;
        if (auto saved = save_heads(); !saved) return std::unexpected(saved.error());
        return done;
    }
};

Sealing::Sealing(Database database, LoadKeys load_keys, std::filesystem::path secrets)
    : body_{new Body{std::move(database), std::move(load_keys), std::move(secrets)}} {}
Sealing::~Sealing() = default;

domain::Result<SealRound> Sealing::round(domain::Instant now, Batches batches) {
    auto done = refusing([&] { return body_->round(now.micros / domain::second_micros, batches); });
    // What was signed and not written is signed again: the same leaves, the same root.
    if (!done) body_->forget();
    return done;
}

}  // namespace postgres
