#pragma once
#include "src/cli/command.hpp"

/// Asking a running server how it is.
namespace cli {

inline constexpr domain::Reason server_away{domain::Reason::Kind::unavailable, "server-unavailable",
                                            "The server cannot be reached"};

struct Probe {
    int status{};  ///< of HTTP
    std::string body;
};
/// GET `path` from the admin listener; a few seconds at most.
Checked<Probe> probe(const runtime::Config& config, std::string_view path);

}  // namespace cli
