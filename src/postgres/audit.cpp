#include "src/postgres/audit.hpp"

#include "projections/columns.hpp"
#include "projections/lane_tree.hpp"
#include "projections/prepared.hpp"
#include "src/postgres/event_store.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace postgres {
namespace {

using events::Finding;
using projections::bytes_of;
using projections::prepared;
using Found = std::optional<Finding>;

constexpr int seals_at_once = 64;
constexpr std::int64_t events_at_once = 4000;

std::string_view view(const events::Hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

struct Seal {
    std::int64_t first{}, events{};
    std::string leaves, tenants, tenant_lasts;  ///< the arrays as PostgreSQL writes them
    std::int64_t last() const { return first + events - 1; }
};

struct Signed {
    std::int64_t size{}, signed_at_micros{};
    std::string note;
};

class LaneCheck {
public:
    LaneCheck(pqxx::transaction_base& tx, int lane, const AuditOptions& options)
        : tx_{tx}, lane_{lane}, options_{options}, report_{lane} {}

    LaneReport run() {
        report_.finding = checked();
        if (audit_) {
            report_.events = audit_->size();
            report_.checkpoints = audit_->checkpoints();
        }
        return report_;
    }

private:
    Found checked() {
        const auto origin = events::origin_of(log_name(tx_), lane_);
        if (auto found = check_keys(origin)) return found;
        std::vector<events::Kept> kept;
        for (const auto& one : options_.kept) {
            if (one.head.origin == origin) kept.push_back(one);
        }
        audit_->expect(std::move(kept));
        if (auto found = check_seals()) return found;
        if (auto found = check_tail()) return found;
        if (auto found = audit_->end()) return found;
        if (auto found = check_strays()) return found;
        return check_books();
    }

    Found at(std::int64_t position, std::string_view rule, std::string detail = {}) const {
        return Finding{lane_, position, position, std::string{rule}, std::move(detail)};
    }

    Found check_keys(const std::string& origin) {
        const auto notes = key_notes(tx_, lane_);
        const auto keys = events::keys_from(origin, notes);
        audit_.emplace(lane_, origin, keys.value_or(events::LaneKeys{}));
        bool trusted = false;
        for (const auto& key : options_.trusted) {
            if (key.name != origin) continue;
            trusted = true;
            if (!keys || !std::ranges::contains(*keys, key.key))
                return at(1, keys || notes.empty() ? "key-untrusted" : "key-chain",
                          "a trusted key is not in the published chain");
        }
        if (!keys && !notes.empty()) return at(1, "key-chain", "the published chain is broken");
        if (!trusted && !notes.empty()) return at(1, "key-untrusted", "no key of " + origin);
        return std::nullopt;
    }

    // ---- What is sealed.

    std::vector<Seal> read_seals() {
        std::vector<Seal> seals;
        std::int64_t events = 0;
        for (const auto& row :
             tx_.exec(prepared(tx_, "audit_seals",
                               "select first_position, events, leaves, tenants::text, "
                               "tenant_lasts::text from integrity.seal "
                               "where lane = $1 and first_position > $2 order by first_position "
                               "limit $3"),
                      pqxx::params{lane_, last_seal_first_, seals_at_once})) {
            Seal seal{row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), bytes_of(row[2].view()),
                      row[3].as<std::string>(), row[4].as<std::string>()};
            events += seal.events;
            if (!seals.empty() && events > events_at_once) break;
            seals.push_back(std::move(seal));
        }
        return seals;
    }

    std::vector<Header> read_events(std::int64_t from, std::int64_t to) {
        static const auto sql = "select " + header_columns() +
                                " from integrity.header e where e.lane = $1 and e.position >= $2 "
                                "and e.position <= $3 order by e.position";
        std::vector<Header> found;
        for (const auto& row :
             tx_.exec(prepared(tx_, "audit_events", sql.c_str()), pqxx::params{lane_, from, to}))
            found.push_back(header_from(row));
        return found;
    }

    std::vector<Signed> read_checkpoints(std::int64_t behind, std::int64_t to) {
        std::vector<Signed> found;
        for (const auto& row : tx_.exec(
                 prepared(tx_, "audit_checkpoints",
                          "select size, case when isfinite(signed_at) then "
                          "(extract(epoch from signed_at) * 1000000)::bigint else -1 end, note "
                          "from integrity.checkpoint where lane = $1 and size > $2 and size <= $3 "
                          "order by size, signed_at"),
                 pqxx::params{lane_, behind, to}))
            found.push_back(
                {row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), bytes_of(row[2].view())});
        return found;
    }

