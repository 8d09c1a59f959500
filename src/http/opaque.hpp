#pragma once
#include "domain/base/ids.hpp"
#include "src/security/secrets.hpp"

/// Texts that clients keep for us and may not change: consistency tokens and cursors. Each ends in
/// a MAC over its content and its tenant.
namespace http {

class Opaque {
public:
    explicit Opaque(const security::Secrets& secrets);

    /// "c1.<base64url>": the tenant's lane had reached `position`.
    std::string consistency_token(domain::TenantId tenant, int lane, std::int64_t position) const;
    struct Reached {
        int lane{};
        std::int64_t position{};
    };
    /// Empty when it is not ours or another tenant's.
    std::optional<Reached> reached(domain::TenantId tenant, std::string_view token) const;

    /// "e1.<base64url>": the tenant's events up to `position` were received; an SSE event's id.
    std::string event_token(domain::TenantId tenant, std::int64_t position) const;
    std::optional<std::int64_t> event_position(domain::TenantId tenant,
                                               std::string_view token) const;

    /// `filters` binds the cursor to the question it belongs to.
    std::string cursor(domain::TenantId tenant, std::string_view filters,
                       std::string_view place) const;
    std::optional<std::string> place(domain::TenantId tenant, std::string_view filters,
                                     std::string_view cursor) const;

private:
    std::string sealed(domain::TenantId tenant, std::string_view purpose,
                       std::string_view content) const;
    std::optional<std::string> opened(domain::TenantId tenant, std::string_view purpose,
                                      std::string_view text) const;
    security::Key key_;
};

}  // namespace http
