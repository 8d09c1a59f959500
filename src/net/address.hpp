#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

/// To which addresses requests of others' choosing may go.
namespace net {

/// `10.0.0.0/8`, `::1/128`; the address alone means itself.
bool is_network(std::string_view text);

/// Whether `address` is one of the public internet. What reaches an IPv4 address inside an IPv6
/// one (mapped, compatible, NAT64, 6to4, Teredo) is not: translators decide where it ends. After
/// the special-purpose registries of IANA (RFC 6890); what is no address is not public.
bool is_public(std::string_view address);

/// What is allowed besides https to public addresses.
class Rules {
public:
    Rules() = default;
    /// Networks that pass is_network(); others are left out.
    explicit Rules(std::vector<std::string> allowed_networks);

    /// Networks are allowed at all, so that plain http and other ports make sense.
    bool has_networks() const { return !networks_.empty(); }
    bool is_allowed(std::string_view address) const;

private:
    std::vector<std::string> networks_;
};

/// Where a connection is about to go.
struct Endpoint {
    std::string address;
    int port{};
};
/// Empty when it is neither IPv4 nor IPv6.
std::optional<Endpoint> endpoint_of(const sockaddr& address);

/// Ports of public addresses: of https, and its usual second one.
bool is_open_port(int port);

/// Whether a connection to `to` may be opened. Asked of the resolved address, so what a name said
/// before does not matter.
bool may_connect(const Rules& rules, const Endpoint& to, bool https);

}  // namespace net
