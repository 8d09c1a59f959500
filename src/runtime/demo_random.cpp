#include "src/runtime/demo_random.hpp"

#include <bit>
#include <cmath>
#include <numbers>

namespace runtime::demo {
namespace {

constexpr int exponential_terms = 18;  // of |x| below ln(2) / 2
constexpr int logarithm_terms = 25;    // of |s| below 0.172
constexpr int cosine_terms = 14;       // of |x| up to pi
// ln(2) in two parts: products of the first one with whole numbers are exact.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

double cube(double x) { return x * x * x; }

}  // namespace

double exponential(double x) {
    const double twos = std::floor(x * std::numbers::log2e + 0.5);
    const double rest = (x - twos * ln2_high) - twos * ln2_low;
    double sum = 1;
    for (int i = exponential_terms; i > 0; --i) sum = 1 + sum * rest / i;
    return std::ldexp(sum, static_cast<int>(twos));
}

double logarithm(double x) {
    int twos = 0;
    double part = std::frexp(x, &twos);
    if (part < std::numbers::sqrt2 / 2) {
        part *= 2;
        --twos;
    }
    const double s = (part - 1) / (part + 1);
    double sum = 0;
    for (int i = logarithm_terms; i > 0; i -= 2) sum = sum * s * s + 2.0 / i;
    return twos * ln2_high + (sum * s + twos * ln2_low);
}

double cosine_of_turns(double turns) {
    const double x = 2 * std::numbers::pi * (turns - std::floor(turns + 0.5));
    double sum = 1;
    for (int i = cosine_terms; i > 0; --i) sum = 1 - sum * x * x / (2 * i * (2 * i - 1));
    return sum;
}

Random::Random(std::uint64_t seed, std::string_view name) {
    std::uint64_t x = seed;
    for (const char c : name) x = x * 0x100000001b3 ^ static_cast<unsigned char>(c);
    for (auto& word : state_) {
        x += 0x9e3779b97f4a7c15;
        auto z = x;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        word = z ^ (z >> 31);
    }
}

std::uint64_t Random::bits() {
    const auto bits = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const auto t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return bits;
}

double Random::uniform() { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1.0p-52; }

double Random::normal(double deviation) {
    const double radius = std::sqrt(-2 * logarithm(uniform()));
    return deviation * radius * cosine_of_turns(uniform());
}

double Random::gamma(double shape, double scale) {
    if (shape < 1) {
        const double whole = gamma(shape + 1, scale);
        return whole * exponential(logarithm(uniform()) / shape);
    }
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    while (true) {
        const double x = normal(1), v = cube(1 + c * x);
        if (v > 0 && logarithm(uniform()) < x * x / 2 + d - d * v + d * logarithm(v))
            return d * v * scale;
    }
}

int Random::poisson(double mean) {
    const double limit = exponential(-mean);
    int count = 0;
    for (double product = uniform(); product > limit; product *= uniform()) ++count;
    return count;
}

int Random::below(int bound) {
    return static_cast<int>((bits() >> 32) * static_cast<std::uint64_t>(bound) >> 32);
}

}  // namespace runtime::demo
