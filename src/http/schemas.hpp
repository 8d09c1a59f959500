#pragma once
#include <span>
#include <string_view>

/// The JSON Schemas (2020-12) of bodies, as the API description shows them.
namespace http {

struct Schema {
    std::string_view name;
    std::string_view json;
};
std::span<const Schema> schemas();

}  // namespace http
