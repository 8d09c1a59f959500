#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Many whole numbers as one text: differences from the number before, `d` or `dxN` for N equal
/// ones in a row, with a space between.
namespace events {

/// Writes such a text, number after number.
class Differences {
public:
    void push_back(std::int64_t value);
    const std::string& text();

private:
    void flush();

    std::string text_;
    std::int64_t before_ = 0, step_ = 0, count_ = 0;
};

/// The numbers again; empty when the text is malformed or holds more than `count_max`.
std::optional<std::vector<std::int64_t>> numbers_from(std::string_view text, std::size_t count_max);

/// What is before the next space; `text` goes on after it.
std::string_view next_word(std::string_view& text);

}  // namespace events
