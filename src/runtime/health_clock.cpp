#include "src/runtime/health_clock.hpp"

#include "events/sha256.hpp"
#include "commands/catalog.hpp"
#include "domain/base/business_day.hpp"
#include "projections/fields.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/ticker.hpp"
#include "src/runtime/uuid.hpp"

#include <pqxx/pqxx>
#include <set>

namespace runtime {
namespace {

constexpr int goals_at_once = 500;

constexpr std::size_t looked_at_max = 100'000;

struct Due {
    std::string day;  ///< when its health was expected to change
    domain::TenantId tenant;
    std::string goal;
    std::int64_t version{};
    domain::Date today;
};

/// The same goal on the same day is the same command, whichever process asks.
domain::Uuid command_of(const Due& due) {
    const auto text =
        "health " + domain::to_text(due.tenant) + due.goal + domain::to_text(due.today);
    const auto hash = events::sha256(text);
    domain::Uuid id;
    std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
    return id;
}

}  // namespace

struct HealthClock::Body {
    postgres::Database database;
    postgres::Appender& appender;
    events::Keys& keys;
    std::chrono::seconds look_every;
    postgres::Reader reader{database};

    /// What was looked at and found unchanged, until its day or its version is another.
    std::set<std::tuple<std::string, std::int64_t, domain::Date>> looked_at;

    /// The next page of goals after `last`.
    std::vector<Due> due(pqxx::connection& connection, const Due& last) {
        pqxx::nontransaction tx{connection};
        std::vector<Due> found;
        for (const auto& row : tx.exec(
                 R"sql(
                 select g.tenant, g.goal, t.time_zone, g.health_due, g.version,
                        t.day_cutoff_minutes
                   from board.smart_goals g join board.tenant t on t.tenant = g.tenant
                  where g.health_due <= (now() + interval '14 hours')::date
                    and (g.health_due, g.tenant, g.goal) > ($2::date, $3::uuid, $4::uuid)
                  order by g.health_due, g.tenant, g.goal limit $1)sql",
                 pqxx::params{goals_at_once, last.day, domain::to_text(last.tenant), last.goal}))
            found.push_back({row[3].as<std::string>(),
                             {projections::uuid_of(row[0])},
                             row[1].as<std::string>(),
                             row[4].as<std::int64_t>(),
                             domain::business_today(row[2].view(), row[5].as<int>(), now())});
        return found;
    }

    void look(pqxx::connection& connection) {
        if (looked_at.size() > looked_at_max) looked_at.clear();
        Due last{"-infinity", {}, domain::to_text(domain::Uuid{}), 0, {}};
        while (true) {
            const auto page = due(connection, last);
            for (const auto& one : page) {
                if (one.day > domain::to_text(one.today)) continue;
                if (looked_at.emplace(one.goal, one.version, one.today).second) evaluate(one);
            }
            if (page.size() < static_cast<std::size_t>(goals_at_once)) return;
            last = page.back();
        }
    }

    void evaluate(const Due& due) {
        commands::Request request;
        request.who.tenant = due.tenant;
        request.command = {command_of(due)};
        request.correlation = request.command.value;
        request.path["goal"] = due.goal;
        request.today = due.today;
        request.now = now();
        request.new_id = &uuid_v7;
        auto proposal = commands::goal::evaluate_health(reader, keys, request);
        if (!proposal || proposal->append.writes.front().events.empty()) return;
        proposal->append.actor = {events::ActorKind::system, {}};
        appender.submit(std::move(proposal->append), [](const auto& outcome) {
            // Who lost a race asks again at the next look.
            if (!outcome && outcome.error().why != events::moved_on)
                log::warn("health not recorded", {{"code", std::string{outcome.error().why.slug}}});
        });
    }

    Ticker ticker{"cairn-clock", look_every, [this] {
                      auto connection = postgres::connect(database, postgres::As::projector);
                      look(*connection);
                      return domain::Result<void>{};
                  }};
};

HealthClock::HealthClock(postgres::Database database, postgres::Appender& appender,
                         events::Keys& keys, std::chrono::seconds look_every)
    : body_{new Body{.database = std::move(database),
                     .appender = appender,
                     .keys = keys,
                     .look_every = look_every}} {}

HealthClock::~HealthClock() = default;

}  // namespace runtime
