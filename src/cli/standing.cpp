#include "src/cli/standing.hpp"

#include "projections/projection.hpp"
#include "src/cli/database.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace cli {
namespace {

std::vector<LaneStanding> lanes_of(pqxx::transaction_base& tx, std::string_view name) {
    std::vector<LaneStanding> lanes;
    for (const auto& row : tx.exec(R"sql(
            select h.lane, coalesce(c.position, 0), h.position,
                   coalesce((select extract(epoch from now() - e.recorded_at) from log.event e
                              where e.lane = h.lane and e.position = coalesce(c.position, 0) + 1),
                            0)::float8,
                   coalesce(c.advanced_at::text, ''),
                   coalesce((select l.holder from projection.lease l
                              where l.name = $1 and l.lane = h.lane and l.expires_at > now()), '')
              from log.lane_head h
              left join projection.checkpoint c on c.name = $1 and c.lane = h.lane
             order by h.lane)sql",
                                   pqxx::params{name}))
        lanes.push_back({row[0].as<int>(), row[1].as<std::int64_t>(), row[2].as<std::int64_t>(),
                         std::max(0.0, row[3].as<double>()), instant_text(row[4].view()),
                         row[5].as<std::string>()});
    return lanes;
}

}  // namespace

std::int64_t Standing::behind() const {
    std::int64_t sum = 0;
    for (const auto& lane : lanes) sum += lane.head - lane.position;
    return sum;
}

double Standing::lag_seconds() const {
    double most = 0;
    for (const auto& lane : lanes) most = std::max(most, lane.lag_seconds);
    return most;
}

std::string Standing::advanced_at() const {
    std::string last;
    for (const auto& lane : lanes) last = std::max(last, lane.advanced_at);
    return last;
}

std::vector<Standing> standings(pqxx::connection& connection) {
    pqxx::nontransaction tx{connection};
    std::vector<Standing> all;
    for (const auto& projection : projections::catalog()) {
        Standing one;
        one.name = projection.name;
        one.lanes = lanes_of(tx, projection.name);
        one.parked = tx.query_value<std::int64_t>(
            "select count(*) from projection.dead_letter where name = $1",
            pqxx::params{projection.name});
        one.state = "running";
        const auto state =
            tx.exec("select paused, coalesce(failed, '') from projection.state where name = $1",
                    pqxx::params{projection.name});
        if (!state.empty()) {
            one.failed = state[0][1].as<std::string>();
            if (state[0][0].as<bool>()) one.state = "paused";
            if (!one.failed.empty()) one.state = "failed";
        }
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace cli
