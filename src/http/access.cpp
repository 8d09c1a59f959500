// What becomes an entry of the audit trail: every command, every refusal of one who is known, and
// every answer that holds personal values.
#include "src/http/api_parts.hpp"
#include "src/runtime/clock.hpp"

#include <algorithm>

namespace http {
namespace {

bool is_word(std::string_view text) {
    constexpr std::size_t word_bytes_max = 60;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !text.empty() && text.size() <= word_bytes_max && is_letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') ||
                      std::string_view{"-_.:/#"}.contains(c);
           });
}

bool reads_trail(const Route& route) {
    const auto* read = std::get_if<Read>(&route.does);
    return read != nullptr && read->audited;
}

bool is_audited(const Route& route) {
    const auto* talk = std::get_if<Talk>(&route.does);
    return reads_trail(route) || (talk != nullptr && talk->audited);
}

/// Malformed and stale requests are nobody's secret; a missing thing may be another tenant's.
bool is_entry(const Exchange& exchange, int status, bool personal) {
    constexpr int forbidden = 403, missing = 404, conflict = 409;
    const auto& route = *exchange.route;
    const bool done = status < 300;
    if (route.access == Access::open) return done && exchange.command;
    if (status == forbidden || status == missing) return true;
    if (std::holds_alternative<Command>(route.does))
        return (done && exchange.command) || status == conflict;
    return done && (personal || is_audited(route));
}

std::optional<domain::Uuid> first_id(const Exchange& exchange) {
    std::string_view rest = exchange.route->path;
    for (auto at = rest.find('{'); at != std::string_view::npos; at = rest.find('{')) {
        rest.remove_prefix(at + 1);
        const auto found = exchange.path.find(rest.substr(0, rest.find('}')));
        if (found == exchange.path.end()) continue;
        if (const auto id = domain::uuid_from(found->second)) return id;
    }
    return std::nullopt;
}

/// Equal addresses look equal inside a tenant, and nobody can try addresses without the key.
std::string source_of(const Shared& shared, const Exchange& exchange) {
    const auto id = security::mac_id(
        shared.source_key, domain::to_text(exchange.who.tenant) + exchange.request.client);
    return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

audit::Entry entry_of(const Shared& shared, const Exchange& exchange, int status) {
    audit::Entry entry;
    entry.tenant = exchange.who.tenant;
    entry.at = runtime::now();
    entry.request =
        domain::uuid_from(std::string_view{exchange.request.id}.substr(4)).value_or(domain::Uuid{});
    if (exchange.command) entry.command = exchange.command->value;
    entry.actor = exchange.who.user;
    entry.resource = first_id(exchange);
    entry.status = status;
    entry.role = domain::tenant::to_text(exchange.who.role);
    entry.action = name_of(*exchange.route);
    entry.refused = status >= 400;
    if (entry.refused) entry.code = exchange.refused_as;
    entry.purpose = exchange.purpose;
    entry.source = source_of(shared, exchange);
    if (exchange.keys && !entry.refused) {
        entry.subjects = subjects_text(exchange.keys->opened());
        entry.fields = fields_text(exchange.keys->opened());
    }
    return entry;
}

}  // namespace

domain::Result<std::string> purpose_of(const Request& request, const Route& route) {
    const auto* given = request.header("purpose");
    if (given == nullptr) {
        const auto name = name_of(route);
        return std::string{reads_trail(route)        ? "audit"
                           : name.starts_with("me.") ? "self"
                                                     : "service"};
    }
    if (request.count("purpose") > 1 || !is_word(*given))
        return domain::refuse(invalid_header,
                              "Purpose must be service, self, support, audit, legal, security or a "
                              "word of yours: a letter, then up to 59 letters, digits and -_.:/#");
    return *given;
}

events::Keys& Exchange::noting_keys(const Shared& shared) {
    if (!keys) keys.emplace(shared.parts.keys);
    return *keys;
}

audit::Entry stream_entry(const Shared& shared, const Exchange& exchange) {
    constexpr int fine = 200;
    return entry_of(shared, exchange, fine);
}

bool entered_in_trail(const Shared& shared, const Exchange& exchange, int status) {
    // Nobody's request belongs to no tenant; metrics count it.
    if (exchange.route == nullptr || exchange.who.tenant.value.is_nil()) return true;
    const bool personal = exchange.keys && !exchange.keys->opened().empty() && status < 300;
    if (!is_entry(exchange, status, personal)) return true;
    const auto need = personal ? audit::Need::certain : audit::Need::best_effort;
    return shared.parts.trail.record(entry_of(shared, exchange, status), need) || !personal;
}

}  // namespace http
