#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The vocabulary of every decision: a request meets a state and gives facts or a refusal.
namespace domain {

/// Why a request can be turned down. Every reason is one named constant beside the aggregate
/// that gives it; slug and title are public, so they never change.
struct Reason {
    enum class Kind {
        malformed,     ///< the request cannot be understood
        unauthorised,  ///< nobody is known to be asking
        forbidden,     ///< the one who asks may not
        missing,       ///< there is no such thing, or it is another tenant's
        invalid,       ///< understood, and wrong in itself
        conflict,      ///< understood, and impossible in the present state
        stale,         ///< the caller's version is not the present one
        overloaded,    ///< a bounded queue is full; try again later
        unavailable,   ///< something we depend on is away; try again later
        defect         ///< we are wrong
    };
    Kind kind;
    std::string_view slug;
    std::string_view title;
    constexpr bool operator==(const Reason& other) const { return slug == other.slug; }
};

/// One fault in the input: a JSON pointer into the body, a stable code, and what to do.
struct Fault {
    std::string pointer;
    std::string code;
    std::string detail;
    bool operator==(const Fault&) const = default;
};

/// A further member of the answer, with its value as JSON, such as current_version.
struct Fact {
    std::string name;
    std::string json;
};

/// One occurrence of a Reason. `detail` names the values involved and never holds personal data.
struct Refusal {
    Reason why;
    std::string detail{};
    std::vector<Fault> faults{};
    std::vector<Fact> facts{};
};

template <class T>
using Result = std::expected<T, Refusal>;
template <class Event>
using Decision = Result<std::vector<Event>>;

inline std::unexpected<Refusal> refuse(const Reason& why, std::string detail = {}) {
    return std::unexpected(Refusal{why, std::move(detail)});
}

/// Overload set for std::visit; a missing alternative is a compile error.
template <class... Arms>
struct Match : Arms... {
    using Arms::operator()...;
};

}  // namespace domain
