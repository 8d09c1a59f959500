#include "src/http/api.hpp"

#include "commands/handle.hpp"
#include "domain/base/business_day.hpp"
#include "domain/tenant.hpp"
#include "src/http/api_parts.hpp"
#include "src/http/problem.hpp"
#include "src/runtime/clock.hpp"

#include <pqxx/pqxx>

namespace http {
namespace {

/// A tenant that was registered a moment ago is in the log before it is in the read model.
domain::WallClock clock_in_log(postgres::Reader& reader, domain::TenantId tenant) {
    const auto loaded =
        commands::load<domain::tenant::Tenant>(reader, nullptr, tenant, tenant.value);
    if (!loaded) return {};
    return {loaded->state.profile.time_zone, loaded->state.profile.day_cutoff_minutes};
}

}  // namespace

domain::WallClock Calendar::clock(postgres::Reader& reader, domain::TenantId tenant) {
    using domain::WallClock;
    constexpr std::int64_t kept_micros = 60'000'000;
    {
        const std::lock_guard lock{mutex_};
        const auto found = clocks_.find(tenant);
        if (found != clocks_.end() && found->second.until_micros > runtime::steady_micros())
            return found->second.clock;
    }
    const auto shown = reader.query<WallClock>(
        tenant, [&](pqxx::transaction_base& tx) -> domain::Result<WallClock> {
            const auto rows =
                tx.exec("select time_zone, day_cutoff_minutes from board.tenant where tenant = $1",
                        pqxx::params{domain::to_text(tenant)});
            if (rows.empty()) return WallClock{};
            return WallClock{rows[0][0].as<std::string>(), rows[0][1].as<int>()};
        });
    auto clock = shown && !shown->zone.empty() ? *shown : clock_in_log(reader, tenant);
    // While neither can be read, it is the day by UTC, which is not worth remembering.
    if (clock.zone.empty()) return clock;
    constexpr std::size_t known_max = 100'000;
    const std::lock_guard lock{mutex_};
    if (clocks_.size() >= known_max) clocks_.clear();
    clocks_[tenant] = {clock, runtime::steady_micros() + kept_micros};
    return clock;
}

domain::Date Calendar::today(postgres::Reader& reader, domain::TenantId tenant) {
    return clock(reader, tenant).day_of(runtime::now());
}

void Calendar::tell(postgres::Reader& reader, projections::Ask& ask) {
    ask.clock = clock(reader, ask.tenant);
    ask.today = ask.clock.day_of(runtime::now());
}

void Exchange::answer(const Shared& shared, Reply reply) {
    if (std::exchange(answered, true)) return;
    withheld = !entered_in_trail(shared, *this, reply.status);
    if (withheld) reply = problem({audit::audit_unavailable}, request.id);
    const auto micros = runtime::steady_micros() - started_micros;
    // Only what the table knows becomes a label: a client cannot make series without end.
    shared.parts.observe(route == nullptr ? std::string_view{"-"} : route->path,
                         route == nullptr ? std::string_view{"-"} : route->method, reply.status,
                         micros);
    respond(std::move(reply));
}

void Exchange::refuse(const Shared& shared, const domain::Refusal& refusal) {
    refused_as = refusal.why.slug;
    answer(shared, problem(refusal, request.id));
}

class Api::Body {
public:
    explicit Body(Parts parts)
        : shared_{new Shared{parts,
                             Opaque{parts.secrets},
                             {},
                             parts.secrets.derive("command_"),
                             parts.secrets.derive("idemfp__"),
                             parts.secrets.derive("auditsrc"),
                             blind_index_of(parts.secrets)}} {}

    void handle(std::shared_ptr<Exchange> exchange) {
        if (serve_document(*exchange)) return;
        auto& request = exchange->request;
        auto found = match(request.method, request.path);
        if (found.route == nullptr) return no_route(*exchange, found);
        exchange->route = found.route;
        exchange->path = std::move(found.parameters);
        exchange->prefer = preferences(request);
        if (found.route->access != Access::open) {
            auto who = authenticate(request);
            if (!who) return exchange->refuse(*shared_, who.error());
            exchange->who = who->who;
            exchange->expires = who->expires;
        }
        auto purpose = purpose_of(request, *found.route);
        if (!purpose) return exchange->refuse(*shared_, purpose.error());
        exchange->purpose = *std::move(purpose);
        if (!allows(exchange->who.role, found.route->access))
            return exchange->refuse(*shared_, {not_allowed});
        std::visit(domain::Match{
                       [&](const Command& command) { run_command(shared_, exchange, command); },
                       [&](const Read& read) { run_read(shared_, exchange, read); },
                       [&](const LogRead& read) { run_log_read(shared_, exchange, read); },
                       [&](const Question& asks) { run_question(shared_, exchange, asks); },
                       [&](const Talk& talk) { talk.run(shared_, exchange); },
                   },
                   found.route->does);
    }

private:
    domain::Result<security::Claims> authenticate(const Request& request) {
        constexpr std::string_view scheme = "Bearer ";
        const auto* header = request.header("authorization");
        if (header == nullptr || request.count("authorization") > 1 || !header->starts_with(scheme))
            return domain::refuse(security::unauthenticated);
        return shared_->parts.tokens.verify(std::string_view{*header}.substr(scheme.size()),
                                            runtime::now());
    }

    void no_route(Exchange& exchange, const Match& found) {
        const auto& id = exchange.request.id;
        if (found.allow.empty())
            return exchange.answer(*shared_,
                                   problem(404, "not-found", "There is no such thing", "", id));
        auto reply = problem(405, "method-not-allowed", "The address does not take this method",
                             "It takes " + found.allow, id);
        reply.headers.emplace_back("Allow", found.allow);
        exchange.answer(*shared_, std::move(reply));
    }

    /// Documents that need no tenant: the API's description and the pages of its problems.
    bool serve_document(Exchange& exchange) {
        constexpr std::string_view problems = "/problems/";
        const auto& request = exchange.request;
        const std::string_view path = request.path;
        if (request.method != "GET" && request.method != "HEAD") return false;
        if (path == "/openapi.json") {
            exchange.answer(*shared_, {200, "application/json", {}, openapi()});
            return true;
        }
        if (!path.starts_with(problems)) return false;
        auto page = problem_page(path.substr(problems.size()));
        if (page.empty()) return false;
        exchange.answer(*shared_, {200, "application/json", {}, std::move(page)});
        return true;
    }

    std::shared_ptr<Shared> shared_;
};

Api::Api(Parts parts) : body_{std::make_shared<Body>(std::move(parts))} {}
Api::~Api() = default;

void Api::handle(Request request, Respond respond) {
    auto exchange = std::make_shared<Exchange>();
    exchange->request = std::move(request);
    exchange->respond = std::move(respond);
    exchange->started_micros = runtime::steady_micros();
    body_->handle(std::move(exchange));
}

}  // namespace http
