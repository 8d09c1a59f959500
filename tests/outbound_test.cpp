// Where requests of others' choosing may go, and how what is sent there is signed.
#include "src/net/url.hpp"
#include "src/security/webhook_signature.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace outbound_test {
namespace {

const net::Rules closed;
const net::Rules loopback{{"127.0.0.0/8", "::1"}};

TEST(Address, OnlyThePublicInternetIsPublic) {
    for (const auto* address : {"1.1.1.1", "8.8.8.8", "93.184.215.14", "172.15.255.255",
                                "172.32.0.0", "100.63.255.255", "100.128.0.0", "223.255.255.255",
                                "2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860::8888"})
        EXPECT_TRUE(net::is_public(address)) << address;
    for (const auto* address :
         {"0.0.0.0",         "0.1.2.3",        "10.0.0.1",        "100.64.0.1",
          "100.127.255.255", "127.0.0.1",      "127.255.255.254", "169.254.169.254",
          "172.16.0.1",      "172.31.255.255", "192.0.0.192",     "192.0.2.1",
          "192.168.1.1",     "198.18.0.1",     "198.19.255.255",  "198.51.100.7",
          "203.0.113.9",     "224.0.0.1",      "239.255.255.250", "240.0.0.1",
          "255.255.255.255", "192.88.99.1"})
        EXPECT_FALSE(net::is_public(address)) << address;
}

TEST(Address, NothingHidesInsideVersionSix) {
    for (const auto* address : {"::",
                                "::1",
                                "::ffff:127.0.0.1",
                                "::ffff:8.8.8.8",
                                "::127.0.0.1",
                                "fe80::1",
                                "fec0::1",
                                "fc00::1",
                                "fd00:ec2::254",
                                "ff02::1",
                                "64:ff9b::7f00:1",
                                "64:ff9b::808:808",
                                "64:ff9b:1::a00:1",
                                "100::1",
                                "2001::1",
                                "2001:0:7f00:1::",
                                "2001:10::1",
                                "2001:20::1",
                                "2001:db8::1",
                                "2002:7f00:1::",
                                "2002:a00:1::1",
                                "3fff::1",
                                "5f00::1",
                                "4000::1"})
        EXPECT_FALSE(net::is_public(address)) << address;
}

TEST(Address, WhatIsNoAddressIsNotPublic) {
    for (const auto* text : {"", "localhost", "127.1", "0x7f000001", "2130706433", "1.1.1.1:80",
                             "[2606:4700::1]", "fe80::1%eth0", "2606:4700::1%lo", "1.1.1.1 "})
        EXPECT_FALSE(net::is_public(text)) << text;
}

TEST(Address, NetworksAreAllowedByTheirBits) {
    const net::Rules rules{{"10.1.0.0/16", "192.168.7.9", "fd00:1::/32", "nonsense"}};
    EXPECT_TRUE(rules.has_networks());
    for (const auto* address : {"10.1.0.0", "10.1.255.255", "192.168.7.9", "fd00:1::5"})
        EXPECT_TRUE(rules.is_allowed(address)) << address;
    for (const auto* address : {"10.2.0.0", "10.0.255.255", "192.168.7.8", "fd00:2::5",
                                "::ffff:10.1.0.1", "1.1.1.1", "nonsense"})
        EXPECT_FALSE(rules.is_allowed(address)) << address;
    EXPECT_FALSE(net::Rules{{"nonsense"}}.has_networks());
    for (const auto* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "a/8", ""})
        EXPECT_FALSE(net::is_network(text)) << text;
}

TEST(Address, AConnectionNeedsHttpsAnOpenPortAndAPublicAddress) {
    EXPECT_TRUE(net::may_connect(closed, {"1.1.1.1", 443}, true));
    EXPECT_TRUE(net::may_connect(closed, {"1.1.1.1", 8443}, true));
    EXPECT_FALSE(net::may_connect(closed, {"1.1.1.1", 443}, false)) << "plain";
    EXPECT_FALSE(net::may_connect(closed, {"1.1.1.1", 22}, true)) << "port";
    EXPECT_FALSE(net::may_connect(closed, {"127.0.0.1", 443}, true)) << "private";
    EXPECT_TRUE(net::may_connect(loopback, {"127.0.0.1", 9000}, false));
    EXPECT_FALSE(net::may_connect(loopback, {"1.1.1.1", 80}, false)) << "allowed elsewhere only";
    EXPECT_FALSE(net::may_connect(loopback, {"10.0.0.1", 443}, true));
}

TEST(Address, IsReadFromASocketAddress) {
    sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(443)};
    ASSERT_EQ(::inet_pton(AF_INET, "169.254.169.254", &v4.sin_addr), 1);
    const auto four = net::endpoint_of(reinterpret_cast<const sockaddr&>(v4));
    EXPECT_TRUE(four && four->address == "169.254.169.254" && four->port == 443);
    sockaddr_in6 v6{.sin6_family = AF_INET6, .sin6_port = htons(8443)};
    ASSERT_EQ(::inet_pton(AF_INET6, "::ffff:10.0.0.1", &v6.sin6_addr), 1);
    const auto six = net::endpoint_of(reinterpret_cast<const sockaddr&>(v6));
    ASSERT_TRUE(six);
    EXPECT_FALSE(net::may_connect(closed, {six->address, 443}, true)) << six->address;
    EXPECT_FALSE(net::endpoint_of({.sa_family = AF_UNIX}));
}

