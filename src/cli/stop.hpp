#pragma once

/// SIGINT and SIGTERM as a wish: commands that run long look here between two steps.
namespace cli {

/// From now on the first signal asks for a clean stop and the second ends the process at once.
void catch_stop_signals();
/// The signal that came; 0 when none did.
int stop_signal();

}  // namespace cli
