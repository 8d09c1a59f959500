#include "src/runtime/masked.hpp"

namespace runtime {

std::string masked(std::string url) {
    if (auto at = url.find("password="); at != std::string::npos) {
        at += 9;
        const bool quote = at < url.size() && url[at] == '\'';
        const auto end = quote ? url.find('\'', at + 1) : url.find_first_of(" &", at);
        url.replace(at, end == std::string::npos ? end : end - at + (quote ? 1 : 0), "***");
    }
    const auto scheme = url.find("://");
    const auto host = url.rfind('@');
    if (scheme == std::string::npos || host == std::string::npos) return url;
    const auto colon = url.find(':', scheme + 3);
    if (colon != std::string::npos && colon < host) url.replace(colon + 1, host - colon - 1, "***");
    return url;
}

std::string masked_servers(std::string_view list) {
    std::string shown;
    while (!list.empty()) {
        const auto server = list.substr(0, list.find(','));
        list.remove_prefix(std::min(list.size(), server.size() + 1));
        const auto scheme = server.find("://"), host = server.rfind('@');
        shown += shown.empty() ? "" : ",";
        if (scheme == std::string_view::npos || host == std::string_view::npos) shown += server;
        else
            shown += std::string{server.substr(0, scheme + 3)} + "***" +
                     std::string{server.substr(host)};
    }
    return shown;
}

}  // namespace runtime
