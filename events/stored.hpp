#pragma once
#include "domain/base/time.hpp"
#include "events/codec.hpp"
#include "events/document.hpp"
#include "events/writer.hpp"

#include <array>
#include <map>
#include <tuple>
#include <variant>

/// Turns a table of stored names into a codec. Included by events/<aggregate>.cpp only, so every
/// aggregate's codec is compiled once.
namespace events {

/// Specialised per event: `name`, `schema`, `fields`, `upcasts`.
template <class Event>
struct Stored;
/// Specialised per struct inside an event: `fields`.
template <class Struct>
struct Shape;
/// Specialised per enumeration inside an event: `from(text)`.
template <class Enum>
struct Spelled;

template <class Owner, class Value>
struct Field {
    std::string_view name;
    Value Owner::* at;
};
template <class Owner, class Value>
Field(const char*, Value Owner::*) -> Field<Owner, Value>;

/// From one schema to the next, on the document, before it is decoded.
using Upcast = void (*)(Document&);
inline constexpr std::array<Upcast, 0> never_changed{};

template <class T>
concept Shaped = requires { Shape<T>::fields; };
template <class T>
concept Enumerated = std::is_enum_v<T>;

/// Stops the build when `E` has more or fewer members than stored names.
template <std::size_t N, class E>
constexpr bool has_members(E& e) {
    if constexpr (N == 1) {
        [[maybe_unused]] auto& [a] = e;
    } else if constexpr (N == 2) {
        [[maybe_unused]] auto& [a, b] = e;
    } else if constexpr (N == 3) {
        [[maybe_unused]] auto& [a, b, c] = e;
    } else if constexpr (N == 4) {
        [[maybe_unused]] auto& [a, b, c, d] = e;
    } else if constexpr (N == 5) {
        [[maybe_unused]] auto& [a, b, c, d, f] = e;
    } else if constexpr (N == 6) {
        [[maybe_unused]] auto& [a, b, c, d, f, g] = e;
    } else if constexpr (N == 7) {
        [[maybe_unused]] auto& [a, b, c, d, f, g, h] = e;
    } else if constexpr (N == 8) {
        [[maybe_unused]] auto& [a, b, c, d, f, g, h, i] = e;
    } else if constexpr (N == 9) {
        [[maybe_unused]] auto& [a, b, c, d, f, g, h, i, j] = e;
    } else static_assert(N < 10, "add a line for larger events");
    return true;
}

// ---- Writing.
struct Sealer {
    const Destination& to;
    std::string_view type;
    std::optional<domain::Refusal> failed{};
};

template <class T>
void put(Writer& out, const T& value, std::string_view name, Sealer& sealer);

inline void put(Writer& out, const std::string& value, std::string_view, Sealer&) {
    out.text(value);
}
inline void put(Writer& out, int value, std::string_view, Sealer&) { out.integer(value); }
inline void put(Writer& out, double value, std::string_view, Sealer&) { out.number(value); }
inline void put(Writer& out, const domain::Decimal& value, std::string_view, Sealer&) {
    out.text(value.text());
}
inline void put(Writer& out, domain::Date value, std::string_view, Sealer&) {
    out.text(domain::to_text(value));
}
template <class Tag>
void put(Writer& out, const domain::Id<Tag>& value, std::string_view, Sealer&) {
    out.text(domain::to_text(value));
}
void put(Writer& out, const domain::Personal& value, std::string_view name, Sealer& sealer);

inline void put(Writer& out, bool value, std::string_view, Sealer&) { out.boolean(value); }

template <class Tag, class T>
void put(Writer& out, const std::map<domain::Id<Tag>, T>& parts, std::string_view name,
         Sealer& sealer) {
    out.open();
    for (const auto& [id, part] : parts) {
        out.key(domain::to_text(id));
        put(out, part, name, sealer);
    }
    out.close();
}
template <class T>
void put(Writer& out, const std::vector<T>& list, std::string_view name, Sealer& sealer) {
    out.open_list();
    for (const auto& item : list) put(out, item, name, sealer);
    out.close_list();
}

template <class Owner, class Value>
void put_member(Writer& out, const Owner& owner, const Field<Owner, Value>& field, Sealer& sealer) {
    out.key(field.name);
    put(out, owner.*field.at, field.name, sealer);
}
template <class Owner, class Value>
void put_member(Writer& out, const Owner& owner, const Field<Owner, std::optional<Value>>& field,
                Sealer& sealer) {
    if (!(owner.*field.at)) return;
    out.key(field.name);
    put(out, *(owner.*field.at), field.name, sealer);
}

template <class T, class Fields>
void put_object(Writer& out, const T& value, const Fields& fields, Sealer& sealer) {
    out.open();
    std::apply([&](const auto&... field) { (put_member(out, value, field, sealer), ...); }, fields);
    out.close();
}

template <class T>
void put(Writer& out, const T& value, std::string_view, Sealer& sealer) {
    if constexpr (Enumerated<T>) {
        out.text(to_text(value));
    } else {
        static_assert(Shaped<T>, "a type inside an event has no stored form");
        put_object(out, value, Shape<T>::fields, sealer);
    }
}

// ---- Reading. Every function says whether the node had the right form.
struct Opener {
    const Recorded& event;
    Keys* keys;
    std::optional<domain::Refusal> failed{};
};

template <class T>
bool take(Node node, T& out, std::string_view name, Opener& opener);

bool take(Node node, std::string& out, std::string_view name, Opener& opener);
bool take(Node node, int& out, std::string_view name, Opener& opener);
bool take(Node node, double& out, std::string_view name, Opener& opener);
bool take(Node node, domain::Decimal& out, std::string_view name, Opener& opener);
bool take(Node node, domain::Date& out, std::string_view name, Opener& opener);
bool take(Node node, domain::Personal& out, std::string_view name, Opener& opener);

template <class Tag>
bool take(Node node, domain::Id<Tag>& out, std::string_view, Opener&) {
    const auto id = domain::uuid_from(node.text().value_or(""));
    if (id) out.value = *id;
    return id.has_value();
}
bool take(Node node, bool& out, std::string_view name, Opener& opener);

template <class Tag, class T>
bool take(Node node, std::map<domain::Id<Tag>, T>& out, std::string_view name, Opener& opener) {
    if (!node.is_object()) return false;
    for (const auto key : node.members()) {
        const auto id = domain::uuid_from(key);
        if (!id || !take(*node.find(key), out[{*id}], name, opener)) return false;
    }
    return true;
}
template <class T>
bool take(Node node, std::vector<T>& out, std::string_view name, Opener& opener) {
    if (!node.is_list()) return false;
    for (const auto item : node.items()) {
        if (!take(item, out.emplace_back(), name, opener)) return false;
    }
    return true;
}

template <class Owner, class Value>
bool take_member(Node object, Owner& owner, const Field<Owner, Value>& field, Opener& opener) {
    const auto member = object.find(field.name);
    return member && take(*member, owner.*field.at, field.name, opener);
}
template <class Owner, class Value>
bool take_member(Node object, Owner& owner, const Field<Owner, std::optional<Value>>& field,
                 Opener& opener) {
    const auto member = object.find(field.name);
    if (!member) return true;
    return take(*member, (owner.*field.at).emplace(), field.name, opener);
}

template <class T, class Fields>
bool take_object(Node node, T& out, const Fields& fields, Opener& opener) {
    if (!node.is_object()) return false;
    return std::apply(
        [&](const auto&... field) { return (take_member(node, out, field, opener) && ...); },
        fields);
}

template <class T>
bool take(Node node, T& out, std::string_view, Opener& opener) {
    if constexpr (Enumerated<T>) {
        const auto value = Spelled<T>::from(node.text().value_or(""));
        if (value) out = *value;
        return value.has_value();
    } else {
        static_assert(Shaped<T>, "a type inside an event has no stored form");
        return take_object(node, out, Shape<T>::fields, opener);
    }
}

// ---- The codec of a variant of events.
template <class E>
domain::Result<Encoded> encode_one(const E& event, const Destination& to) {
    using S = Stored<E>;
    static_assert(S::upcasts.size() + 1 == S::schema, "schema N needs exactly N-1 upcasts");
    Writer out;
    Sealer sealer{to, S::name};
    put_object(out, event, S::fields, sealer);
    if (sealer.failed) return std::unexpected(*std::move(sealer.failed));
    return Encoded{S::name, S::schema, out.take()};
}

template <class Event>
domain::Result<Encoded> encode_any(const Event& event, const Destination& to) {
    return std::visit([&](const auto& one) { return encode_one(one, to); }, event);
}

domain::Refusal unreadable_event(const Recorded& event, std::string_view why);

template <class E, class Event>
domain::Result<Event> decode_one(const Recorded& event, Keys* keys) {
    using S = Stored<E>;
    if (event.schema < 1 || event.schema > S::schema)
        return std::unexpected(unreadable_event(event, "its schema is newer than this program"));
    auto document = Document::parse_stored(event.data);
    if (!document) return std::unexpected(unreadable_event(event, document.error().why.slug));
    for (auto i = static_cast<std::size_t>(event.schema - 1); i < S::upcasts.size(); ++i)
        S::upcasts[i](*document);
    E out{};
    static_cast<void>(has_members<std::tuple_size_v<decltype(S::fields)>>(out));
    Opener opener{event, keys};
    if (!take_object(document->root(), out, S::fields, opener)) {
        if (opener.failed) return std::unexpected(*std::move(opener.failed));
        return std::unexpected(unreadable_event(event, "a member is missing or of another type"));
    }
    return Event{std::move(out)};
}

template <class Event>
struct Variant;
template <class... Es>
struct Variant<std::variant<Es...>> {
    using Event = std::variant<Es...>;

    static domain::Result<Event> decode(const Recorded& event, Keys* keys) {
        using Decode = domain::Result<Event> (*)(const Recorded&, Keys*);
        Decode found = nullptr;
        ((event.type == Stored<Es>::name ? (found = &decode_one<Es, Event>, true) : false) || ...);
        if (found == nullptr) return std::unexpected(unreadable_event(event, "unknown type"));
        return found(event, keys);
    }

    static std::vector<Form> forms() { return {form<Es>()...}; }

    template <class E>
    static Form form() {
        Form out{Stored<E>::name, Stored<E>::schema, {}, {}};
        std::apply([&](const auto&... field) { (describe(out, field), ...); }, Stored<E>::fields);
        return out;
    }
    template <class Owner, class Value>
    static void describe(Form& form, const Field<Owner, Value>& field) {
        form.fields.push_back(field.name);
        if constexpr (std::is_same_v<Value, domain::Personal> ||
                      std::is_same_v<Value, std::optional<domain::Personal>>)
            form.personal.push_back(field.name);
    }
};

template <class Event>
const Codec<Event>& codec() {
    static constexpr Codec<Event> table{&encode_any<Event>, &Variant<Event>::decode};
    return table;
}

}  // namespace events
