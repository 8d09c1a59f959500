#include "src/postgres/sealing.hpp"

#include "projections/columns.hpp"
#include "projections/lane_tree.hpp"
#include "projections/prepared.hpp"
#include "src/postgres/refusing.hpp"

#include <algorithm>
#include <pqxx/pqxx>
#include <sodium.h>

namespace postgres {
namespace {

using projections::prepared;

constexpr const char* sealer_lock = "7163384600172";  // of Cairn's sealer, in each database

struct LaneState {
    LaneSigner signer;
    events::merkle::Frontier tree;
    std::map<domain::TenantId, std::int64_t> tenants;  ///< the number of each one's last event
    std::int64_t signed_at = 0;                        ///< seconds; of the last checkpoint
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

/// What one batch writes.
struct Batch {
    std::string leaves;
    std::map<domain::TenantId, std::int64_t> tenants;
    projections::SmallInts levels;
    projections::BigInts indexes;
    projections::Byteas hashes;
};

domain::Result<void> check_own(const LaneSigner& signer, const security::KeyEpochs& epochs) {
    const auto published = static_cast<int>(signer.keys.size());
    if (published > epochs.newest())
        return domain::refuse(sealing_keys_differ, "the newest is missing");
    for (const auto& [epoch, seed] : signer.seeds) {
        if (epoch <= published &&
            events::public_key_of(seed) != signer.keys[static_cast<std::size_t>(epoch) - 1])
            return domain::refuse(sealing_keys_differ, "epoch " + std::to_string(epoch));
    }
    return {};
}

domain::Result<LaneSigner> signer_of(pqxx::transaction_base& tx, const std::string& log, int lane,
                                     const security::KeyEpochs& epochs) {
    LaneSigner signer{events::origin_of(log, lane), {}, lane_seeds(epochs, lane)};
    std::vector<std::string> notes;
    for (const auto& row :
         tx.exec("select note from integrity.signing_key where lane = $1 order by epoch",
                 pqxx::params{lane}))
        notes.push_back(projections::bytes_of(row[0].view()));
    if (!notes.empty()) {
        auto keys = events::keys_from(signer.origin, notes);
        if (!keys) return domain::refuse(sealing_keys_differ, "the published chain is broken");
        signer.keys = *std::move(keys);
    }
    if (auto own = check_own(signer, epochs); !own) return std::unexpected(own.error());
    return signer;
}

}  // namespace

events::LaneSeeds lane_seeds(const security::KeyEpochs& epochs, int lane) {
    events::LaneSeeds seeds;
    for (const auto& [epoch, key] : epochs.keys)
        crypto_kdf_derive_from_key(seeds[epoch].data(), seeds[epoch].size(),
                                   static_cast<std::uint64_t>(lane), "lanesign", key.data());
    return seeds;
}

domain::Result<std::map<int, LaneSigner>> publish_keys(pqxx::transaction_base& tx,
                                                       const security::KeyEpochs& epochs) {
    const auto log = tx.query_value<std::string>("select name from integrity.log");
    std::map<int, LaneSigner> signers;
    projections::SmallInts lanes;
    projections::Ints numbers;
    projections::Byteas notes;
    for (const auto& [lane] : tx.query<int>("select lane from log.lane_head order by lane")) {
        auto signer = signer_of(tx, log, lane, epochs);
        if (!signer) return std::unexpected(signer.error());
        while (static_cast<int>(signer->keys.size()) < epochs.newest()) {
            const auto epoch = static_cast<int>(signer->keys.size()) + 1;
            const auto seed = signer->seeds.find(epoch);
            if (seed != signer->seeds.end())
                signer->keys.push_back(events::public_key_of(seed->second));
            const auto note = seed == signer->seeds.end()
                                  ? std::nullopt
                                  : events::key_note(signer->origin, signer->keys, signer->seeds);
            if (!note)
                return domain::refuse(sealing_keys_differ,
                                      "nothing vouches for epoch " + std::to_string(epoch));
            lanes.push_back(static_cast<std::int16_t>(lane));
            numbers.push_back(epoch);
            notes.push_back({events::to_text(*note)});
        }
        signers.emplace(lane, *std::move(signer));
    }
    tx.exec(
        "insert into integrity.signing_key (lane, epoch, note) "
        "select * from unnest($1::smallint[], $2::int[], $3::bytea[])",
        projections::as_params(lanes, numbers, notes));
    return signers;
}

struct Sealing::Body {
    Database database;
    LoadKeys load_keys;
    std::unique_ptr<pqxx::connection> connection;
    bool ours = false;
    std::int64_t keys_read_at = 0;
    std::map<int, LaneState> lanes;

