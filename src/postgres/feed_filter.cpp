#include "src/postgres/feed_log.hpp"

#include <algorithm>

namespace postgres {
namespace {

constexpr std::size_t values_max = 50;

/// Lower-case words with dots, dashes and underscores.
bool is_name(std::string_view text) {
    constexpr std::size_t name_max = 100;
    return !text.empty() && text.size() <= name_max && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
}

bool contains_or_empty(const auto& wanted, const auto& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

}  // namespace

bool FeedFilter::add_type(std::string_view text) {
    const bool prefix = text.ends_with(".*");
    const auto name = prefix ? text.substr(0, text.size() - 2) : text;
    if (!is_name(name) || types.size() + prefixes.size() >= values_max) return false;
    if (prefix) prefixes.push_back(std::string{name} + ".");
    else types.emplace_back(name);
    return true;
}

bool FeedFilter::add_stream(std::string_view text) {
    constexpr std::size_t uuid_size = 36;
    if (!is_name(text) || categories.size() + streams.size() >= values_max) return false;
    if (text.size() > uuid_size + 1 && text[text.size() - uuid_size - 1] == '-') {
        if (const auto id = domain::uuid_from(text.substr(text.size() - uuid_size))) {
            streams.push_back({std::string{text.substr(0, text.size() - uuid_size - 1)}, *id});
            return true;
        }
    }
    categories.emplace_back(text);
    return true;
}

bool FeedFilter::add_correlation(std::string_view text) {
    const auto id = domain::uuid_from(text);
    if (!id || correlations.size() >= values_max) return false;
    correlations.push_back(*id);
    return true;
}

bool FeedFilter::everything() const {
    return types.empty() && prefixes.empty() && categories.empty() && streams.empty() &&
           correlations.empty();
}

bool FeedFilter::matches(const events::Recorded& event) const {
    const bool begins = std::ranges::any_of(
        prefixes, [&](const std::string& prefix) { return event.type.starts_with(prefix); });
    const bool type = (types.empty() && prefixes.empty()) || begins ||
                      std::ranges::find(types, event.type) != types.end();
    const bool stream = (categories.empty() && streams.empty()) ||
                        std::ranges::find(categories, event.stream.category) != categories.end() ||
                        std::ranges::find(streams, event.stream) != streams.end();
    return type && stream && contains_or_empty(correlations, event.correlation);
}

}  // namespace postgres
