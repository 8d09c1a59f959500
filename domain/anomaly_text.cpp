#include "domain/anomaly_words.hpp"
#include "domain/base/words.hpp"

namespace domain::anomaly {
namespace {

// Order matters: each word stands at the place of its enumerator.
constexpr Words<2> kinds{"spike", "dip"};
constexpr Words<2> severities{"notice", "critical"};
constexpr Words<4> statuses{"open", "explained", "dismissed", "withdrawn"};

static_assert(kinds.size() == static_cast<std::size_t>(Kind::dip) + 1);
static_assert(severities.size() == static_cast<std::size_t>(Severity::critical) + 1);
static_assert(statuses.size() == static_cast<std::size_t>(Status::withdrawn) + 1);

}  // namespace

std::string_view to_text(Kind kind) { return word_of(kinds, kind); }
std::string_view to_text(Severity severity) { return word_of(severities, severity); }
std::string_view to_text(Status status) { return word_of(statuses, status); }

std::optional<Kind> kind_from(std::string_view text) { return value_of<Kind>(kinds, text); }
std::optional<Severity> severity_from(std::string_view text) {
    return value_of<Severity>(severities, text);
}
std::optional<Status> status_from(std::string_view text) {
    return value_of<Status>(statuses, text);
}

}  // namespace domain::anomaly
