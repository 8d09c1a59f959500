#include "src/net/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

namespace net {
namespace {

namespace ip = boost::asio::ip;

/// Everything that is not the public internet, besides what 2000::/3 leaves out.
constexpr std::string_view closed_v4[]{
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",   "127.0.0.0/8",     "169.254.0.0/16",
    "172.16.0.0/12",  "192.0.0.0/24",   "192.0.2.0/24",    "192.31.196.0/24", "192.52.193.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",   "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};
/// Inside 2000::/3: IETF assignments with Teredo and ORCHID, documentation, 6to4, AS112.
constexpr std::string_view closed_v6[]{"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
                                       "2620:4f:8000::/48"};
constexpr std::string_view global_v6 = "2000::/3";

struct Network {
    ip::address base;
    unsigned short bits{};
};

std::optional<Network> network_from(std::string_view text) {
    const auto slash = text.find('/');
    boost::system::error_code error;
    const auto base = ip::make_address(std::string{text.substr(0, slash)}, error);
    if (error) return std::nullopt;
    const bool v4 = base.is_v4();
    if (slash == std::string_view::npos)
        return Network{base, static_cast<unsigned short>(v4 ? 32 : 128)};
    const std::string whole{text};
    if (v4) {
        const auto network = ip::make_network_v4(whole, error);
        if (error) return std::nullopt;
        return Network{base, network.prefix_length()};
    }
    const auto network = ip::make_network_v6(whole, error);
    if (error) return std::nullopt;
    return Network{base, network.prefix_length()};
}

template <class Bytes>
bool same_prefix(const Bytes& a, const Bytes& b, unsigned bits) {
    for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
        const auto here = std::min(bits, 8u);
        const auto mask = static_cast<unsigned char>(0xFF00u >> here);
        if ((a[i] & mask) != (b[i] & mask)) return false;
        bits -= here;
    }
    return true;
}

bool is_in(const ip::address& address, std::string_view network_text) {
    const auto network = network_from(network_text);
    if (!network || network->base.is_v4() != address.is_v4()) return false;
    if (address.is_v4())
        return same_prefix(address.to_v4().to_bytes(), network->base.to_v4().to_bytes(),
                           network->bits);
    return same_prefix(address.to_v6().to_bytes(), network->base.to_v6().to_bytes(), network->bits);
}

/// An address in its plain form only: no zone, and an embedded one is not taken out.
std::optional<ip::address> address_from(std::string_view text) {
    boost::system::error_code error;
    if (text.contains('%')) return std::nullopt;
    const auto address = ip::make_address(std::string{text}, error);
    if (error) return std::nullopt;
    return address;
}

}  // namespace

bool is_network(std::string_view text) { return network_from(text).has_value(); }

bool is_public(std::string_view text) {
    const auto address = address_from(text);
    if (!address) return false;
    const auto covers = [&](std::string_view network) { return is_in(*address, network); };
    if (address->is_v4()) return std::ranges::none_of(closed_v4, covers);
    return covers(global_v6) && std::ranges::none_of(closed_v6, covers);
}

Rules::Rules(std::vector<std::string> allowed_networks) : networks_{std::move(allowed_networks)} {
    std::erase_if(networks_, [](const std::string& text) { return !is_network(text); });
}

bool Rules::is_allowed(std::string_view text) const {
    const auto address = address_from(text);
    return address && std::ranges::any_of(networks_, [&](const std::string& network) {
               return is_in(*address, network);
           });
}

std::optional<Endpoint> endpoint_of(const sockaddr& address) {
    char text[INET6_ADDRSTRLEN]{};
    if (address.sa_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        return Endpoint{text, ntohs(v4.sin_port)};
    }
    if (address.sa_family != AF_INET6) return std::nullopt;
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    return Endpoint{text, ntohs(v6.sin6_port)};
}

bool is_open_port(int port) { return port == 443 || port == 8443; }

bool may_connect(const Rules& rules, const Endpoint& to, bool https) {
    if (rules.is_allowed(to.address)) return true;
    return https && is_open_port(to.port) && is_public(to.address);
}

}  // namespace net
