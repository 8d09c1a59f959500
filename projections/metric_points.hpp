#pragma once
#include "domain/metric_batch.hpp"
#include "projections/metric_late.hpp"
#include "projections/metric_rollup.hpp"
#include "projections/metric_segment.hpp"

/// The points of a lane's batches, in the order of the log: the last one that counts is shown.
namespace projections::metric {

/// Tells points with different dimensions apart; 0 is none.
std::int64_t variant_of(const std::map<std::string, std::string>& dimensions);

/// Gathers new points and writes them together; corrections and reverts find what they replace.
class Points {
public:
    /// `week_start` of each tenant that has none yet is asked of `weeks`.
    using Weeks = std::map<domain::TenantId, int>;
    Points(pqxx::transaction_base& tx, const Weeks& weeks, const Edges& edges)
        : tx_{tx}, weeks_{weeks}, edges_{edges} {}

    void ingest(const events::Recorded& event, const domain::metric_batch::Ingested& fact);
    /// `fact` is what a batch brought at `position`; by the event at `reverted_at` none of it
    /// counts any more.
    void revert(domain::TenantId tenant, std::int64_t position, std::int64_t reverted_at,
                const domain::metric_batch::Ingested& fact);
    /// Writes what is gathered. Call last.
    void flush();

    /// How many values each batch replaced, by the batch's id.
    const std::map<std::pair<domain::TenantId, domain::BatchId>, int>& corrected() const {
        return corrected_;
    }

private:
    struct Range {
        domain::Instant from, to;
    };
    struct Gathered {
        domain::TenantId tenant;
        std::int64_t position{};
        domain::metric_batch::Ingested fact;
    };

    int week_start(domain::TenantId tenant) const;
    Edge edge(domain::TenantId tenant) const;
    domain::metric_batch::Ingested kept(domain::TenantId tenant,
                                        domain::metric_batch::Ingested fact) const;
    void thaw_around(domain::TenantId tenant, const domain::metric_batch::Ingested& fact,
                     Moments& moments) const;
    bool overlaps(domain::TenantId tenant, domain::MetricId metric, const Range& range) const;
    bool may_meet_known();
    void save_series();
    void touch_series(domain::TenantId tenant, std::int64_t position,
                      const domain::metric_batch::Ingested& fact);
    void correct(const pqxx::params& params);
    void touch_all(Touched& touched) const;

    pqxx::transaction_base& tx_;
    const Weeks& weeks_;
    const Edges& edges_;
    std::vector<Gathered> gathered_;
    Late late_;
    std::map<std::pair<domain::TenantId, domain::MetricId>, std::vector<Range>> ranges_;
    std::size_t points_ = 0;
    std::map<std::pair<domain::TenantId, domain::BatchId>, int> corrected_;
};

}  // namespace projections::metric
