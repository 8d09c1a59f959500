#pragma once
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"
#include "events/document.hpp"

#include <set>

/// Reads untrusted input field by field and remembers every fault.
namespace commands {

inline constexpr domain::Reason validation_failed{
    domain::Reason::Kind::invalid, "validation-failed", "The request is understood and not valid"};
inline constexpr std::size_t faults_max = 50;

/// One JSON object of the input. Getters of required members give an empty value and note a fault
/// when the member is missing or of another type; `maybe_` getters take a missing member or null
/// as empty. Call done() last: members that nobody asked for are faults too.
class Body {
public:
    Body(std::optional<events::Node> object, std::vector<domain::Fault>& faults,
         std::string pointer = "#");

    std::string text(std::string_view name);
    std::optional<std::string> maybe_text(std::string_view name);
    std::string text_or_empty(std::string_view name);
    std::optional<int> maybe_integer(std::string_view name);
    std::optional<bool> maybe_boolean(std::string_view name);
    std::optional<domain::Decimal> maybe_decimal(std::string_view name);
    domain::Decimal decimal(std::string_view name);
    domain::Date date(std::string_view name);
    std::optional<domain::Date> maybe_date(std::string_view name);
    std::vector<std::string> texts(std::string_view name);
    template <class TheId>
    std::optional<TheId> maybe_id(std::string_view name) {
        const auto id = maybe_uuid(name);
        if (!id) return std::nullopt;
        return TheId{*id};
    }
    template <class TheId>
    std::vector<TheId> ids(std::string_view name) {
        std::vector<TheId> out;
        for (const auto& id : uuids(name)) out.push_back(TheId{id});
        return out;
    }
    /// One of a fixed set of words, given by the function that reads it.
    template <class Enum>
    std::optional<Enum> maybe_word(std::string_view name,
                                   std::optional<Enum> (*from)(std::string_view)) {
        const auto word = maybe_text(name);
        if (!word) return std::nullopt;
        const auto value = from(*word);
        if (!value) fault(name, "enum", "is none of the allowed words");
        return value;
    }
    template <class Enum>
    Enum word(std::string_view name, std::optional<Enum> (*from)(std::string_view)) {
        const auto value = maybe_word(name, from);
        if (!value && !present(name)) fault(name, "required", "is missing");
        return value.value_or(Enum{});
    }
    /// The object named `name`; empty when it is missing or null.
    std::optional<Body> maybe_object(std::string_view name);
    std::vector<Body> objects(std::string_view name);
    bool present(std::string_view name) const;
    /// Whether the input names it, null too.
    bool given(std::string_view name) const;

    void fault(std::string_view name, std::string_view code, std::string_view what);
    void done();

private:
    std::optional<events::Node> member(std::string_view name);
    std::optional<domain::Uuid> maybe_uuid(std::string_view name);
    std::vector<domain::Uuid> uuids(std::string_view name);

    std::optional<events::Node> object_;
    std::vector<domain::Fault>& faults_;
    std::string pointer_;
    std::set<std::string, std::less<>> asked_;
};

/// All faults as one refusal; empty when there are none.
std::optional<domain::Refusal> refusal_of(std::vector<domain::Fault> faults);

}  // namespace commands
