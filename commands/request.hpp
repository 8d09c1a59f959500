#pragma once
#include "domain/base/personal.hpp"
#include "domain/tenant.hpp"
#include "events/document.hpp"
#include "events/store.hpp"

#include <functional>
#include <map>

/// A request as commands see it: no HTTP in it.
namespace commands {

/// Who asks: known from a verified token, never from the request's own words.
struct Who {
    domain::TenantId tenant;
    domain::UserId user;
    domain::tenant::Role role{};
};

/// What the caller demands of the stream's version; nothing set: whatever it is.
struct Expected {
    std::optional<std::int64_t> version;  ///< exactly this; 0 means it must not exist
    bool exists{};                        ///< any version, but it must exist
};

/// Digests a value under the tenant's own key, so that equal values of one tenant are noticed.
using BlindIndex = std::function<events::Hash(domain::TenantId tenant, std::string_view value)>;

/// An address to which requests may go, normalised; or why they may not.
using VetUrl = std::function<domain::Result<std::string>(std::string_view url)>;

/// Names and values, as in a query.
using Parameters = std::multimap<std::string, std::string>;

struct Request {
    Who who;
    domain::CommandId command;
    events::Fingerprint fingerprint{};
    domain::Uuid correlation{};
    std::string traceparent;
    Expected expected;
    std::map<std::string, std::string, std::less<>> path;  ///< by the name in the route
    std::optional<events::Document> body;
    std::string rows;       ///< the body as it came, or a part of it, where it is not JSON
    int lines_before{};     ///< of the body, before `rows`
    bool in_parts{};        ///< the input is longer: other requests bring the rest of it
    Parameters parameters;  ///< of the query
    domain::Date today;     ///< in the tenant's time zone
    domain::Instant now;
    domain::Uuid (*new_id)(){};
    BlindIndex blind_index;
    VetUrl vet_url;

    events::Actor actor() const { return {events::ActorKind::user, who.user.value}; }
    /// Notes and reasons are sealed with the key of the one who wrote them.
    domain::SubjectId author() const { return {who.user.value}; }
};

/// What a command wants appended. Nothing has happened yet.
struct Proposal {
    events::Append append;
    bool created{};
    std::string preview{};  ///< what validate_only shows besides, as a JSON object
};

/// Reads, decides, proposes. Blocking; runs on a database thread.
using Handler = domain::Result<Proposal> (*)(events::Store&, events::Keys&, const Request&);

/// The id in the path, or the same refusal that a missing thing gets.
template <class TheId>
domain::Result<TheId> id_in_path(const Request& request, std::string_view name) {
    constexpr domain::Reason not_found{domain::Reason::Kind::missing, "not-found",
                                       "There is no such thing"};
    const auto found = request.path.find(name);
    if (found == request.path.end()) return domain::refuse(not_found);
    const auto id = domain::uuid_from(found->second);
    if (!id) return domain::refuse(not_found);
    return TheId{*id};
}

}  // namespace commands