std::string vetted(const net::Rules& rules, const std::string& url) {
    const auto result = net::vet_url(rules, url);
    if (result) return *result;
    EXPECT_EQ(result.error().why.slug, "url-not-allowed") << url;
    return "refused";
}

TEST(Url, TakesHttpsToNames) {
    EXPECT_EQ(vetted(closed, "https://example.com/hook?x=1"), "https://example.com/hook?x=1");
    EXPECT_EQ(vetted(closed, "HTTPS://Example.COM:443/Hook"), "https://example.com:443/Hook");
    EXPECT_EQ(vetted(closed, "https://example.com:8443"), "https://example.com:8443/");
}

TEST(Url, RefusesEverythingElse) {
    for (const auto* url : {"http://example.com/",
                            "ftp://example.com/",
                            "file:///etc/passwd",
                            "gopher://example.com/",
                            "example.com/hook",
                            "//example.com/hook",
                            "https://",
                            "https:///x",
                            "",
                            "not a url",
                            "https://user@example.com/",
                            "https://user:word@example.com/",
                            "https://@example.com@x/",
                            "https://example.com:22/",
                            "https://example.com:80/",
                            "https://example.com:0/",
                            "https://example.com:65536/",
                            "https://example.com/#part",
                            "https://localhost/",
                            "https://example.com\\@127.0.0.1/",
                            "https://exa mple.com/",
                            "https://example.com/\n",
                            "https://b\xC3\xBC"
                            "cher.example/",
                            "https://1.1.1.1/",
                            "https://127.0.0.1/",
                            "https://127.1/",
                            "https://0x7f.1/",
                            "https://0177.0.0.1/",
                            "https://2130706433/",
                            "https://0x7f000001/",
                            "https://%31%32%37.0.0.1/",
                            "https://[::1]/",
                            "https://[::ffff:127.0.0.1]/",
                            "https://[2606:4700:4700::1111]/",
                            "https://[fe80::1%25lo]/",
                            "https://127.0.0.1./"})
        EXPECT_EQ(vetted(closed, url), "refused") << url;
    EXPECT_EQ(vetted(closed, "https://example.com/" + std::string(2030, 'x')), "refused");
}

TEST(Url, WithNetworksTheirAddressesArePlainlyReached) {
    EXPECT_EQ(vetted(loopback, "http://127.0.0.1:9000/x"), "http://127.0.0.1:9000/x");
    EXPECT_EQ(vetted(loopback, "http://0x7f.1:9000/x"), "http://127.0.0.1:9000/x");
    EXPECT_EQ(vetted(loopback, "http://localhost:9000/"), "http://localhost:9000/");
    EXPECT_EQ(vetted(loopback, "http://[::1]:9000/"), "http://[::1]:9000/");
    for (const auto* url : {"http://10.0.0.1/", "https://169.254.169.254/", "ftp://127.0.0.1/",
                            "http://user@127.0.0.1/", "http://[::ffff:127.0.0.1]/"})
        EXPECT_EQ(vetted(loopback, url), "refused") << url;
}

TEST(WebhookSignature, IsThatOfStandardWebhooks) {
    // The vector in the libraries of Standard Webhooks; a shorter HMAC key is padded with zeros.
    security::Key key{0x31, 0xf2, 0x90, 0xf6, 0xbf, 0x06, 0x29, 0x8a, 0xab, 0x4f, 0x08, 0xd4,
                      0x3c, 0x3f, 0x08, 0x2c, 0xf6, 0x48, 0xa3, 0x62, 0xda, 0x2d, 0xa4, 0xb0};
    EXPECT_EQ(security::webhook_signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330,
                                          R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, EverySecretIsAnother) {
    security::Secrets secrets;
    secrets.root[0] = 1;
    auto others = secrets;
    others.root[0] = 2;
    const domain::TenantId tenant{domain::Uuid{{1}}};
    const domain::WebhookId webhook{domain::Uuid{{2}}};
    const domain::WebhookSecretId name{domain::Uuid{{3}}};
    const auto secret = security::webhook_secret(secrets, tenant, webhook, name);
    EXPECT_EQ(secret, security::webhook_secret(secrets, tenant, webhook, name));
    EXPECT_NE(secret, security::webhook_secret(others, tenant, webhook, name));
    EXPECT_NE(secret, security::webhook_secret(secrets, {domain::Uuid{{9}}}, webhook, name));
    EXPECT_NE(secret, security::webhook_secret(secrets, tenant, {domain::Uuid{{9}}}, name));
    EXPECT_NE(secret, security::webhook_secret(secrets, tenant, webhook, {domain::Uuid{{9}}}));
    EXPECT_TRUE(security::to_text(secret).starts_with("whsec_"));
    EXPECT_EQ(security::to_text(secret).size(), 6u + 44u);
}

}  // namespace
}  // namespace outbound_test
