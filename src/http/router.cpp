#include "src/http/route.hpp"

#include <algorithm>

namespace http {
namespace {

/// The next segment of a path that starts with '/', which is cut off.
std::string_view next_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto end = path.find('/');
    const auto segment = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
    return segment;
}

std::optional<PathParameters> parameters_of(std::string_view pattern, std::string_view path) {
    PathParameters parameters;
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = next_segment(pattern);
        const auto given = next_segment(path);
        if (wanted.starts_with('{')) {
            if (given.empty()) return std::nullopt;
            parameters.emplace(wanted.substr(1, wanted.size() - 2), given);
        } else if (wanted != given) {
            return std::nullopt;
        }
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return parameters;
}

/// Whether `one` names a segment where `other` takes any.
bool is_more_specific(std::string_view one, std::string_view other) {
    const auto [in_one, in_other] = std::ranges::mismatch(one, other);
    return in_one != one.end() && in_other != other.end() && *in_one != '{' && *in_other == '{';
}

}  // namespace

Match match(std::string_view method, std::string_view path) {
    Match found;
    if (!path.starts_with('/')) return found;
    const auto wanted = method == "HEAD" ? std::string_view{"GET"} : method;
    for (const auto& route : routes()) {
        auto parameters = parameters_of(route.path, path);
        if (!parameters) continue;
        if (route.method != wanted) {
            if (!found.allow.empty()) found.allow += ", ";
            found.allow += route.method;
            continue;
        }
        if (found.route != nullptr && !is_more_specific(route.path, found.route->path)) continue;
        found.route = &route;
        found.parameters = *std::move(parameters);
    }
    return found;
}

std::string_view name_of(const Route& route) {
    return std::visit([](const auto& does) { return does.name; }, route.does);
}

bool allows(domain::tenant::Role role, Access access) {
    using enum domain::tenant::Role;
    switch (access) {
        case Access::open:
        case Access::read: return true;
        case Access::contribute: return role != viewer;
        case Access::write: return role == owner || role == manager;
        case Access::manage: return role == owner;
    }
    std::unreachable();
}

}  // namespace http
