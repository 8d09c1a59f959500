#include "src/runtime/metrics.hpp"

#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <vector>

namespace runtime {
namespace {

const prometheus::Histogram::BucketBoundaries seconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                      0.25,  0.5,    1,     2.5,  5,     10};

prometheus::Labels labels_of(const std::string& label, const std::string& value) {
    if (label.empty()) return {};
    return {{label, value}};
}

struct Read {
    prometheus::Counter* counter{};
    prometheus::Gauge* gauge{};
    std::function<double()> read;
};

}  // namespace

struct Metrics::Body {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests =
        prometheus::BuildCounter()
            .Name("cairn_http_requests_total")
            .Help("Answers by route, method and status.")
            .Register(registry);
    prometheus::Family<prometheus::Histogram>& durations =
        prometheus::BuildHistogram()
            .Name("cairn_http_request_duration_seconds")
            .Help("From the parsed request to its answer.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& commands = prometheus::BuildCounter()
                                                            .Name("cairn_commands_total")
                                                            .Help("Decided commands by outcome.")
                                                            .Register(registry);
    std::mutex mutex;
    std::vector<Read> reads;
};

Metrics::Metrics() : body_{std::make_unique<Body>()} {}
Metrics::~Metrics() = default;

void Metrics::request(std::string_view route, std::string_view method, int status,
                      std::int64_t micros) {
    constexpr double micros_in_second = 1e6;
    const std::string route_text{route}, method_text{method};
    body_->requests
        .Add({{"route", route_text}, {"method", method_text}, {"code", std::to_string(status)}})
        .Increment();
    body_->durations.Add({{"route", route_text}, {"method", method_text}}, seconds)
        .Observe(static_cast<double>(micros) / micros_in_second);
}

void Metrics::command(std::string_view command, std::string_view outcome) {
    body_->commands.Add({{"command", std::string{command}}, {"outcome", std::string{outcome}}})
        .Increment();
}

void Metrics::counter(const std::string& name, const std::string& help, const std::string& label,
                      const std::string& value, std::function<double()> read) {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(body_->registry);
    const std::lock_guard lock{body_->mutex};
    body_->reads.push_back({&family.Add(labels_of(label, value)), nullptr, std::move(read)});
}

void Metrics::gauge(const std::string& name, const std::string& help, const std::string& label,
                    const std::string& value, std::function<double()> read) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(body_->registry);
    const std::lock_guard lock{body_->mutex};
    body_->reads.push_back({nullptr, &family.Add(labels_of(label, value)), std::move(read)});
}

std::string Metrics::scrape() {
    {
        const std::lock_guard lock{body_->mutex};
        for (auto& read : body_->reads) {
            const auto value = read.read();
            if (read.gauge != nullptr) read.gauge->Set(value);
            else if (value > read.counter->Value())
                read.counter->Increment(value - read.counter->Value());
        }
    }
    return prometheus::TextSerializer{}.Serialize(body_->registry.Collect());
}

}  // namespace runtime
