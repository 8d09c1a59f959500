#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/personal.hpp"

#include <cxxabi.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <source_location>
#include <string>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

/// Decisions as sentences: given these facts, when this is asked for, then these facts follow.
namespace support {

using Place = std::source_location;

inline void fail(const Place& at, const std::string& why) {
    ADD_FAILURE_AT(at.file_name(), static_cast<int>(at.line())) << why;
}

/// The name of a fact's type, such as `domain::goal::CheckedIn`.
template <class Event>
std::string name_of(const Event& event) {
    return std::visit(
        [](const auto& fact) {
            const std::unique_ptr<char, decltype(&std::free)> name{
                abi::__cxa_demangle(typeid(fact).name(), nullptr, nullptr, nullptr), &std::free};
            return std::string{name ? name.get() : "?"};
        },
        event);
}

template <class Event>
std::string names_of(const std::vector<Event>& events) {
    std::string names;
    for (const auto& event : events) names += (names.empty() ? "" : ", ") + name_of(event);
    return names.empty() ? "nothing" : names;
}

inline std::string text_of(const domain::Refusal& refusal) {
    std::string text{"refused as "};
    text += refusal.why.slug;
    for (const auto& fault : refusal.faults) text += " [" + fault.pointer + " " + fault.code + "]";
    return text;
}

/// What a decision gave, and how it is compared; a failure is shown at the caller's line.
template <class Aggregate>
class Answer {
public:
    using Event = typename Aggregate::Event;
    using State = typename Aggregate::State;

    Answer(State before, domain::Decision<Event> decision)
        : before_{std::move(before)}, decision_{std::move(decision)} {}

    const Answer& then(const std::vector<Event>& expected, Place at = Place::current()) const {
        if (!decision_) return failed(at, text_of(decision_.error()));
        if (decision_->size() != expected.size())
            return failed(at, names_of(*decision_) + " instead of " + names_of(expected));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if ((*decision_)[i] == expected[i]) continue;
            return failed(at, "fact " + std::to_string(i + 1) + " is a " +
                                  name_of((*decision_)[i]) + " other than the expected " +
                                  name_of(expected[i]));
        }
        return *this;
    }

    const Answer& nothing(Place at = Place::current()) const { return then({}, at); }

    const Answer& refused(const domain::Reason& why, Place at = Place::current()) const {
        if (decision_) return failed(at, names_of(*decision_) + " instead of a refusal");
        // Two reasons may share a slug over aggregates, never with another title.
        if (decision_.error().why == why && decision_.error().why.title == why.title) return *this;
        return failed(at, text_of(decision_.error()) + " instead of " + std::string{why.slug});
    }

    /// The refusal names exactly these faults, as "pointer code", in this order.
    const Answer& naming(const std::vector<std::string>& faults,
                         Place at = Place::current()) const {
        std::vector<std::string> found;
        if (!decision_) {
            for (const auto& fault : decision_.error().faults) {
                found.push_back(fault.pointer + " " + fault.code);
                if (fault.detail.empty()) return failed(at, "no detail for " + found.back());
            }
        }
        if (found == faults) return *this;
        return failed(at, decision_ ? names_of(*decision_) : text_of(decision_.error()));
    }

    /// The facts, for what then() cannot say; none when refused.
    std::vector<Event> facts() const { return decision_ ? *decision_ : std::vector<Event>{}; }

    /// The state after the facts.
    State state() const {
        State state = before_;
        for (const auto& fact : facts()) state = evolve(std::move(state), fact);
        return state;
    }

private:
    const Answer& failed(const Place& at, const std::string& why) const {
        fail(at, why);
        return *this;
    }

    State before_;
    domain::Decision<Event> decision_;
};

template <class Aggregate>
class History {
public:
    using Event = typename Aggregate::Event;

    explicit History(std::vector<Event> events) : events_{std::move(events)} {}

    Answer<Aggregate> when(const typename Aggregate::Command& command) const {
        auto decision = decide(state(), command);
        return {state(), std::move(decision)};
    }

    typename Aggregate::State state() const {
        typename Aggregate::State state;
        for (const auto& event : events_) state = evolve(std::move(state), event);
        return state;
    }

private:
    std::vector<Event> events_;
};

/// `constexpr support::Given<Goal> given;` then `given(drafted).when(...).then({...})`.
template <class Aggregate>
struct Given {
    template <class... Facts>
    History<Aggregate> operator()(Facts... facts) const {
        std::vector<typename Aggregate::Event> events;
        (events.emplace_back(std::move(facts)), ...);
        return History<Aggregate>{std::move(events)};
    }
};

/// An id whose last two bytes are `number`, so that different numbers are different ids.
template <class Id>
Id id(int number) {
    Id made;
    made.value.bytes[14] = static_cast<std::uint8_t>(number / 256);
    made.value.bytes[15] = static_cast<std::uint8_t>(number % 256);
    return made;
}

inline domain::Personal clear(const char* text) { return {domain::SubjectId{}, text}; }

}  // namespace support
