#pragma once
#include "src/runtime/demo_business.hpp"

/// The shelves of the shop: 40 items whose shares of demand follow Zipf's law, the last twelve of
/// them asked for now and then, and reordered when few are left.
namespace runtime::demo {

struct Stock {
    std::vector<Series> items;  ///< item_sales and item_stock, on days with something new
    std::vector<StockOut> stock_outs;
};

/// `orders` of the shop, a day each.
Stock make_stock(std::uint64_t seed, domain::Date start, const std::vector<int>& orders);

}  // namespace runtime::demo
