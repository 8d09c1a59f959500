#pragma once
#include "domain/alert_rule.hpp"
#include "domain/anomaly.hpp"
#include "domain/closure.hpp"
#include "events/recorded.hpp"
#include "projections/columns.hpp"

#include <map>

namespace pqxx {
class transaction_base;
}

/// What a batch of events changes in the tables of the watch board, one class a context.
namespace projections::watch_board {

class Closures {
public:
    void apply(const events::Recorded& event, const domain::closure::Event& fact);
    void save(pqxx::transaction_base& tx) const;

private:
    struct Row {
        std::optional<domain::closure::Closure> what;
        bool cancelled{};
        std::int64_t version{};
    };
    std::map<RowKey, Row> rows_;
};

class Anomalies {
public:
    void apply(const events::Recorded& event, const domain::anomaly::Event& fact);
    void save(pqxx::transaction_base& tx) const;

private:
    /// A finding replaces the row; without one only what people said of it changes.
    struct Row {
        std::optional<domain::anomaly::Finding> finding;
        domain::anomaly::Status status{};
        std::string note, note_type;
        std::int64_t note_version{};
        std::int64_t version{};
        domain::Instant found_at, at;  ///< the first finding and the last event of the batch
    };
    void save_findings(pqxx::transaction_base& tx) const;
    void save_statuses(pqxx::transaction_base& tx) const;

    std::map<RowKey, Row> rows_;
};

/// Rules and the alerts they raised.
class Alerts {
public:
    void apply(const events::Recorded& event, const domain::alert_rule::Event& fact);
    void save(pqxx::transaction_base& tx) const;

private:
    struct Row {
        std::optional<domain::alert_rule::Set> set;
        bool removed{};
        std::optional<bool> raised;
        std::int64_t version{};
        domain::Instant at;
    };
    /// An alert is open until the next word of its rule resolves it.
    struct Alert {
        std::optional<std::int64_t> raised_by;  ///< a version; empty: raised before this batch
        domain::alert_rule::Raised raised;
        domain::Instant raised_at;
        std::optional<domain::alert_rule::Resolved> resolved;
        domain::Instant resolved_at;
    };
    void resolve(const events::Recorded& event, const domain::alert_rule::Resolved& fact);
    void save_rules(pqxx::transaction_base& tx) const;
    void save_alerts(pqxx::transaction_base& tx) const;
    void save_earlier_alerts(pqxx::transaction_base& tx) const;

    std::map<RowKey, Row> rows_;
    std::map<RowKey, std::vector<Alert>> alerts_;  ///< in the order they were raised
};

}  // namespace projections::watch_board
