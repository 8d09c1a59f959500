#include "tests/support/tampered_log.hpp"

#include "src/postgres/appender.hpp"
#include "tests/support/appends.hpp"

#include <gtest/gtest.h>

namespace support {
namespace {

constexpr std::int64_t year_2026 = 1'767'225'600;
constexpr int lanes_count = 4;
constexpr std::size_t tenants_count = 3;
constexpr std::size_t streams_count = 9;

}  // namespace

TamperedLog::TamperedLog(const std::string& name, int events, int seal_events)
    : database_{fresh_database(name)}, admin_{admin_of(database_).url} {
    keys_ = security::next_sealing({{{0, {}}}});
    keys_.keys.erase(0);
    {
        postgres::Appender appender{database_, {}, [](const postgres::Commit&) {}};
        std::vector<domain::TenantId> tenants;
        while (tenants.size() < tenants_count) {
            const domain::TenantId tenant{new_id()};
            const auto lane = appender.lane_of(tenant);
            if (tenants.empty()) lane_ = lane.value();
            if (lane.value() == lane_) tenants.push_back(tenant);
        }
        for (std::size_t i = 0; i < streams_count; ++i)
            streams_.push_back({tenants[i * i % tenants_count], {new_id(), 0}});
    }
    for (int at = 0; at < events; at += seal_events) {
        append(std::min(seal_events, events - at));
        seal(at);
    }
    pqxx::nontransaction tx{admin_};
    origin_ = events::origin_of(postgres::log_name(tx), lane_);
    log_name_ = postgres::log_name(tx);
    trust(1);
    tx.exec("set session_replication_role = replica");
}

void TamperedLog::append(int events) {
    postgres::Appender appender{database_, {}, [](const postgres::Commit&) {}};
    for (int i = 0; i < events; ++i) {
        auto& [tenant, stream] = streams_[static_cast<std::size_t>(appended_++) % streams_count];
        auto one = append_of(tenant, stream.first, stream.second++, "what was said");
        one.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        ASSERT_TRUE(append_now(appender, std::move(one)));
    }
}

void TamperedLog::seal(std::int64_t seconds) {
    postgres::Sealing sealing{database_, [this] { return keys_; }};
    const auto done = sealing.round({(year_2026 + seconds) * 1'000'000});
    ASSERT_TRUE(done) << done.error().why.slug << " " << done.error().detail;
    ASSERT_TRUE(done->ours);
}

void TamperedLog::rotate(std::int64_t seconds) {
    keys_ = security::next_sealing(keys_);
    seal(seconds);
}

void TamperedLog::trust(int epoch) {
    options_.trusted.clear();
    for (int lane = 0; lane < lanes_count; ++lane)
        options_.trusted.push_back(
            {events::origin_of(log_name_, lane),
             events::public_key_of(postgres::lane_seeds(keys_, lane).at(epoch))});
}

postgres::LaneReport TamperedLog::report_of(pqxx::transaction_base& tx) {
    // The lane that was tampered with; a finding anywhere else is one too.
    postgres::LaneReport report;
    for (auto& one : postgres::audit_log(tx, options_)) {
        if (one.lane == lane_ || (one.finding && !report.finding)) report = std::move(one);
        if (report.lane == lane_ && report.finding) return report;
    }
    return report;
}

std::optional<postgres::LaneReport> TamperedLog::after(const std::string& sql) {
    pqxx::work tx{admin_};
    try {
        if (tx.exec(sql).affected_rows() == 0) {
            ADD_FAILURE() << "nothing was changed by " << sql;
            return std::nullopt;
        }
    } catch (const pqxx::sql_error&) {
        return std::nullopt;
    }
    return report_of(tx);
}

postgres::LaneReport TamperedLog::after(
    const std::function<void(pqxx::transaction_base&)>& change) {
    pqxx::work tx{admin_};
    change(tx);
    return report_of(tx);
}

postgres::LaneReport TamperedLog::as_it_is() {
    pqxx::work tx{admin_};
    return report_of(tx);
}

void rewrite(pqxx::transaction_base& tx, TamperedLog& log, std::int64_t position,
             const security::KeyEpochs* keys) {
    const auto lane = std::to_string(log.lane());
    tx.exec("update log.event set type = 'test.changed' where lane = " + lane +
            " and position = " + std::to_string(position));
    events::LaneSeeds seeds;
    if (keys != nullptr) seeds = postgres::lane_seeds(*keys, log.lane());
    events::LaneKeys published;
    for (const auto& [epoch, seed] : seeds) published.push_back(events::public_key_of(seed));
    events::merkle::Frontier tree;
    std::map<domain::TenantId, std::int64_t> tenants;
    std::map<std::int64_t, std::string> leaves;
    for (const auto& [first] :
         tx.query<std::int64_t>("select first_position from integrity.seal where lane = " + lane))
        leaves[first];
    std::map<std::int64_t, events::Hash> roots;
    for (const auto& row :
         tx.exec("select " + postgres::header_columns() +
                 " from integrity.header e where e.lane = " + lane + " order by e.position")) {
        const auto header = postgres::header_from(row);
        const auto hash = events::content_hash(header.event, header.data_digest);
        const auto leaf = events::leaf_hash({log.lane(), header.event.position, header.event.tenant,
                                             ++tenants[header.event.tenant]},
                                            hash, header.event.traceparent);
        tx.exec("update log.event set hash = $1 where lane = $2 and position = $3 and hash <> $1",
                pqxx::params{pqxx::binary_cast(hash), log.lane(), header.event.position});
        std::prev(leaves.upper_bound(header.event.position))
            ->second.append(reinterpret_cast<const char*>(leaf.data()), leaf.size());
        tree.append(leaf, [&](events::merkle::Subtree at, const events::Hash& node) {
            if (at.level == 8)
                tx.exec("update integrity.subtree set hash = $1 where lane = $2 and index = $3",
                        pqxx::params{pqxx::binary_cast(node), log.lane(), at.index});
        });
        roots[tree.size()] = tree.root();
    }
    for (const auto& [first, bytes] : leaves)
        tx.exec("update integrity.seal set leaves = $1 where lane = $2 and first_position = $3",
                pqxx::params{pqxx::binary_cast(bytes), log.lane(), first});
    if (keys == nullptr) return;
    for (const auto& row :
         tx.exec("select size, extract(epoch from signed_at)::bigint from integrity.checkpoint "
                 "where lane = " +
                 lane)) {
        const auto size = row[0].as<std::int64_t>();
        const auto note = events::to_text(events::signed_checkpoint(
            {log.origin(), size, roots[size]}, published, seeds, row[1].as<std::int64_t>()));
        tx.exec("update integrity.checkpoint set note = $1 where lane = $2 and size = $3",
                pqxx::params{pqxx::binary_cast(note), log.lane(), size});
    }
}

}  // namespace support
