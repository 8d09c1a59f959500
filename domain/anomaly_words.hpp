#pragma once
#include <optional>
#include <string_view>

/// The words that anomalies and alerts are told in.
namespace domain::anomaly {

enum class Kind { spike, dip };
enum class Severity { notice, critical };
enum class Status { open, explained, dismissed, withdrawn };

std::string_view to_text(Kind kind);
std::string_view to_text(Severity severity);
std::string_view to_text(Status status);
/// The value whose text is exactly `text`; empty when there is none.
std::optional<Kind> kind_from(std::string_view text);
std::optional<Severity> severity_from(std::string_view text);
std::optional<Status> status_from(std::string_view text);

}  // namespace domain::anomaly
