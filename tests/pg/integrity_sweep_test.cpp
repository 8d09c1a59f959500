// Every byte of every column of every row that a lane's proof rests on, and rounds of damage
// without a plan. Everyday runs take what fits into some seconds, each time another part of it;
// CAIRN_TEST_SWEEP=all takes everything. CAIRN_TEST_SEED repeats a run.
#include "src/runtime/clock.hpp"
#include "tests/support/flips.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace integrity_sweep_test {
namespace {

using support::TamperedLog;

constexpr int log_events = 200;
constexpr int seal_events = 20;
constexpr std::int64_t everyday_micros = 4'000'000;

bool wants_all() {
    const char* wanted = std::getenv("CAIRN_TEST_SWEEP");
    return wanted != nullptr && std::string_view{wanted} == "all";
}

std::mt19937_64 seeded() {
    const char* given = std::getenv("CAIRN_TEST_SEED");
    const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
    std::printf("CAIRN_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
    return std::mt19937_64{seed};
}

/// One change of one value, and where it has to be found.
struct Flip {
    std::string sql;
    std::int64_t from{}, to{};
    std::size_t column{};  ///< of all that are swept
};

class Sweep : public testing::Test {
protected:
    static void SetUpTestSuite() {
        // The last level of whole subtrees needs 256 events; the sweep is over the first 200.
        log_ = std::make_unique<TamperedLog>("sweep", log_events + 3 * seal_events, seal_events);
    }
    static void TearDownTestSuite() { log_.reset(); }

    static std::string in_lane(const std::string& more) {
        return "lane = " + std::to_string(log_->lane()) + " and " + more;
    }
    static std::vector<std::int64_t> places(const std::string& table, const std::string& column) {
        pqxx::nontransaction tx{log_->admin()};
        std::vector<std::int64_t> all;
        for (const auto& [place] :
             tx.query<std::int64_t>("select " + column + " from " + table + " where " +
                                    in_lane("true") + " order by 1"))
            all.push_back(place);
        return all;
    }
    /// Every change of every column of one row. A row that is moved may be missed earlier or later.
    void add(const std::string& table, const std::string& key, std::int64_t place,
             std::int64_t from, std::int64_t to) {
        const auto where = in_lane(key + " = " + std::to_string(place));
        for (const auto& column : support::columns_of(*log_, table)) {
            const bool moves = column.name == key || column.name == "lane";
            const auto size = support::bytes_in(*log_, table, column, where);
            const auto of = names_.emplace(table + "." + column.name, names_.size()).first->second;
            for (const auto& change : support::changes_of(column.name, column.type, size, 1)) {
                std::string sql = "update ";
                sql.append(table).append(" set ").append(column.name).append(" = ");
                sql.append(change).append(" where ").append(where);
                flips_.push_back({std::move(sql), moves ? 0 : from,
                                  moves ? std::numeric_limits<std::int64_t>::max() : to, of});
            }
        }
    }

    static std::unique_ptr<TamperedLog> log_;
    std::vector<Flip> flips_;
    std::map<std::string, std::size_t> names_;
};
std::unique_ptr<TamperedLog> Sweep::log_;

TEST_F(Sweep, EveryByteOfEveryRow) {
    auto random = seeded();
    for (std::int64_t position = 1; position <= log_events; ++position)
        add("log.event", "position", position, position, position);
    for (const auto first : places("integrity.seal", "first_position"))
        add("integrity.seal", "first_position", first, first, first + seal_events);
    for (const auto index : places("integrity.subtree", "index"))
        add("integrity.subtree", "index", index, 1, 256 * (index + 1));
    for (const auto size : places("integrity.checkpoint", "size"))
        add("integrity.checkpoint", "size", size, size - seal_events + 1, size + seal_events);
    std::ranges::shuffle(flips_, random);
    const auto until = runtime::steady_micros() + everyday_micros;
    std::set<std::size_t> changed;
    int tried = 0, refused = 0, missed = 0;
    for (const auto& flip : flips_) {
        if (!wants_all() && runtime::steady_micros() > until) break;
        ++tried;
        const auto report = log_->after(flip.sql);
        if (!report) {
            ++refused;
            continue;
        }
        changed.insert(flip.column);
        const auto found = report->finding.value_or(events::Finding{.position = -1});
        if (found.position >= flip.from && found.position <= flip.to) continue;
        if (++missed <= 5)
            ADD_FAILURE() << flip.sql << " is found at " << found.position << " " << found.rule;
    }
    std::printf("%d of %zu changes tried, %d refused by PostgreSQL, %d missed\n", tried,
                flips_.size(), refused, missed);
    EXPECT_EQ(missed, 0);
    EXPECT_GT(tried - refused, 10);
    EXPECT_TRUE(!wants_all() || changed.size() == names_.size());
}

/// Damage of one kind at places drawn from `random`; returns the first position that is wrong.
std::int64_t damage(pqxx::transaction_base& tx, TamperedLog& log, std::mt19937_64& random) {
    const auto draw = [&](std::int64_t from, std::int64_t to) {
        return std::uniform_int_distribution<std::int64_t>{from, to}(random);
    };
    const auto all = log_events + 3 * seal_events;
    const auto lane = "lane = " + std::to_string(log.lane());
    const auto move = [&](std::int64_t from, std::int64_t to) {
        tx.exec("update log.event set position = " + std::to_string(to) + " where " + lane +
                " and position = " + std::to_string(from));
    };
    const auto at = draw(1, all);
    const auto text = std::to_string(at);
    switch (draw(0, 5)) {
        case 0:  // some are gone
            tx.exec("delete from log.event where " + lane + " and position >= " + text +
                    " and position <= " + std::to_string(at + draw(0, 5)));
            return at;
        case 1:  // the end is gone
            tx.exec("delete from log.event where " + lane + " and position >= " + text);
            return at;
        case 2: {  // one is gone, and the gap is closed
            tx.exec("delete from log.event where " + lane + " and position = " + text);
            tx.exec("update log.event set position = -position where " + lane + " and position > " +
                    text);
            tx.exec("update log.event set position = -position - 1 where " + lane +
                    " and position < 0");
            return at;
        }
        case 3: {  // two have changed places
            const auto other = at == all ? at - 1 : draw(at + 1, all);
            move(at, 1'000'000);
            move(other, at);
            move(1'000'000, other);
            return std::min(at, other);
        }
        case 4: {  // one was slipped in
            tx.exec("update log.event set position = -position where " + lane +
                    " and position >= " + text);
            tx.exec("update log.event set position = 1 - position where " + lane +
                    " and position < 0");
            tx.exec(
                "create temporary table copied on commit drop as select * from log.event where " +
                lane + " and position = " + std::to_string(at + 1));
            tx.exec("update copied set position = " + text +
                    ", version = version + 100000, id = gen_random_uuid()");
            tx.exec("insert into log.event select * from copied");
            return at;
        }
        default:  // one is rewritten, and all that follows from it but the signatures
            support::rewrite(tx, log, at, nullptr);
            return at;
    }
}

TEST_F(Sweep, DamageWithoutAPlan) {
    auto random = seeded();
    const int rounds_max = wants_all() ? 5000 : 300;
    const auto until = runtime::steady_micros() + everyday_micros;
    int rounds = 0;
    for (; rounds < rounds_max; ++rounds) {
        if (!wants_all() && runtime::steady_micros() > until) break;
        std::int64_t first = 0;
        const auto report =
            log_->after([&](pqxx::transaction_base& tx) { first = damage(tx, *log_, random); });
        ASSERT_TRUE(report.finding) << "round " << rounds << ", from position " << first;
        // Signatures are of whole seals, so a rewritten one is named by its seal.
        const auto seal = (first - 1) / seal_events * seal_events + 1;
        EXPECT_GE(report.finding->position, seal) << "round " << rounds;
        EXPECT_LE(report.finding->position, first)
            << "round " << rounds << " " << report.finding->rule;
    }
    std::printf("%d rounds\n", rounds);
    EXPECT_GT(rounds, 5);
}

}  // namespace
}  // namespace integrity_sweep_test
