#pragma once
#include "domain/base/decider.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

/// The loop of everything that looks again and again.
namespace runtime {

/// A thread that does one job, waits, and does it again, until this goes. What the job refuses or
/// throws is logged under the ticker's name, and the next round comes all the same.
class Ticker {
public:
    using Job = std::function<domain::Result<void>()>;

    /// `name` is also the thread's, at most 15 bytes. The first round begins at once.
    Ticker(std::string name, std::chrono::milliseconds every, Job job);
    /// Waits for the round that runs. What the job uses must outlive this.
    ~Ticker();
    /// Begins the next round without waiting; one that runs is followed by another. Any thread.
    void wake();

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
