#include "events/number_columns.hpp"

#include <algorithm>
#include <charconv>

namespace events {
namespace {

void append_number(std::string& out, std::int64_t value) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

template <class Integer>
const char* read(const char* at, const char* end, Integer& value) {
    const auto [after, error] = std::from_chars(at, end, value);
    return error == std::errc{} ? after : nullptr;
}

}  // namespace

void Differences::push_back(std::int64_t value) {
    const auto step = value - before_;
    before_ = value;
    if (count_ > 0 && step == step_) {
        ++count_;
        return;
    }
    flush();
    step_ = step;
    count_ = 1;
}

const std::string& Differences::text() {
    flush();
    return text_;
}

void Differences::flush() {
    if (count_ == 0) return;
    if (!text_.empty()) text_ += ' ';
    append_number(text_, step_);
    if (count_ > 1) {
        text_ += 'x';
        append_number(text_, count_);
    }
    count_ = 0;
}

std::optional<std::vector<std::int64_t>> numbers_from(std::string_view text,
                                                      std::size_t count_max) {
    std::vector<std::int64_t> numbers;
    std::int64_t value = 0;
    while (!text.empty()) {
        const auto word = next_word(text);
        const auto* end = word.data() + word.size();
        std::int64_t step = 0;
        std::size_t count = 1;
        const auto* at = read(word.data(), end, step);
        if (at != nullptr && at != end && *at == 'x') at = read(at + 1, end, count);
        if (at != end || count > count_max - numbers.size()) return std::nullopt;
        for (; count > 0; --count) numbers.push_back(value += step);
    }
    return numbers;
}

std::string_view next_word(std::string_view& text) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

}  // namespace events
