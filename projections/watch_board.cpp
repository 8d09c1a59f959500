#include "projections/watch_board.hpp"

#include "events/codec.hpp"
#include "projections/watch_rows.hpp"

namespace projections::watch_board {
namespace {

constexpr std::string_view categories[]{"alert-rule", "anomaly", "closure"};
constexpr std::string_view tables[]{"board.alert", "board.alert_rule", "board.anomaly",
                                    "board.closure"};

template <class Event, class Rows>
Applied apply_one(Rows& rows, const events::Recorded& event, std::size_t index) {
    auto fact = events::codec<Event>().decode(event, nullptr);
    if (!fact) return std::unexpected(Poison{index, std::move(fact.error())});
    rows.apply(event, *fact);
    return {};
}

Applied apply(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    Closures closures;
    Anomalies anomalies;
    Alerts alerts;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto& category = batch[i].stream.category;
        const auto applied =
            category == "closure"   ? apply_one<domain::closure::Event>(closures, batch[i], i)
            : category == "anomaly" ? apply_one<domain::anomaly::Event>(anomalies, batch[i], i)
                                    : apply_one<domain::alert_rule::Event>(alerts, batch[i], i);
        if (!applied) return applied;
    }
    closures.save(tx);
    anomalies.save(tx);
    alerts.save(tx);
    return {};
}

}  // namespace

const Projection projection{"watch_board", categories, "", tables, &apply};

}  // namespace projections::watch_board
