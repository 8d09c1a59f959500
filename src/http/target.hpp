#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "src/http/framing.hpp"
#include "src/http/message.hpp"

namespace http {

/// A request target, decoded.
struct Target {
    std::string path;
    Pairs query;
};

/// Decodes an origin-form target ("/v1/goals?limit=5") once. Refuses what could be read in two
/// ways behind us: encoded separators, dot segments, control bytes, text that is not UTF-8.
std::expected<Target, Fault> target_from(std::string_view raw);

}  // namespace http
