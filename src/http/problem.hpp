#pragma once
#include "domain/base/decider.hpp"
#include "src/http/message.hpp"

#include <span>

/// Refusals as problem details (RFC 9457).
namespace http {

/// The only place where a kind of refusal meets a status code.
int status_of(domain::Reason::Kind kind);

/// `request_id` is "req_<uuid>". 401 carries WWW-Authenticate, 503 and 429 Retry-After.
Reply problem(const domain::Refusal& refusal, const std::string& request_id);
/// The same for a status that HTTP itself gives, such as 405 or 415.
Reply problem(int status, std::string_view code, std::string_view title, std::string_view detail,
              const std::string& request_id);

/// The same with the title that its code is documented with.
Reply problem_titled(int status, std::string_view code, std::string_view detail,
                     const std::string& request_id);

/// One line of the documentation of all problems.
struct ProblemDoc {
    std::string_view code;
    int status{};
    std::string_view title;
    std::string_view remedy;
};
/// Every code that an answer can carry; a test walks them.
std::span<const ProblemDoc> all_problems();
/// The page at /problems/{code}; empty when there is no such code.
std::string problem_page(std::string_view code);

}  // namespace http
