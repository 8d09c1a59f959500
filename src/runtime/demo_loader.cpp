#include "src/runtime/demo_loader.hpp"

#include "events/sha256.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/uuid.hpp"

#include <future>

namespace runtime::demo {
namespace {

constexpr int attempts_max = 10;

/// The same name gives the same id in every run.
domain::Uuid id_of(const std::string& name) {
    const auto hash = events::sha256({"cairn demo ", name});
    domain::Uuid id;
    std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
    return id;
}

}  // namespace

Loader::Loader(App& app, std::string prefix)
    : demo{{id_of(prefix + "tenant")}, {id_of(prefix + "owner")}},
      today{domain::day_in_zone(now(), "America/New_York").value_or(domain::Date{})},
      acting_on{today},
      app_{app},
      prefix_{std::move(prefix)},
      reader_{app.database()} {}

domain::Uuid Loader::run(const std::string& name, commands::Handler handler,
                         const std::string& body, const std::map<std::string, std::string>& path) {
    if (refusal) return {};
    commands::Request request;
    request.who = {demo.tenant, demo.owner, domain::tenant::Role::owner};
    request.command = {id_of(prefix_ + name)};
    request.fingerprint = request.command.value;
    request.correlation = request.command.value;
    for (const auto& [key, value] : path) request.path[key] = value;
    if (!body.empty()) {
        auto document = events::Document::parse(body);
        if (!document) return fail(document.error());
        request.body = *std::move(document);
    }
    request.today = acting_on;
    request.now = now();
    request.new_id = &uuid_v7;
    request.blind_index = app_.blind_index();
    // The clocks see the demo's goals as soon as they are there, and may be first.
    for (int i = 1; i < attempts_max; ++i) {
        const auto stream = append(handler(reader_, app_.keys(), request), request.command);
        if (!refusal || refusal->why != events::moved_on) return stream;
        refusal.reset();
    }
    return append(handler(reader_, app_.keys(), request), request.command);
}

domain::Uuid Loader::fail(const domain::Refusal& why) {
    refusal = why;
    return {};
}

domain::Uuid Loader::append(domain::Result<commands::Proposal> proposal,
                            domain::CommandId command) {
    if (!proposal) {
        auto known = reader_.outcome(demo.tenant, command);
        if (known && *known) return (*known)->stream.id;
        return fail(proposal.error());
    }
    std::promise<domain::Result<events::Outcome>> promise;
    auto future = promise.get_future();
    app_.appender().submit(std::move(proposal->append),
                           [&](auto outcome) { promise.set_value(std::move(outcome)); });
    const auto outcome = future.get();
    if (outcome) return outcome->stream.id;
    auto known = reader_.outcome(demo.tenant, command);
    if (known && *known) return (*known)->stream.id;
    return fail(outcome.error());
}

}  // namespace runtime::demo
