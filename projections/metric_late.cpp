#include "projections/metric_late.hpp"

#include "projections/prepared.hpp"

#include <pqxx/pqxx>
#include <set>

namespace projections::metric {
namespace {

using domain::metric_batch::Ingested;

constexpr std::int64_t late_micros = 48 * domain::hour_micros;

}  // namespace

void Late::add(const events::Recorded& event, const Ingested& fact) {
    for (const auto& point : fact.points) {
        if (event.recorded_at.micros - point.at.micros <= late_micros) continue;
        ++points_[{event.tenant, fact.metric, point.day, fact.series[point.series].location,
                   event.position}];
    }
}

void Late::save(pqxx::transaction_base& tx) {
    if (points_.empty()) return;
    Uuids tenant, metric;
    Dates day;
    Texts location;
    BigInts position;
    Ints points;
    for (const auto& [key, count] : points_) {
        tenant.push_back(std::get<0>(key));
        metric.push_back(std::get<1>(key));
        day.push_back(std::get<2>(key));
        location.push_back(std::get<3>(key));
        position.push_back(std::get<4>(key));
        points.push_back(count);
    }
    tx.exec(prepared(tx, "metric_late", R"sql(
        insert into board.metric_late (tenant, metric, day, location, position, points)
        select * from unnest($1::uuid[], $2::uuid[], $3::date[], $4::text[], $5::bigint[],
                             $6::int[]))sql"),
            as_params(tenant, metric, day, location, position, points))
        .no_rows();
    points_.clear();
}

void forget_late(pqxx::transaction_base& tx, domain::TenantId tenant, std::int64_t position,
                 const Ingested& fact) {
    std::set<domain::Date> distinct;
    for (const auto& point : fact.points) distinct.insert(point.day);
    Dates days;
    for (const auto day : distinct) days.push_back(day);
    tx.exec(prepared(tx, "metric_late_forgotten", R"sql(
        delete from board.metric_late l using unnest($1::date[]) as k (day)
         where l.tenant = $2 and l.metric = $3 and l.day = k.day and l.position = $4)sql"),
            pqxx::params{as_params(days), domain::to_text(tenant), domain::to_text(fact.metric),
                         position})
        .no_rows();
}

}  // namespace projections::metric
