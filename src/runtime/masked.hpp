#pragma once
#include <string>
#include <string_view>

/// Addresses as they may be shown.
namespace runtime {

/// Hides what stands behind password= and between : and @ of a URL.
std::string masked(std::string url);
/// A list of URLs parted by commas, without anything before an @: alone, that is a token.
std::string masked_servers(std::string_view list);

}  // namespace runtime
