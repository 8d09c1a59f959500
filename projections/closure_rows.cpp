// Days on which nothing is expected.
#include "events/codec.hpp"
#include "projections/prepared.hpp"
#include "projections/watch_rows.hpp"

#include <pqxx/pqxx>

namespace projections::watch_board {

void Closures::apply(const events::Recorded& event, const domain::closure::Event& fact) {
    auto& row = rows_[{event.tenant, event.stream.id}];
    row.version = event.version;
    std::visit(domain::Match{[&](const domain::closure::Planned& e) { row.what = e.what; },
                             [&](const domain::closure::Cancelled&) { row.cancelled = true; }},
               fact);
}

void Closures::save(pqxx::transaction_base& tx) const {
    if (rows_.empty()) return;
    Uuids tenant, id, cancelled_tenant, cancelled_id;
    BigInts version, cancelled_version;
    Texts location, reason;
    Dates from, to;
    for (const auto& [key, row] : rows_) {
        if (row.cancelled) {
            cancelled_tenant.push_back(key.tenant);
            cancelled_id.push_back(key.id);
            cancelled_version.push_back(row.version);
        }
        if (!row.what) continue;
        tenant.push_back(key.tenant);
        id.push_back(key.id);
        version.push_back(row.version);
        location.push_back(row.what->location);
        from.push_back(row.what->from);
        to.push_back(row.what->to);
        reason.push_back(row.what->reason);
    }
    tx.exec(prepared(tx, "closure_rows", R"sql(
        insert into board.closure (tenant, closure, version, location, from_day, to_day, reason,
                                   cancelled)
        select r.*, false from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::date[],
                                      $6::date[], $7::text[]) as r)sql"),
            as_params(tenant, id, version, location, from, to, reason))
        .no_rows();
    tx.exec(prepared(tx, "closure_cancelled", R"sql(
        update board.closure c set cancelled = true, version = r.version
          from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as r (tenant, closure, version)
         where c.tenant = r.tenant and c.closure = r.closure)sql"),
            as_params(cancelled_tenant, cancelled_id, cancelled_version))
        .no_rows();
}

}  // namespace projections::watch_board
