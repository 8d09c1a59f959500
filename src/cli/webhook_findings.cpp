#include "src/cli/webhook_findings.hpp"

#include "src/postgres/webhooks.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

constexpr double overdue_seconds_max = 60;

std::string overdue(pqxx::transaction_base& tx) {
    const auto seconds = postgres::webhook_overdue_seconds(tx);
    if (seconds <= overdue_seconds_max) return "";
    return "one is due for " + std::to_string(static_cast<std::int64_t>(seconds)) + " seconds";
}

}  // namespace

Findings webhook_findings(pqxx::transaction_base& tx) {
    const auto undelivered = names_of(tx, R"sql(
        select format('%s of tenant %s: %s dead letters', webhook, tenant, count(*))
          from feed.webhook_delivery where status = 'dead'
         group by tenant, webhook order by count(*) desc limit 5)sql");
    const auto disabled = names_of(tx, R"sql(
        select format('%s of tenant %s: %s', webhook, tenant, cause) from board.webhook
         where not enabled and not deleted and cause <> 'asked'
         order by updated_at desc limit 5)sql");
    return {finding("webhooks", "warn", undelivered, "all was delivered, or waits for its turn",
                    "see cairn webhook deliveries, then cairn webhook redeliver"),
            finding("webhooks disabled", "warn", disabled, "none was because of its receiver",
                    "mend the receiver, then cairn webhook enable, and redeliver dead letters"),
            finding("webhooks overdue", "warn", overdue(tx), "nothing waits for a worker",
                    "is a server with the role webhooks running, and has it enough time?")};
}

std::string webhook_standing(pqxx::transaction_base& tx) {
    const auto [webhooks, disabled, pending, dead] =
        tx.exec(R"sql(
            select count(*), count(*) filter (where not enabled),
                   (select count(*) from feed.webhook_delivery where status = 'pending'),
                   (select count(*) from feed.webhook_delivery where status = 'dead')
              from board.webhook where not deleted)sql")
            .one_row()
            .as<std::int64_t, std::int64_t, std::int64_t, std::int64_t>();
    return std::to_string(webhooks) + " (" + std::to_string(disabled) + " disabled), " +
           std::to_string(pending) + " deliveries pending, " + std::to_string(dead) + " dead";
}

}  // namespace cli
