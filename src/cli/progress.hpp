#pragma once
#include "events/writer.hpp"
#include "src/cli/command.hpp"
#include "src/runtime/clock.hpp"

#include <cstdio>

namespace cli {

/// Lines about how far it is, on stderr: repainted on a terminal, else one every few seconds.
class Progress {
public:
    struct Of {
        std::string name;
        std::string_view kind;  ///< what is named: projection, file
        std::string_view unit;  ///< of what is counted: ev, rows
    };
    Progress(const Context& context, Of of, std::int64_t total)
        : context_{context}, of_{std::move(of)}, total_{total} {}

    void add(std::int64_t count) { done_ += count; }
    void tell() {
        const auto now = runtime::steady_micros();
        if (context_.globals.quiet || now - told_ < (context_.terminal ? 200'000 : 5'000'000))
            return;
        told_ = now;
        const auto line = json() ? json_line() : text_line();
        if (context_.terminal && !json()) std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
        else std::fprintf(stderr, "%s\n", line.c_str());
        painted_ = true;
    }
    void end() const {
        if (painted_ && context_.terminal && !json()) std::fprintf(stderr, "\n");
    }
    std::int64_t done() const { return done_; }
    double seconds() const {
        return static_cast<double>(runtime::steady_micros() - started_) / 1'000'000;
    }
    std::int64_t rate() const {
        const auto spent = seconds();
        return spent <= 0 ? 0 : static_cast<std::int64_t>(static_cast<double>(done_) / spent);
    }

private:
    bool json() const {
        return context_.globals.output == Format::json || context_.globals.output == Format::jsonl;
    }
    std::int64_t eta_seconds() const { return rate() == 0 ? 0 : (total_ - done_) / rate(); }
    std::string json_line() const {
        events::Writer out;
        out.open().key("kind").text("progress").key(of_.kind).text(of_.name);
        out.key("done").integer(done_).key("total").integer(total_).key("rate").integer(rate());
        return out.key("eta_s").integer(eta_seconds()).close().take();
    }
    std::string text_line() const {
        const auto tenths = total_ == 0 ? 1000 : done_ * 1000 / total_;
        return of_.name + ": " + std::to_string(done_) + "/" + std::to_string(total_) + "  " +
               std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%  " +
               std::to_string(rate()) + " " + std::string{of_.unit} + "/s  eta " +
               std::to_string(eta_seconds() / 60) + "m" + std::to_string(eta_seconds() % 60) + "s";
    }

    const Context& context_;
    Of of_;
    std::int64_t total_{}, done_{};
    std::int64_t started_ = runtime::steady_micros();
    std::int64_t told_ = started_;
    bool painted_ = false;
};

}  // namespace cli
