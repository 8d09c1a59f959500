#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

/// What the admin listener tells Prometheus. The only user of prometheus-cpp.
namespace runtime {

class Metrics {
public:
    Metrics();
    ~Metrics();

    void request(std::string_view route, std::string_view method, int status, std::int64_t micros);
    void command(std::string_view command, std::string_view outcome);

    /// A number that somebody else keeps; read at every scrape. `labels` is `name=value` or empty.
    void counter(const std::string& name, const std::string& help, const std::string& label,
                 const std::string& value, std::function<double()> read);
    void gauge(const std::string& name, const std::string& help, const std::string& label,
               const std::string& value, std::function<double()> read);

    /// The text format, version 0.0.4.
    std::string scrape();

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