    Found check_seals() {
        while (true) {
            const auto seals = read_seals();
            if (seals.empty()) return std::nullopt;
            // A seal that does not follow, or is too large, is found before anything is read by it.
            for (auto next = audit_->size() + 1; const auto& seal : seals) {
                if (seal.first != next)
                    return at(std::min(seal.first, next), "seal-missing",
                              "a seal begins at " + std::to_string(seal.first) + ", not at " +
                                  std::to_string(next));
                if (seal.events > projections::seal_events_max)
                    return at(seal.first, "seal-row", "it has too many events");
                next += seal.events;
            }
            const auto last = seals.back().last();
            const auto events = read_events(seals.front().first, last);
            const auto checkpoints = read_checkpoints(last_sealed_, last);
            std::span<const Header> rest_events{events};
            std::span<const Signed> rest_checkpoints{checkpoints};
            for (const auto& seal : seals) {
                if (auto found = check_seal(seal, rest_events)) return found;
                if (auto found = check_signed(seal.last(), rest_checkpoints)) return found;
            }
            if (auto found = check_subtrees()) return found;
            options_.progress(last);
            last_seal_first_ = seals.back().first;
            last_sealed_ = report_.sealed = last;
        }
    }

    Found check_seal(const Seal& seal, std::span<const Header>& rest) {
        std::map<domain::TenantId, std::int64_t> tenants;
        for (std::int64_t i = 0; i < seal.events; ++i) {
            const auto position = seal.first + i;
            if (rest.empty()) return at(position, "position-missing", "it was sealed");
            if (auto found = audit_->event(rest.front().event, rest.front().data_digest))
                return found;
            const auto place = static_cast<std::size_t>(i) * sizeof(events::Hash);
            if (seal.leaves.size() < place + sizeof(events::Hash) ||
                std::string_view{seal.leaves}.substr(place, sizeof(events::Hash)) !=
                    view(audit_->last_leaf()))
                return at(position, "leaf", "the event is not the one that was sealed");
            const auto tenant = rest.front().event.tenant;
            tenants[tenant] = audit_->tenant_last(tenant);
            keep_completed();
            rest = rest.subspan(1);
        }
        std::string names, lasts;
        for (const auto& [tenant, last] : tenants) {
            names += (names.empty() ? "" : ",") + domain::to_text(tenant);
            lasts += (lasts.empty() ? "" : ",") + std::to_string(last);
        }
        const auto bytes = static_cast<std::size_t>(seal.events) * sizeof(events::Hash);
        if (seal.leaves.size() != bytes || seal.tenants != "{" + names + "}" ||
            seal.tenant_lasts != "{" + lasts + "}")
            return Finding{lane_, seal.first, seal.last(), "seal-row",
                           "tenants, their numbers or the leaves are not those of its events"};
        return std::nullopt;
    }

    /// At least one checkpoint stands at the end of every seal.
    Found check_signed(std::int64_t size, std::span<const Signed>& rest) {
        int checked = 0;
        for (; !rest.empty() && rest.front().size <= size; rest = rest.subspan(1)) {
            if (rest.front().size != size)
                return at(rest.front().size, "checkpoint-size", "no seal ends there");
            if (auto found = audit_->checkpoint(rest.front().note)) return found;
            if (rest.front().signed_at_micros != audit_->last_signed_at() * domain::second_micros)
                return at(size, "checkpoint-time", "the row and the note differ");
            ++checked;
        }
        if (checked == 0) return at(size, "checkpoint-missing", "a seal ends there");
        return std::nullopt;
    }

    void keep_completed() {
        for (const auto& [subtree, hash] : audit_->completed()) completed_[subtree] = hash;
    }

