#pragma once
#include <span>
#include <string_view>

/// The JSON Schemas (2020-12) of bodies, as the API description shows them.
namespace http {

struct Schema {
    std::string_view name;
    std::string_view json;
};
/// All of them.
std::span<const Schema> schemas();

// ---- Their pages.
std::span<const Schema> people_schemas();
std::span<const Schema> metric_schemas();
std::span<const Schema> log_schemas();
std::span<const Schema> webhook_schemas();

}  // namespace http
