#pragma once
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

/// What ran on the processors, as Linux counts it (proc(5)): unlike rates, it does not depend on
/// how fast the machine is at the moment.
namespace bench {

/// Nanoseconds that a process, or a thread of ours given as `self/task/ID`, has run.
inline std::int64_t ran_nanoseconds(const std::string& task) {
    std::int64_t nanoseconds = 0;
    std::ifstream{"/proc/" + task + "/schedstat"} >> nanoseconds;
    return nanoseconds;
}

/// Of our threads with this name.
inline std::int64_t threads_nanoseconds(std::string_view name) {
    std::int64_t sum = 0;
    for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
        std::string known;
        std::getline(std::ifstream{task.path() / "comm"}, known);
        if (known == name) sum += ran_nanoseconds("self/task/" + task.path().filename().string());
    }
    return sum;
}

/// Of everything on this machine; counted in hundredths of a second.
inline std::int64_t machine_nanoseconds() {
    std::ifstream stat{"/proc/stat"};
    std::string name;
    std::int64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0;
    stat >> name >> user >> nice >> system >> idle >> waiting >> irq >> softirq;
    return (user + nice + system + irq + softirq) * (1'000'000'000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace bench
