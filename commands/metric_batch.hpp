#pragma once
#include "commands/metric_rows.hpp"
#include "commands/request.hpp"

namespace commands::metric_batch {

/// Proposes a batch of rows that are read already.
domain::Result<Proposal> ingest_rows(events::Store& store, events::Keys& keys,
                                     const Request& request, Rows rows,
                                     domain::metric::Source source);

}  // namespace commands::metric_batch