    void forget() {
        connection.reset();
        lanes.clear();
        ours = false;
        keys_read_at = 0;
    }

    bool take_lock(pqxx::transaction_base& tx) {
        if (!ours)
            ours = tx.query_value<bool>("select pg_try_advisory_lock(" + std::string{sealer_lock} +
                                        ")");
        return ours;
    }

    /// A rotation is noticed within a minute.
    domain::Result<void> read_keys(pqxx::transaction_base& tx, std::int64_t seconds) {
        if (keys_read_at != 0 && seconds < keys_read_at + heartbeat_seconds) return {};
        const auto epochs = load_keys();
        if (!epochs) return std::unexpected(epochs.error());
        auto signers = publish_keys(tx, *epochs);
        if (!signers) return std::unexpected(signers.error());
        for (auto& [lane, signer] : *signers) lanes[lane].signer = std::move(signer);
        keys_read_at = seconds;
        return {};
    }

    /// The tree as another process, or this one before it was stopped, has left it.
    domain::Result<void> restore(pqxx::transaction_base& tx, int lane, LaneState& state,
                                 std::int64_t size) {
        state.tree = {};
        state.tenants.clear();
        std::vector<events::merkle::Range> ranges;
        const auto cover = events::merkle::cover({0, size});
        for (const auto& subtree : cover) ranges.push_back({subtree.first(), subtree.end()});
        const auto roots = projections::range_roots(tx, lane, ranges);
        if (!roots) return domain::refuse(sealing_halted, "the stored tree has a hole");
        for (std::size_t i = 0; i < cover.size(); ++i)
            state.tree.append(cover[i].level, (*roots)[i]);
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
    }

    domain::Result<void> seal_lane(pqxx::transaction_base& tx, int lane, std::int64_t sealed,
                                   std::int64_t head, std::int64_t seconds) {
        auto& state = lanes[lane];
        if (state.tree.size() != sealed) {
            if (auto restored = restore(tx, lane, state, sealed); !restored) return restored;
        }
        while (sealed < head) {
            const auto to = std::min(head, sealed + projections::seal_events_max);
            const auto packed = read_batch(tx, lane, sealed, to);
            if (!packed) return std::unexpected(packed.error());
            write(tx, lane, state, grow(lane, state, *packed, to), sealed, seconds);
            sealed = to;
        }
        heartbeat(tx, lane, state, seconds);
        return {};
    }

    domain::Result<SealRound> round(std::int64_t seconds, Batches batches) {
        if (!connection) connection = connect(database, As::sealer);
        pqxx::nontransaction tx{*connection};
        SealRound done{take_lock(tx)};
        if (done.ours) {
            if (auto read = read_keys(tx, seconds); !read) return std::unexpected(read.error());
        }
        const auto rows = tx.exec(prepared(tx, "seal_heads", R"sql(
            select h.lane, h.position, coalesce(s.last, 0),
                   coalesce(extract(epoch from c.signed_at)::bigint, 0)
              from log.lane_head h
              left join lateral (select first_position + events - 1 as last from integrity.seal
                                  where lane = h.lane order by first_position desc limit 1) s
                on true
              left join lateral (select signed_at from integrity.checkpoint where lane = h.lane
                                  order by size desc, signed_at desc limit 1) c on true
             order by h.lane)sql"),
                                  pqxx::params{});
        for (const auto& row : rows) {
            const auto lane = row[0].as<int>();
            auto head = row[1].as<std::int64_t>();
            const auto sealed = row[2].as<std::int64_t>();
            done.unsealed += std::max<std::int64_t>(0, head - sealed);
            if (!done.ours) continue;
            if (batches == Batches::whole) head -= (head - sealed) % projections::seal_events_max;
            lanes[lane].signed_at = std::max(lanes[lane].signed_at, row[3].as<std::int64_t>());
            if (auto ran = seal_lane(tx, lane, sealed, head, seconds); !ran)
                return std::unexpected(ran.error());
            done.sealed += std::max<std::int64_t>(0, head - sealed);
        }
        return done;
    }
};

Sealing::Sealing(Database database, LoadKeys load_keys)
    : body_{new Body{std::move(database), std::move(load_keys), nullptr, false, 0, {}}} {}
Sealing::~Sealing() = default;

domain::Result<SealRound> Sealing::round(domain::Instant now, Batches batches) {
    auto done = refusing([&] { return body_->round(now.micros / domain::second_micros, batches); });
    // What was signed and not written is signed again: the same leaves, the same root.
    if (!done) body_->forget();
    return done;
}

}  // namespace postgres
