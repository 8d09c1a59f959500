#include "src/runtime/demo_stock.hpp"

#include "src/runtime/demo_random.hpp"

#include <algorithm>
#include <cmath>
#include <deque>

namespace runtime::demo {
namespace {

using domain::Date;
using domain::Decimal;

constexpr int items_count = 40;
constexpr int intermittent_count = 12;
constexpr double asked_for_share = 0.12;  ///< days on which an intermittent item is asked for
constexpr double lump_mean = 1.5;         ///< more than the one
constexpr int lead_days_min = 4, lead_days_spread = 3;
constexpr double lead_days_mean = 5;
constexpr int days_of_an_order = 21;
constexpr double safety = 3.7;  ///< standard deviations of demand over the lead time
constexpr double typical_orders = 55;

struct Delivery {
    int on{};
    int pieces{};
};

double share_of(int item) {
    double sum = 0;
    for (int i = 1; i <= items_count; ++i) sum += 1.0 / i;
    return 1.0 / (item + 1) / sum;
}

std::string name_of(int item) {
    const auto number = std::to_string(item + 1);
    return "item-" + std::string(number.size() < 2 ? "0" : "") + number;
}

/// One item from the first day to the last.
class Shelf {
public:
    Shelf(std::uint64_t seed, int item, Date start)
        : random_{seed, "stock " + name_of(item)},
          item_{item},
          start_{start},
          sales_{"item_sales", "shop", name_of(item), {}},
          stock_{"item_stock", "shop", name_of(item), {}} {
        const double a_day =
            is_intermittent() ? asked_for_share * (1 + lump_mean) : share_of(item) * typical_orders;
        // The variance of a day in lumps is its rate times the lump's second moment.
        const double variance =
            is_intermittent() ? asked_for_share * (lump_mean + (1 + lump_mean) * (1 + lump_mean))
                              : a_day;
        reorder_at_ = static_cast<int>(
            std::ceil(a_day * lead_days_mean + safety * std::sqrt(variance * lead_days_mean)));
        ordered_ = std::max(6, static_cast<int>(std::ceil(a_day * days_of_an_order)));
        left_ = reorder_at_ + ordered_;
    }

    void live(int t, int orders, std::vector<StockOut>& outs) {
        while (!coming_.empty() && coming_.front().on <= t) {
            left_ += coming_.front().pieces;
            coming_.pop_front();
        }
        const int wanted = demand(orders);
        const int sold = std::min(wanted, left_);
        if (wanted > sold) lose(t, wanted - sold, outs);
        left_ -= sold;
        if (sold > 0) sales_.values.push_back({start_ + t, Decimal::whole(sold)});
        if (stock_.values.empty() || stock_.values.back().value != Decimal::whole(left_))
            stock_.values.push_back({start_ + t, Decimal::whole(left_)});
        if (left_ > reorder_at_ || !coming_.empty()) return;
        coming_.push_back({t + lead_days_min + random_.below(lead_days_spread), ordered_});
    }

    void give(std::vector<Series>& items) {
        items.push_back(std::move(sales_));
        items.push_back(std::move(stock_));
    }

private:
    bool is_intermittent() const { return item_ >= items_count - intermittent_count; }

    int demand(int orders) {
        if (!is_intermittent()) return random_.poisson(orders * share_of(item_));
        if (orders == 0 || random_.uniform() > asked_for_share) return 0;
        return 1 + random_.poisson(lump_mean);
    }

    void lose(int t, int pieces, std::vector<StockOut>& outs) {
        const auto on = start_ + t;
        if (!outs.empty() && outs.back().item == sales_.item && on - outs.back().to <= 1) {
            outs.back().to = on;
            outs.back().lost += pieces;
        } else {
            outs.push_back({sales_.item, on, on, pieces});
        }
    }

    Random random_;
    int item_;
    Date start_;
    Series sales_, stock_;
    int reorder_at_{}, ordered_{}, left_{};
    std::deque<Delivery> coming_;
};

}  // namespace

Stock make_stock(std::uint64_t seed, Date start, const std::vector<int>& orders) {
    Stock stock;
    for (int item = 0; item < items_count; ++item) {
        Shelf shelf{seed, item, start};
        for (std::size_t t = 0; t < orders.size(); ++t)
            shelf.live(static_cast<int>(t), orders[t], stock.stock_outs);
        shelf.give(stock.items);
    }
    return stock;
}

}  // namespace runtime::demo
