#pragma once
#include "src/cli/command.hpp"

namespace cli {

/// Heads, lags, rates and the last advance, each second until a signal or --count looks: repainted
/// on a terminal, a line a look elsewhere.
Outcome watch_status(Context& context);

}  // namespace cli
