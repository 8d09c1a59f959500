#pragma once
#include "src/cli/findings.hpp"

/// Where the relay to a broker stands, as the database knows it.
namespace cli {

struct RelayView {
    std::string state;  ///< off, idle (nobody has relayed yet), running, failing or halted
    std::string code, detail, changed_at;
    bool worked_on{};  ///< some process holds its lock
    std::int64_t events_behind{};
    double seconds_behind{};  ///< age of the first event that is not relayed; 0 when there is none
};
RelayView relay_view(const runtime::Config& config, pqxx::transaction_base& tx);
/// One line of it.
std::string text_of(const RelayView& view);
Finding check_relay(const runtime::Config& config, pqxx::transaction_base& tx);

}  // namespace cli
