// The stored form of a batch is read again, however much was taken.
#include "domain/metric_batch.hpp"
#include "events/codec.hpp"
#include "projections/event_view.hpp"
#include "src/cli/no_keys.hpp"

#include <gtest/gtest.h>

namespace metric_batch_test {
namespace {

namespace batch = domain::metric_batch;

/// Every point a series of its own, with as many dimensions as a metric may have.
batch::Ingested most_series() {
    batch::Ingested fact;
    for (std::uint32_t i = 0; i < batch::points_max; ++i) {
        batch::Series series;
        for (int dimension = 0; dimension < 8; ++dimension)
            series.dimensions.emplace("d" + std::to_string(dimension), std::to_string(i));
        fact.series.push_back(std::move(series));
        fact.points.push_back({i, {0}, {0}, domain::Decimal::whole(1)});
    }
    return fact;
}

TEST(Batch, OfSeriesThatAllDifferIsReadAsItWasWritten) {
    const auto fact = most_series();
    cli::NoKeys keys;
    const auto encoded = events::codec<batch::Event>().encode(fact, {keys, {}, {}, 1});
    ASSERT_TRUE(encoded);
    events::Recorded recorded;
    recorded.type = encoded->type;
    recorded.schema = encoded->schema;
    recorded.data = encoded->data;
    const auto decoded = events::codec<batch::Event>().decode(recorded, nullptr);
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(std::get<batch::Ingested>(*decoded), fact);
    const auto shown = projections::event_json(keys, recorded);
    ASSERT_TRUE(shown) << shown.error().detail;
    EXPECT_TRUE(shown->contains(encoded->data));
}

}  // namespace
}  // namespace metric_batch_test
