#include "src/runtime/log.hpp"

#include "events/writer.hpp"
#include "src/runtime/clock.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace runtime::log {
namespace {

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "cairn", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum level_of(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warn: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
    }
    std::unreachable();
}

}  // namespace

void set_level(std::string_view level) {
    logger().set_level(spdlog::level::from_str(std::string{level}));
}

void write(Level level, std::string_view message, const std::vector<Field>& fields) {
    constexpr std::string_view names[]{"debug", "info", "warn", "error"};
    if (!logger().should_log(level_of(level))) return;
    events::Writer out;
    out.open().key("ts").text(domain::to_text(now()));
    out.key("level").text(names[static_cast<std::size_t>(level)]).key("msg").text(message);
    for (const auto& field : fields) out.key(field.name).text(field.value);
    out.close();
    logger().log(level_of(level), out.view());
}

}  // namespace runtime::log