    Found check_subtrees() {
        projections::SmallInts levels;
        projections::BigInts indexes;
        for (const auto& [subtree, hash] : completed_) {
            levels.push_back(static_cast<std::int16_t>(subtree.level));
            indexes.push_back(subtree.index);
        }
        std::map<events::merkle::Subtree, std::string> stored;
        for (const auto& row :
             tx_.exec(prepared(tx_, "audit_subtrees",
                               "select t.level, t.index, t.hash "
                               "from unnest($2::smallint[], $3::bigint[]) as w (level, index) "
                               "join integrity.subtree t on t.lane = $1 and t.level = w.level "
                               "and t.index = w.index"),
                      pqxx::params{lane_, levels.bound(), indexes.bound()}))
            stored[{row[0].as<int>(), row[1].as<std::int64_t>()}] = bytes_of(row[2].view());
        for (const auto& [subtree, hash] : completed_) {
            const auto found = stored.find(subtree);
            if (found == stored.end() || found->second != view(hash))
                return Finding{lane_, subtree.first() + 1, subtree.end(), "subtree",
                               found == stored.end() ? "it is missing" : "it is another"};
        }
        completed_.clear();
        return std::nullopt;
    }

    // ---- What is not sealed yet, and what should not be there.

    Found check_tail() {
        const auto now_micros = tx_.query_value<std::int64_t>(
            "select (extract(epoch from clock_timestamp()) * 1000000)::bigint");
        while (true) {
            const auto page = read_events(audit_->size() + 1, audit_->size() + events_at_once);
            for (const auto& one : page) {
                if (auto found = audit_->event(one.event, one.data_digest)) return found;
                const auto age =
                    (now_micros - one.event.recorded_at.micros) / domain::second_micros;
                if (age > options_.unsealed_seconds_max)
                    return at(audit_->size(), "seal-missing",
                              "recorded " + std::to_string(age) +
                                  " seconds ago; does a server run that seals?");
            }
            options_.progress(audit_->size());
            if (page.empty()) return std::nullopt;
        }
    }

    Found check_strays() {
        const auto ends = tx_.exec(prepared(tx_, "audit_ends", R"sql(
            select coalesce((select position from log.lane_head where lane = $1), 0),
                   coalesce((select min(position) from log.event where lane = $1), 1),
                   coalesce((select max(position) from log.event where lane = $1), 0),
                   coalesce((select min(size) from integrity.checkpoint c where lane = $1
                                and (size < 1 or not exists (select from integrity.seal s
                                     where s.lane = $1 and s.first_position + s.events > c.size))),
                            0))sql"),
                                   pqxx::params{lane_})
                              .one_row();
        const auto head = ends[0].as<std::int64_t>(), lowest = ends[1].as<std::int64_t>();
        const auto highest = ends[2].as<std::int64_t>(), stray = ends[3].as<std::int64_t>();
        if (lowest != 1 && highest > 0) return at(lowest, "position-stray", "");
        if (highest > head) return at(head + 1, "lane-head", "the lane's head is behind");
        if (highest < head) return at(highest + 1, "position-missing", "the head is further");
        if (stray != 0) return at(stray, "checkpoint-size", "nothing is sealed there");
        return check_stray_subtrees();
    }

    Found check_stray_subtrees() {
        const auto rows = tx_.exec(prepared(tx_, "audit_stray_subtrees", R"sql(
            select t.level, t.index from integrity.subtree t
             where t.lane = $1
               and (t.level not in (8, 16, 24, 32, 40, 48, 56) or t.index < 0
                    or t.index >= coalesce((select max(first_position + events - 1)
                                              from integrity.seal where lane = $1), 0) >> t.level)
             limit 1)sql"),
                                   pqxx::params{lane_});
        if (rows.empty()) return std::nullopt;
        return at(audit_->size(), "subtree",
                  "level " + rows[0][0].as<std::string>() + ", index " +
                      rows[0][1].as<std::string>() + " is of no tree");
    }

