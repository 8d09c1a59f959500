#pragma once
#include <cstdio>
#include <string_view>

/// Limits that a bench states.
namespace bench {

/// With --check among the arguments a limit that is missed makes the bench fail; without, numbers
/// are only printed, because they say as much about the machine as about the program.
class Check {
public:
    Check(int count, char** arguments) {
        for (int i = 1; i < count; ++i)
            wanted_ = wanted_ || std::string_view{arguments[i]} == "--check";
    }
    void below(const char* what, double value, double limit) {
        keep(what, value, "<", limit, value < limit);
    }
    void at_least(const char* what, double value, double limit) {
        keep(what, value, ">=", limit, value >= limit);
    }
    void holds(const char* what, bool held) {
        failed_ = failed_ || !held;
        if (!held) std::printf("MISSED: %s\n", what);
    }
    int exit_status() const { return wanted_ && failed_ ? 1 : 0; }

private:
    void keep(const char* what, double value, const char* relation, double limit, bool held) {
        failed_ = failed_ || !held;
        std::printf("%s: %s %.4g, limit %s %.4g\n", held ? "held" : "MISSED", what, value, relation,
                    limit);
    }

    bool wanted_ = false, failed_ = false;
};

}  // namespace bench
