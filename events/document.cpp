#include "events/document.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace events {
namespace {

using Json = nlohmann::json;

/// What Boost.JSON's parser, twice as fast as that of the tree's own library, tells of: builds the
/// tree and counts. A false return stops the parser with `why` set.
class Builder {
public:
    using Error = boost::system::error_code;
    using Text = boost::json::string_view;
    // The parser's own limits; ours are counted here.
    static constexpr std::size_t max_array_size = SIZE_MAX, max_object_size = SIZE_MAX,
                                 max_string_size = SIZE_MAX, max_key_size = SIZE_MAX;

    explicit Builder(Json& root) : root_{root} {}

    const domain::Reason* why = nullptr;
    std::string detail;

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_null(Error& error) { return put(nullptr, error); }
    bool on_bool(bool value, Error& error) { return put(value, error); }
    bool on_number_part(Text, Error&) { return true; }
    bool on_int64(std::int64_t value, Text, Error& error) { return put(value, error); }
    bool on_uint64(std::uint64_t value, Text, Error& error) { return put(value, error); }
    bool on_double(double value, Text, Error& error) {
        return std::isfinite(value) ? put(value, error)
                                    : fail(malformed_json, "a number is too large", error);
    }
    bool on_string_part(Text part, std::size_t, Error&) { return gather(part); }
    bool on_string(Text rest, std::size_t, Error& error) {
        gather(rest);
        if (text_.contains('\0')) return fail(malformed_json, "a text holds U+0000", error);
        return put(std::exchange(text_, {}), error);
    }
    bool on_key_part(Text part, std::size_t, Error&) { return gather(part); }
    bool on_key(Text rest, std::size_t, Error& error) {
        gather(rest);
        if (text_.contains('\0'))
            return fail(malformed_json, "a member's name holds U+0000", error);
        if (open_.back()->contains(text_)) return fail(duplicate_key, {}, error);
        key_ = std::exchange(text_, {});
        return true;
    }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }
    bool on_object_begin(Error& error) { return enter(Json::object(), error); }
    bool on_array_begin(Error& error) { return enter(Json::array(), error); }
    bool on_object_end(std::size_t, Error&) { return leave(); }
    bool on_array_end(std::size_t, Error&) { return leave(); }

private:
    bool fail(const domain::Reason& reason, std::string text, Error& error) {
        why = &reason;
        detail = std::move(text);
        error = boost::json::error::exception;
        return false;
    }
    /// Texts with escapes come in parts.
    bool gather(Text part) {
        text_.append(part.data(), part.size());
        return true;
    }
    template <class Value>
    Json* place(Value&& value) {
        if (++nodes_ > json_nodes_max) return nullptr;
        if (open_.empty()) {
            root_ = std::forward<Value>(value);
            return &root_;
        }
        auto& parent = *open_.back();
        if (parent.is_array()) return &parent.emplace_back(std::forward<Value>(value));
        return &(parent[key_] = std::forward<Value>(value));
    }
    template <class Value>
    bool put(Value&& value, Error& error) {
        return place(std::forward<Value>(value)) != nullptr || fail(json_too_large, {}, error);
    }
    bool enter(Json container, Error& error) {
        if (open_.size() >= static_cast<std::size_t>(json_depth_max))
            return fail(json_too_large, {}, error);
        auto* placed = place(std::move(container));
        if (placed == nullptr) return fail(json_too_large, {}, error);
        open_.push_back(placed);
        return true;
    }
    bool leave() {
        open_.pop_back();
        return true;
    }

    Json& root_;
    std::vector<Json*> open_;
    std::string key_, text_;
    std::size_t nodes_ = 0;
};

const Json& json_of(const void* value) { return *static_cast<const Json*>(value); }

}  // namespace

bool Node::is_null() const { return json_of(value_).is_null(); }
bool Node::is_object() const { return json_of(value_).is_object(); }
bool Node::is_list() const { return json_of(value_).is_array(); }

std::optional<std::string_view> Node::text() const {
    const auto* text = json_of(value_).get_ptr<const Json::string_t*>();
    if (text == nullptr) return std::nullopt;
    return *text;
}

std::optional<std::int64_t> Node::integer() const {
    const auto& json = json_of(value_);
    if (!json.is_number_integer()) return std::nullopt;
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
    return json.get<std::int64_t>();
}

std::optional<double> Node::number() const {
    const auto& json = json_of(value_);
    if (!json.is_number()) return std::nullopt;
    return json.get<double>();
}

std::optional<bool> Node::boolean() const {
    const auto& json = json_of(value_);
    if (!json.is_boolean()) return std::nullopt;
    return json.get<bool>();
}

std::optional<domain::Decimal> Node::decimal() const {
    if (const auto written = text()) return domain::Decimal::from(*written);
    if (const auto whole = integer()) return domain::Decimal::from(std::to_string(*whole));
    const auto value = number();
    if (!value) return std::nullopt;
    char digits[64];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, *value, std::chars_format::fixed);
    const std::string_view shortest{digits, end.ptr};
    constexpr std::size_t exact_digits_max = 15;
    if (shortest.size() > exact_digits_max + 2) return std::nullopt;
    return domain::Decimal::from(shortest);
}

std::optional<Node> Node::find(std::string_view member) const {
    const auto& json = json_of(value_);
    if (!json.is_object()) return std::nullopt;
    const auto found = json.find(member);
    if (found == json.end()) return std::nullopt;
    return Node{&*found};
}

std::vector<std::string_view> Node::members() const {
    std::vector<std::string_view> names;
    const auto* object = json_of(value_).get_ptr<const Json::object_t*>();
    if (object == nullptr) return names;
    for (const auto& member : *object) names.emplace_back(member.first);
    return names;
}

std::vector<Node> Node::items() const {
    std::vector<Node> nodes;
    const auto* list = json_of(value_).get_ptr<const Json::array_t*>();
    if (list == nullptr) return nodes;
    nodes.reserve(list->size());
    for (const auto& item : *list) nodes.emplace_back(&item);
    return nodes;
}

std::string Node::dump() const { return json_of(value_).dump(); }

struct Document::Body {
    Json json;
};

Document::Document(std::unique_ptr<Body> body) : body_{std::move(body)} {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

domain::Result<Document> Document::parse(std::string_view json) {
    if (json.starts_with("\xEF\xBB\xBF"))
        return domain::refuse(malformed_json, "it starts with a byte order mark");
    auto body = std::make_unique<Body>();
    boost::json::parse_options options;
    options.max_depth = json_depth_max + 1;
    options.numbers = boost::json::number_precision::precise;
    boost::json::basic_parser<Builder> parser{options, body->json};
    boost::system::error_code error;
    const auto read = parser.write_some(false, json.data(), json.size(), error);
    const auto& builder = parser.handler();
    if (builder.why != nullptr) return domain::refuse(*builder.why, builder.detail);
    if (error || read < json.size())
        return domain::refuse(malformed_json, "at byte " + std::to_string(read + 1));
    return Document{std::move(body)};
}

Node Document::root() const { return Node{&body_->json}; }

void Document::rename(std::string_view from, std::string_view to) {
    const auto found = body_->json.find(from);
    if (found == body_->json.end()) return;
    Json value = std::move(*found);
    body_->json.erase(found);
    body_->json[std::string{to}] = std::move(value);
}

void Document::remove(std::string_view member) { body_->json.erase(std::string{member}); }

void Document::set_text(std::string_view member, std::string_view value) {
    body_->json[std::string{member}] = value;
}

}  // namespace events
