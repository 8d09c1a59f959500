#include "projections/moment.hpp"

#include <charconv>

namespace projections {

std::optional<std::int64_t> number_from(std::string_view text) {
    if (text.starts_with('-')) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Moment> moment_from(std::string_view text) {
    if (text.starts_with('@')) {
        const auto position = number_from(text.substr(1));
        if (!position) return std::nullopt;
        return Moment{{}, position, {}};
    }
    if (const auto version = number_from(text)) return Moment{version, {}, {}};
    const auto instant = domain::instant_from(text);
    if (!instant) return std::nullopt;
    return Moment{{}, {}, instant};
}

}  // namespace projections
