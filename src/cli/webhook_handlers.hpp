#pragma once
#include "src/cli/command.hpp"

/// The handlers of what changes a webhook; those of the other commands are in handlers.hpp.
namespace cli {

Outcome webhook_set(Context& context);
Outcome webhook_enable(Context& context);
Outcome webhook_disable(Context& context);
Outcome webhook_rotate(Context& context);

}  // namespace cli
