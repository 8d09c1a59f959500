#include "projections/moment.hpp"

namespace projections {

std::optional<std::int64_t> number_from(std::string_view text) {
    constexpr std::size_t digits_max = 18;
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
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
