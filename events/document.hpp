#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/decimal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Strict JSON, read. The only folder member that includes JSON libraries is document.cpp.
namespace events {

inline constexpr domain::Reason malformed_json{domain::Reason::Kind::malformed, "malformed-json",
                                               "The body is not well-formed JSON"};
inline constexpr domain::Reason duplicate_key{domain::Reason::Kind::malformed, "duplicate-key",
                                              "An object names a member twice"};
inline constexpr domain::Reason json_too_large{
    domain::Reason::Kind::malformed, "json-too-large",
    "The JSON is nested too deeply or has too many parts"};

inline constexpr int json_depth_max = 32;
inline constexpr std::size_t json_nodes_max = 50'000;
/// Of one object: more than any provider's row has, and so few that names which are made to collide
/// in its table cost little.
inline constexpr std::size_t json_members_max = 2'500;

/// How much one text may hold.
struct JsonLimits {
    std::size_t nodes = json_nodes_max;
    std::size_t members = json_members_max;
};
/// Of what was taken once: its size was decided then, and what is in the log must stay readable.
inline constexpr JsonLimits no_json_limits{SIZE_MAX, SIZE_MAX};

/// A value inside a Document, valid as long as the Document lives. Cheap to copy.
class Node {
public:
    explicit Node(const void* value) : value_{value} {}

    bool is_null() const;
    bool is_object() const;
    bool is_list() const;
    std::optional<std::string_view> text() const;
    std::optional<std::int64_t> integer() const;
    std::optional<double> number() const;
    std::optional<bool> boolean() const;
    /// A decimal string, or a number: as it was typed, never the double that comes near.
    std::optional<domain::Decimal> decimal() const;

    std::optional<Node> find(std::string_view member) const;
    /// In the order in which they are written; so they are dumped.
    std::vector<std::string_view> members() const;
    std::vector<Node> items() const;
    /// The value as compact JSON text.
    std::string dump() const;

private:
    const void* value_;
};

/// One parsed JSON value. Moves; never copies.
class Document {
public:
    /// Refuses what is not I-JSON: invalid UTF-8, a byte order mark, duplicate members, NUL in a
    /// text, numbers beyond a double, trailing bytes, depth over 32, more than 50,000 values or
    /// 2,500 members, unless other limits are given.
    static domain::Result<Document> parse(std::string_view json, JsonLimits limits = {});
    /// Of the log or a read model, which no limit of clients may make unreadable.
    static domain::Result<Document> parse_stored(std::string_view json) {
        return parse(json, no_json_limits);
    }

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    Node root() const;

    // For upcasts: changes to the members of the root object.
    void rename(std::string_view from, std::string_view to);
    void remove(std::string_view member);
    void set_text(std::string_view member, std::string_view value);

private:
    struct Body;
    explicit Document(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

}  // namespace events
