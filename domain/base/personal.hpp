#pragma once
#include "domain/base/ids.hpp"

#include <string>
#include <utility>
#include <variant>

/// Personal data, which only a data subject's key can read.
namespace domain {

/// The subject's key was destroyed: the value is gone for ever, and that is not an error.
struct Erased {
    bool operator==(const Erased&) const = default;
};

/// Ciphertext as the log keeps it; see events/personal.hpp for the envelope.
struct Sealed {
    std::string envelope;
    bool operator==(const Sealed&) const = default;
};

/// A text about a person. It has no stream operator and no formatter, so it cannot be logged by
/// accident; it cannot be stored without being sealed with the subject's key.
class Personal {
public:
    Personal() = default;
    Personal(SubjectId subject, std::string clear) : subject_{subject}, value_{std::move(clear)} {}
    explicit Personal(Sealed sealed) : value_{std::move(sealed)} {}
    explicit Personal(Erased erased) : value_{erased} {}

    /// Whose key seals it; nil when the value came from the log.
    SubjectId subject() const { return subject_; }
    const std::string* clear() const { return std::get_if<std::string>(&value_); }
    const Sealed* sealed() const { return std::get_if<Sealed>(&value_); }
    bool erased() const { return std::holds_alternative<Erased>(value_); }
    bool empty() const { return clear() != nullptr && clear()->empty(); }

    bool operator==(const Personal&) const = default;

private:
    SubjectId subject_{};
    std::variant<std::string, Sealed, Erased> value_{};
};

}  // namespace domain
