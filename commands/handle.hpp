#pragma once
#include "commands/request.hpp"
#include "events/writer.hpp"

#include <algorithm>

/// The write path of the whole system: read, fold, decide, encode.
namespace commands {

/// An aggregate as folded from its stream.
template <class Aggregate>
struct Loaded {
    typename Aggregate::State state{};
    std::int64_t version{};
    std::vector<events::Recorded> past;
};

template <class Aggregate>
domain::Result<Loaded<Aggregate>> load(events::Store& store, events::Keys* keys,
                                       domain::TenantId tenant, const domain::Uuid& id) {
    const auto& codec = events::codec<typename Aggregate::Event>();
    auto past = store.read(tenant, {std::string{Aggregate::category}, id}, 0, events::all_events);
    if (!past) return std::unexpected(std::move(past.error()));
    Loaded<Aggregate> loaded;
    for (const auto& recorded : *past) {
        auto fact = codec.decode(recorded, keys);
        if (!fact) return std::unexpected(std::move(fact.error()));
        loaded.state = evolve(std::move(loaded.state), *fact);
        loaded.version = recorded.version;
    }
    loaded.past = *std::move(past);
    return loaded;
}

/// What the caller has not seen: refuses when the stream is not where the caller expects it.
domain::Result<void> check_expected(const Request& request, std::int64_t version,
                                    const std::vector<events::Recorded>& past);

/// An Append with everything but its writes.
events::Append append_for(const Request& request);

/// The decided events as one stream's write.
template <class Aggregate>
domain::Result<events::StreamWrite> write_for(events::Keys& keys, const Request& request,
                                              const domain::Uuid& id, std::int64_t version,
                                              const std::vector<typename Aggregate::Event>& facts) {
    const auto& codec = events::codec<typename Aggregate::Event>();
    events::StreamWrite write{{std::string{Aggregate::category}, id}, version, {}};
    write.events.reserve(facts.size());
    events::Destination to{keys, request.who.tenant, write.stream, version};
    for (const auto& fact : facts) {
        ++to.version;
        auto form = codec.encode(fact, to);
        if (!form) return std::unexpected(std::move(form.error()));
        write.events.push_back({{request.new_id()}, *std::move(form)});
    }
    return write;
}

/// Decides `command` for an aggregate that exists or not, and proposes what follows from it.
template <class Aggregate>
domain::Result<Proposal> propose(events::Store& store, events::Keys& keys, const Request& request,
                                 const domain::Uuid& id,
                                 const typename Aggregate::Command& command) {
    auto loaded = load<Aggregate>(store, nullptr, request.who.tenant, id);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    if (auto fits = check_expected(request, loaded->version, loaded->past); !fits)
        return std::unexpected(std::move(fits.error()));
    auto decision = decide(loaded->state, command);
    if (!decision) return std::unexpected(std::move(decision.error()));
    auto write = write_for<Aggregate>(keys, request, id, loaded->version, *decision);
    if (!write) return std::unexpected(std::move(write.error()));
    Proposal proposal{append_for(request)};
    proposal.append.writes.push_back(*std::move(write));
    return proposal;
}

/// As propose(), for an id that was just made: there is nothing to read.
template <class Aggregate>
domain::Result<Proposal> propose_new(events::Keys& keys, const Request& request,
                                     const domain::Uuid& id,
                                     const typename Aggregate::Command& command) {
    if (auto fits = check_expected(request, 0, {}); !fits)
        return std::unexpected(std::move(fits.error()));
    auto decision = decide(typename Aggregate::State{}, command);
    if (!decision) return std::unexpected(std::move(decision.error()));
    auto write = write_for<Aggregate>(keys, request, id, 0, *decision);
    if (!write) return std::unexpected(std::move(write.error()));
    Proposal proposal{append_for(request), true};
    proposal.append.status = 201;
    proposal.append.writes.push_back(*std::move(write));
    return proposal;
}

}  // namespace commands
