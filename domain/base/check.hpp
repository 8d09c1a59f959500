#pragma once
#include <source_location>
#include <stdexcept>
#include <string>

/// Checks for our own mistakes. Never for input, stored data or other services.
namespace domain {

/// A broken promise of ours: it ends one request or one batch at its door and is logged there.
class Defect : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Stops this piece of work because we are wrong.
inline void ensure(bool holds, const char* why,
                   std::source_location at = std::source_location::current()) {
    if (holds) [[likely]]
        return;
    throw Defect{std::string{why} + " (" + at.file_name() + ":" + std::to_string(at.line()) + ")"};
}

}  // namespace domain
