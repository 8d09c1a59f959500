#pragma once
#include <array>
#include <cstdint>
#include <string_view>

/// Chance and the few functions that the demo needs, from additions, products, quotients and square
/// roots of IEEE 754 doubles alone. Libraries differ in the last bits of exp, log and cos and in
/// all of std::normal_distribution; these do not.
namespace runtime::demo {

/// e to the `x`, for |x| up to 700: reduced by powers of two, then Taylor's series.
double exponential(double x);
/// The natural logarithm of a positive, normal number: reduced by powers of two, then the series
/// of the inverse hyperbolic tangent.
double logarithm(double x);
/// The cosine of so many whole turns: Taylor's series over half a turn.
double cosine_of_turns(double turns);

/// xoshiro256++ by Blackman and Vigna (2018), seeded by splitmix64 over the seed and a name, so
/// that one variable's numbers do not depend on how many another one draws.
class Random {
public:
    Random(std::uint64_t seed, std::string_view name);

    std::uint64_t bits();
    /// In (0, 1).
    double uniform();
    /// Box and Muller (1958).
    double normal(double deviation);
    /// Marsaglia and Tsang (2000); shapes below 1 by their boost.
    double gamma(double shape, double scale);
    /// Knuth, "The Art of Computer Programming" 3.4.1, for means of a few dozen.
    int poisson(double mean);
    /// From 0 to below `bound`, which is far below 2^32.
    int below(int bound);

private:
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace runtime::demo
