#include "domain/base/words.hpp"
#include "domain/benchmark_words.hpp"

namespace domain::benchmark {
namespace {

// Order matters: each word stands at the place of its enumerator.
constexpr Words<5> providers{"fred", "census", "ibisworld", "bls", "manual"};
constexpr Words<5> frequencies{"day", "week", "month", "quarter", "year"};
constexpr Words<3> transforms{"sum", "mean", "last"};
constexpr Words<2> adjustments{"none", "inflation"};

static_assert(providers.size() == static_cast<std::size_t>(Provider::manual) + 1);
static_assert(frequencies.size() == static_cast<std::size_t>(Frequency::year) + 1);
static_assert(transforms.size() == static_cast<std::size_t>(Transform::last) + 1);
static_assert(adjustments.size() == static_cast<std::size_t>(Adjustment::inflation) + 1);

}  // namespace

std::string_view to_text(Provider provider) { return word_of(providers, provider); }
std::string_view to_text(Frequency frequency) { return word_of(frequencies, frequency); }
std::string_view to_text(Transform transform) { return word_of(transforms, transform); }
std::string_view to_text(Adjustment adjustment) { return word_of(adjustments, adjustment); }

std::optional<Provider> provider_from(std::string_view text) {
    return value_of<Provider>(providers, text);
}
std::optional<Frequency> frequency_from(std::string_view text) {
    return value_of<Frequency>(frequencies, text);
}
std::optional<Transform> transform_from(std::string_view text) {
    return value_of<Transform>(transforms, text);
}
std::optional<Adjustment> adjustment_from(std::string_view text) {
    return value_of<Adjustment>(adjustments, text);
}

}  // namespace domain::benchmark
