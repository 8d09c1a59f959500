#include "domain/benchmark_standing.hpp"

#include <algorithm>
#include <cmath>

namespace domain::benchmark {
namespace {

struct Knot {
    double percent{};
    Decimal value;
};

std::vector<Knot> knots_of(const Percentiles& published) {
    std::vector<Knot> knots;
    for (std::size_t i = 0; i < published.size(); ++i) {
        if (published[i]) knots.push_back({static_cast<double>(percents[i]), *published[i]});
    }
    return knots;
}

}  // namespace

std::optional<Standing> among_percentiles(const Decimal& own, const Percentiles& published) {
    const auto knots = knots_of(published);
    if (knots.size() < 2 || !std::ranges::is_sorted(knots, {}, &Knot::value)) return std::nullopt;
    const auto& first = knots.front();
    const auto& last = knots.back();
    if (own < first.value) return Standing{first.percent, 0, first.percent};
    if (own > last.value) return Standing{last.percent, last.percent, 100};
    const auto same = std::ranges::equal_range(knots, own, {}, &Knot::value);
    if (!same.empty()) {
        const double middle = (same.front().percent + same.back().percent) / 2;
        return Standing{middle, same.front().percent, same.back().percent};
    }
    const auto after = same.begin();
    const auto before = after - 1;
    const double from = before->value.approximate();
    const double share = (own.approximate() - from) / (after->value.approximate() - from);
    return Standing{std::lerp(before->percent, after->percent, share), before->percent,
                    after->percent};
}

std::optional<Standing> among_values(int below, int equal, int count) {
    if (count <= 0) return std::nullopt;
    constexpr double z = 1.959963984540054;  // the 97.5th percentile of the normal distribution
    const double n = count;
    const double share = (below + equal / 2.0) / n;
    const double centre = (share + z * z / (2 * n)) / (1 + z * z / n);
    const double half =
        z / (1 + z * z / n) * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    return Standing{100 * share, 100 * std::max(0.0, centre - half),
                    100 * std::min(1.0, centre + half)};
}

}  // namespace domain::benchmark
