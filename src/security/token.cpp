#include "src/security/token.hpp"

#include "events/document.hpp"
#include "events/writer.hpp"

#include <mutex>
#include <sodium.h>
#include <unordered_map>

namespace security {
namespace {

constexpr std::size_t token_bytes_max = 4096;
constexpr std::size_t remembered_max = 20'000;
constexpr std::int64_t skew_seconds = 30;
constexpr std::string_view issuer = "cairn";

std::int64_t seconds_of(domain::Instant instant) { return instant.micros / 1'000'000; }

std::string header_json(const std::string& key_id) {
    events::Writer out;
    out.open().key("alg").text("EdDSA").key("kid").text(key_id).key("typ").text("at+jwt").close();
    return out.take();
}

}  // namespace

struct Tokens::Body {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key{};
    std::string header;  ///< the only first segment there is, encoded
    std::mutex mutex;
    std::unordered_map<std::string, Claims> remembered;

    std::optional<Claims> known(const std::string& token) {
        const std::lock_guard lock{mutex};
        const auto found = remembered.find(token);
        if (found == remembered.end()) return std::nullopt;
        return found->second;
    }
    void remember(const std::string& token, const Claims& claims) {
        const std::lock_guard lock{mutex};
        if (remembered.size() >= remembered_max) remembered.clear();
        remembered.emplace(token, claims);
    }
};

Tokens::Tokens(const Key& signing_seed) : body_{std::make_unique<Body>()} {
    crypto_sign_seed_keypair(body_->public_key.data(), body_->secret_key.data(),
                             signing_seed.data());
    const std::string_view public_key{reinterpret_cast<const char*>(body_->public_key.data()), 8};
    body_->header = to_base64url(header_json(to_base64url(public_key)));
}

Tokens::~Tokens() = default;

std::string Tokens::issue(const commands::Who& who, domain::Instant now, int seconds) const {
    const auto issued = seconds_of(now);
    events::Writer out;
    out.open().key("iss").text(issuer).key("aud").text(issuer);
    out.key("sub").text(domain::to_text(who.user)).key("tid").text(domain::to_text(who.tenant));
    out.key("role").text(domain::tenant::to_text(who.role));
    out.key("iat").integer(issued).key("nbf").integer(issued).key("exp").integer(issued + seconds);
    out.close();
    const auto signed_part = body_->header + "." + to_base64url(out.view());
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(signed_part.data()),
                         signed_part.size(), body_->secret_key.data());
    return signed_part + "." + to_base64url(signature);
}

namespace {

std::optional<Claims> claims_from(std::string_view json) {
    const auto document = events::Document::parse(json);
    if (!document) return std::nullopt;
    const auto root = document->root();
    const auto text = [&](std::string_view name) {
        const auto node = root.find(name);
        return node ? node->text().value_or("") : std::string_view{};
    };
    const auto number = [&](std::string_view name) {
        const auto node = root.find(name);
        return node ? node->integer().value_or(-1) : -1;
    };
    const auto user = domain::uuid_from(text("sub"));
    const auto tenant = domain::uuid_from(text("tid"));
    const auto role = domain::tenant::role_from(text("role"));
    const auto expires = number("exp");
    if (text("iss") != issuer || text("aud") != issuer || !user || !tenant || !role ||
        expires < 0 || number("iat") < 0)
        return std::nullopt;
    constexpr std::int64_t micros = 1'000'000;
    return Claims{{{*tenant}, {*user}, *role}, {expires * micros}};
}

}  // namespace

domain::Result<Claims> Tokens::verify(std::string_view token, domain::Instant now) {
    if (token.size() > token_bytes_max) return domain::refuse(unauthenticated);
    const std::string key{token};
    auto claims = body_->known(key);
    if (!claims) {
        // The header is compared whole, so no other algorithm or key id is ever looked at.
        const auto first = token.find('.');
        const auto last = token.rfind('.');
        if (first == std::string_view::npos || first == last ||
            token.substr(0, first) != body_->header)
            return domain::refuse(unauthenticated);
        const auto signature = from_base64url(token.substr(last + 1));
        const auto payload = from_base64url(token.substr(first + 1, last - first - 1));
        if (!signature || !payload || signature->size() != crypto_sign_BYTES)
            return domain::refuse(unauthenticated);
        if (crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature->data()),
                                        reinterpret_cast<const unsigned char*>(token.data()), last,
                                        body_->public_key.data()) != 0)
            return domain::refuse(unauthenticated);
        claims = claims_from(*payload);
        if (!claims) return domain::refuse(unauthenticated);
        body_->remember(key, *claims);
    }
    if (seconds_of(now) > seconds_of(claims->expires) + skew_seconds)
        return domain::refuse(token_expired);
    return *claims;
}

}  // namespace security
