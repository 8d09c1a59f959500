#include "events/point_columns.hpp"

#include <algorithm>
#include <charconv>

namespace events {
namespace {

using domain::metric_batch::Point;
using domain::metric_batch::points_max;

constexpr std::int64_t second_micros = 1'000'000;

void append_number(std::string& out, std::int64_t value) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

/// Differences, equal ones in a row counted.
class Differences {
public:
    void push_back(std::int64_t value) {
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
    const std::string& text() {
        flush();
        return text_;
    }

private:
    void flush() {
        if (count_ == 0) return;
        if (!text_.empty()) text_ += ' ';
        append_number(text_, step_);
        if (count_ > 1) {
            text_ += 'x';
            append_number(text_, count_);
        }
        count_ = 0;
    }

    std::string text_;
    std::int64_t before_ = 0, step_ = 0, count_ = 0;
};

std::string_view next_word(std::string_view& text) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

template <class Integer>
const char* read(const char* at, const char* end, Integer& value) {
    const auto [after, error] = std::from_chars(at, end, value);
    return error == std::errc{} ? after : nullptr;
}

/// The numbers again; empty when the text is malformed or longer than any batch.
std::optional<std::vector<std::int64_t>> numbers_from(std::string_view text) {
    std::vector<std::int64_t> numbers;
    std::int64_t value = 0;
    while (!text.empty()) {
        const auto word = next_word(text);
        const auto* end = word.data() + word.size();
        std::int64_t step = 0;
        std::size_t count = 1;
        const auto* at = read(word.data(), end, step);
        if (at != nullptr && at != end && *at == 'x') at = read(at + 1, end, count);
        if (at != end || count > points_max - numbers.size()) return std::nullopt;
        for (; count > 0; --count) numbers.push_back(value += step);
    }
    return numbers;
}

std::optional<std::vector<std::int64_t>> column(Node node, std::string_view name) {
    const auto member = node.find(name);
    const auto text = member ? member->text() : std::nullopt;
    return text ? numbers_from(*text) : std::nullopt;
}

}  // namespace

void put(Writer& out, const std::vector<Point>& points, std::string_view, Sealer&) {
    const bool whole = std::ranges::all_of(
        points, [](const Point& point) { return point.at.micros % second_micros == 0; });
    Differences at, day, series;
    std::string values;
    values.reserve(points.size() * 8);
    for (const auto& point : points) {
        at.push_back(whole ? point.at.micros / second_micros : point.at.micros);
        day.push_back(point.day.days);
        series.push_back(point.series);
        if (!values.empty()) values += ' ';
        values += point.value.text();
    }
    out.open().key("unit").text(whole ? "s" : "us").key("at").text(at.text());
    out.key("day").text(day.text()).key("series").text(series.text());
    out.key("value").text(values).close();
}

bool take(Node node, std::vector<Point>& points, std::string_view, Opener&) {
    const auto unit = node.find("unit");
    const auto at = column(node, "at"), day = column(node, "day"), series = column(node, "series");
    const auto member = node.find("value");
    if (!unit || !member || !member->text() || !at || !day || !series) return false;
    if (at->size() != day->size() || at->size() != series->size()) return false;
    const auto scale = unit->text() == "s" ? second_micros : 1;
    auto values = *member->text();
    points.reserve(at->size());
    for (std::size_t i = 0; i < at->size(); ++i) {
        const auto value = domain::Decimal::from(next_word(values));
        if (!value) return false;
        points.push_back({static_cast<std::uint32_t>((*series)[i]),
                          {(*at)[i] * scale},
                          {static_cast<std::int32_t>((*day)[i])},
                          *value});
    }
    return values.empty();
}

}  // namespace events
