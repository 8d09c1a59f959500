#pragma once
#include "src/http/route.hpp"

/// The parts of the one route table, a page each.
namespace http {

std::span<const Route> people_routes();
std::span<const Route> metric_routes();
std::span<const Route> benchmark_routes();
std::span<const Route> log_routes();
std::span<const Route> webhook_routes();

}  // namespace http
