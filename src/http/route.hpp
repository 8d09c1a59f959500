#pragma once
#include "commands/catalog.hpp"
#include "events/store.hpp"
#include "projections/query.hpp"
#include "src/http/message.hpp"

#include <span>
#include <variant>

/// What an address does. The table is in routes.cpp.
namespace http {

/// What a caller's role must allow.
enum class Access {
    open,        ///< anybody, without a token
    read,        ///< every member
    contribute,  ///< check in, work on action items: advisers, staff and up
    write,       ///< plan: managers and owners
    manage       ///< people and the tenant itself: owners
};

inline constexpr std::string_view json_only[]{"application/json"};

struct Command {
    std::string_view name;  ///< goal.check-in: for metrics and operation ids
    commands::Handler handler;
    std::string_view schema;      ///< of the body, in components; empty: no body is taken
    std::string_view example;     ///< a body that works
    std::string_view location{};  ///< of what a 201 made; {id} is the stream, {command} the part
    std::string_view resource{};  ///< what Prefer: return=representation shows
    /// What the body may be; rows that are not JSON are read by the handler.
    std::span<const std::string_view> media = json_only;
    std::span<const std::string_view> parameters{};  ///< of the query, besides validate_only
    std::size_t unpacks = 1;  ///< to how many body limits a compressed body may unpack
    bool in_pieces{};         ///< bodies that are not JSON may be of any length
    std::size_t values_max = events::json_nodes_max;  ///< of a body that is JSON
    bool gives_secret{};  ///< the receipt shows the webhook secret that the command names
};

struct Read {
    std::string_view name;
    projections::Query query;
    std::span<const std::string_view> needs;    ///< projections that must have come far enough
    std::span<const std::string_view> filters;  ///< besides limit and cursor
    std::string_view schema;
    /// Answers ?as_of= from the log instead.
    domain::Result<projections::Answer> (*as_of)(events::Store&, const projections::Ask&) = {};
    bool pages{};
    bool csv{};      ///< also answers in text/csv
    bool lines{};    ///< also answers in application/x-ndjson
    bool audited{};  ///< is an entry of the audit trail whatever it shows
};

/// A question to the log itself: always up to date.
struct LogRead {
    std::string_view name;
    domain::Result<projections::Answer> (*query)(events::Store&, const projections::Ask&);
    std::string_view schema;
    bool pages{};
    std::span<const std::string_view> filters{};  ///< besides limit and cursor
};

/// A POST that asks: its body is the question, it needs no key and appends nothing.
struct Question {
    std::string_view name;
    /// Checks the body against the log and gives it as filters.
    domain::Result<commands::Parameters> (*check)(events::Store&, const commands::Request&);
    std::string_view schema;   ///< of the body
    std::string_view example;  ///< a body that works
    Read read;                 ///< what then is asked
};

struct Shared;
struct Exchange;
void run_events(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);

/// Neither command nor read model: feeds and the books of consumers. It answers by itself.
struct Talk {
    std::string_view name;
    void (*run)(std::shared_ptr<Shared>, std::shared_ptr<Exchange>);
    std::string_view schema;                         ///< of a JSON answer
    std::span<const std::string_view> parameters{};  ///< of the query
    std::string_view body{};                         ///< the schema of the body; empty: none
    std::string_view example{};
    std::span<const std::string_view> media = json_only;  ///< of the answer; the first is JSON
    bool audited{};  ///< is an entry of the audit trail whatever it shows
};

struct Route {
    std::string_view method;
    std::string_view path;  ///< {name} takes one segment
    Access access{};
    std::variant<Command, Read, LogRead, Question, Talk> does;
    std::string_view summary;
};

/// The whole API.
std::span<const Route> routes();

using PathParameters = std::map<std::string, std::string, std::less<>>;
struct Match {
    const Route* route{};  ///< null: no such path, or no such method on it
    std::string allow;     ///< the methods the path has; empty: no such path
    PathParameters parameters;
};
Match match(std::string_view method, std::string_view path);

std::string_view name_of(const Route& route);
/// Whether the route of a request takes its body in pieces, as it comes.
bool takes_pieces(const Request& request);
bool allows(domain::tenant::Role role, Access access);

/// The OpenAPI 3.1 document of routes(), made once.
const std::string& openapi();

}  // namespace http
