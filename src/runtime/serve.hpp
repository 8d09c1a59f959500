#pragma once
#include "src/runtime/config.hpp"

/// The two ways to run the server; both return the program's exit code.
namespace runtime {

/// Serves until SIGINT or SIGTERM: then readiness fails, requests in flight finish, and it stops.
/// A second signal stops at once.
int serve(const Config& config);

/// Private PostgreSQL, migrations, demo tenant and server, in the foreground.
int dev(const Config& config, const DevOptions& options);

}  // namespace runtime