    /// What appends are compared with has to agree with the events.
    Found check_books() {
        const auto streams = tx_.exec(prepared(tx_, "audit_streams", R"sql(
            select s.category || '-' || s.id,
                   coalesce((select max(e.position) from log.event e
                              where e.tenant = s.tenant and e.category = s.category
                                and e.stream = s.id), 0)
              from log.stream s
             where s.lane = $1
               and s.version is distinct from
                   (select max(e.version) from log.event e where e.tenant = s.tenant
                       and e.category = s.category and e.stream = s.id and e.lane = $1)
             limit 1)sql"),
                                      pqxx::params{lane_});
        if (!streams.empty())
            return at(streams[0][1].as<std::int64_t>(), "stream-head",
                      streams[0][0].as<std::string>());
        const auto missing = tx_.exec(prepared(tx_, "audit_no_streams", R"sql(
            select e.position, e.category || '-' || e.stream from log.event e
             where e.lane = $1 and e.version = 1
               and not exists (select from log.stream s where s.tenant = e.tenant
                                  and s.category = e.category and s.id = e.stream
                                  and s.lane = e.lane)
             order by e.position limit 1)sql"),
                                      pqxx::params{lane_});
        if (!missing.empty())
            return at(missing[0][0].as<std::int64_t>(), "stream-head",
                      missing[0][1].as<std::string>());
        const auto tenants = tx_.exec(prepared(tx_, "audit_tenants", R"sql(
            select distinct s.tenant from log.stream s
             where s.lane = $1 and not exists (select from log.tenant_lane t
                                                where t.tenant = s.tenant and t.lane = $1)
             limit 1)sql"),
                                      pqxx::params{lane_});
        if (!tenants.empty())
            return at(audit_->size(), "tenant-lane", tenants[0][0].as<std::string>());
        return std::nullopt;
    }

    pqxx::transaction_base& tx_;
    int lane_;
    const AuditOptions& options_;
    LaneReport report_;
    std::optional<events::LaneAudit> audit_;
    std::map<events::merkle::Subtree, events::Hash> completed_;
    std::int64_t last_seal_first_ = INT64_MIN, last_sealed_ = INT64_MIN;
};

}  // namespace

std::string log_name(pqxx::transaction_base& tx) {
    return tx.query_value<std::string>("select name from integrity.log");
}

std::vector<std::string> key_notes(pqxx::transaction_base& tx, int lane) {
    std::vector<std::string> notes;
    for (const auto& row :
         tx.exec("select epoch, note from integrity.signing_key where lane = $1 order by epoch",
                 pqxx::params{lane})) {
        const auto expected = static_cast<int>(notes.size()) + 1;
        notes.push_back(row[0].as<int>() == expected ? bytes_of(row[1].view()) : "");
    }
    return notes;
}

std::string header_columns() {
    std::string columns{event_columns};
    columns.resize(columns.rfind(", e.data"));
    return columns + ", '', e.data_digest";
}

Header header_from(const pqxx::row& row) {
    Header header{recorded_from(row), {}};
    const auto digest = bytes_of(row[19].view());
    if (digest.size() == header.data_digest.size())
        std::ranges::copy(digest, header.data_digest.begin());
    return header;
}

std::int64_t events_to_audit(pqxx::transaction_base& tx) {
    return tx.query_value<std::int64_t>(
        "select coalesce(sum(position), 0)::bigint from log.lane_head");
}

std::vector<LaneReport> audit_log(pqxx::transaction_base& tx, const AuditOptions& options) {
    // Also lanes that should not be there: whatever has a row somewhere.
    std::vector<int> lanes;
    for (const auto& [lane] : tx.query<int>(R"sql(
             with recursive stray as (
                 select min(lane) as lane from log.event
                  union all
                 select (select min(e.lane) from log.event e where e.lane > s.lane) from stray s
                  where s.lane is not null)
             select lane from log.lane_head
              union select lane from stray where lane is not null
              union select lane from integrity.seal
              union select lane from integrity.checkpoint
              union select lane from integrity.subtree
              union select lane from integrity.signing_key
              order by 1)sql"))
        lanes.push_back(lane);
    std::vector<LaneReport> reports;
    std::int64_t before = 0;
    for (const auto lane : lanes) {
        auto one = options;
        one.progress = [&](std::int64_t events) { options.progress(before + events); };
        reports.push_back(LaneCheck{tx, lane, one}.run());
        before += reports.back().events;
    }
    return reports;
}

}  // namespace postgres
