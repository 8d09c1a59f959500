#pragma once
#include <array>
#include <optional>
#include <string_view>

/// Enumerations and their words: each word stands at the place of its enumerator.
namespace domain {

template <std::size_t count>
using Words = std::array<std::string_view, count>;

template <class Enum, std::size_t count>
std::string_view word_of(const Words<count>& words, Enum value) {
    const auto at = static_cast<std::size_t>(value);
    return at < count ? words[at] : std::string_view{};
}

template <class Enum, std::size_t count>
std::optional<Enum> value_of(const Words<count>& words, std::string_view text) {
    for (std::size_t at = 0; at < count; ++at) {
        if (words[at] == text) return static_cast<Enum>(at);
    }
    return std::nullopt;
}

}  // namespace domain
