#pragma once
#include <string>
#include <string_view>
#include <vector>

/// One JSON object a line on stderr. Fields are ids, codes and numbers: never payloads, tokens or
/// anything a person typed.
namespace runtime::log {

enum class Level { debug, info, warn, error };

struct Field {
    std::string_view name;
    std::string value;
};

/// `level` is debug, info, warn, error or off.
void set_level(std::string_view level);
/// `message` is a constant text, so that lines can be counted.
void write(Level level, std::string_view message, const std::vector<Field>& fields = {});
inline void info(std::string_view message, const std::vector<Field>& fields = {}) {
    write(Level::info, message, fields);
}
inline void warn(std::string_view message, const std::vector<Field>& fields = {}) {
    write(Level::warn, message, fields);
}
inline void error(std::string_view message, const std::vector<Field>& fields = {}) {
    write(Level::error, message, fields);
}

}  // namespace runtime::log
