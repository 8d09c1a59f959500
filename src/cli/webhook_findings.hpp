#pragma once
#include "src/cli/findings.hpp"

/// What an operator is told of webhooks, of all tenants.
namespace cli {

Findings webhook_findings(pqxx::transaction_base& tx);
/// In a few words: how many there are, how much waits for them and how much was given up.
std::string webhook_standing(pqxx::transaction_base& tx);

}  // namespace cli
