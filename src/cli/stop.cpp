#include "src/cli/stop.hpp"

#include <csignal>
#include <unistd.h>

namespace cli {
namespace {

volatile std::sig_atomic_t received = 0;

/// Only what is allowed in a signal handler.
void on_signal(int number) {
    if (received != 0) ::_exit(128 + number);
    received = number;
    constexpr char message[] = "\nstopping; a second signal stops at once\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message, sizeof message - 1);
}

}  // namespace

void catch_stop_signals() {
    struct sigaction action{};
    action.sa_handler = on_signal;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

int stop_signal() { return received; }

}  // namespace cli
