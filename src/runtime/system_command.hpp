#pragma once
#include "commands/request.hpp"
#include "src/postgres/appender.hpp"

/// Commands that nobody gives but the program itself, when it sees what follows from the data.
namespace runtime {

class SystemCommands {
public:
    SystemCommands(postgres::Appender& appender, events::Keys& keys)
        : appender_{appender}, keys_{keys} {}

    events::Keys& keys() const { return keys_; }
    /// A request of nobody's for `tenant`, whose day it is.
    commands::Request request(domain::TenantId tenant, domain::Date today) const;
    /// Appends what was proposed and waits for it; whether nothing is left to do. At one version of
    /// a stream there is one command, whoever gives it and however often.
    bool submit(domain::TenantId tenant, domain::Result<commands::Proposal> proposal);

private:
    postgres::Appender& appender_;
    events::Keys& keys_;
};

}  // namespace runtime
