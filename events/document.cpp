#include "events/document.hpp"

#include "events/writer.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <charconv>
#include <cmath>

namespace events {
namespace {

using Json = boost::json::value;

/// Before a number that no double is: it is kept as it was typed. No text begins so, because none
/// holds U+0000.
constexpr char typed_mark = '\0';

std::optional<std::string_view> typed_number(const Json& json) {
    const auto* text = json.if_string();
    if (text == nullptr || !text->starts_with(typed_mark)) return std::nullopt;
    return std::string_view{*text}.substr(1);
}

/// A number's digits without zeros around them, and how many of them stand before the point: equal
/// for equal numbers only.
struct Digits {
    std::string digits;
    std::int64_t before_point{};

    explicit Digits(std::string_view number) {
        const auto mantissa = number.substr(0, number.find_first_of("eE"));
        bool is_behind = false;
        for (const char c : mantissa) {
            is_behind |= c == '.';
            if (c < '0' || c > '9') continue;
            if (!digits.empty() || c != '0') digits += c;
            if (digits.empty() ? is_behind : !is_behind) before_point += is_behind ? -1 : 1;
        }
        digits.resize(digits.find_last_not_of('0') + 1);
        auto power = number.substr(std::min(mantissa.size() + 1, number.size()));
        if (power.starts_with('+')) power.remove_prefix(1);
        int shift = 0;  // 0 as well for one beyond all doubles
        std::from_chars(power.data(), power.data() + power.size(), shift);
        before_point = digits.empty() ? 0 : before_point + shift;
    }
    bool operator==(const Digits&) const = default;
};

/// Whether the number that was typed is the one that the double is written as, without an exponent.
bool is_exact(std::string_view text, double value) {
    // So many digits come back from every double, unless it is very small.
    constexpr std::size_t safe_bytes = 15;
    if (text.size() <= safe_bytes && text.find_first_of("eE") == text.npos) return true;
    char written[512];
    const auto end =
        std::to_chars(written, written + sizeof written, value, std::chars_format::fixed);
    return Digits{text} == Digits{std::string_view{written, end.ptr}};
}

/// What the parser tells of: builds the tree and counts. A false return stops the parser with `why`
/// set.
class Builder {
public:
    using Error = boost::system::error_code;
    using Text = boost::json::string_view;
    // The parser's own limits; ours are counted here.
    static constexpr std::size_t max_array_size = SIZE_MAX, max_object_size = SIZE_MAX,
                                 max_string_size = SIZE_MAX, max_key_size = SIZE_MAX;

    Builder(Json& root, JsonLimits limits) : root_{root}, limits_{limits} {}

    const domain::Reason* why = nullptr;
    std::string detail;

    bool on_document_begin(Error&) { return true; }
    bool on_document_end(Error&) { return true; }
    bool on_null(Error& error) { return place(error) != nullptr; }
    bool on_bool(bool value, Error& error) {
        return put(error, [=](Json& at) { at.emplace_bool() = value; });
    }
    bool on_number_part(Text part, Error&) { return gather(part); }
    bool on_int64(std::int64_t value, Text, Error& error) {
        text_.clear();
        return put(error, [=](Json& at) { at.emplace_int64() = value; });
    }
    bool on_uint64(std::uint64_t value, Text, Error& error) {
        text_.clear();
        return put(error, [=](Json& at) { at.emplace_uint64() = value; });
    }
    bool on_double(double value, Text rest, Error& error) {
        if (!std::isfinite(value)) return fail(malformed_json, "a number is too large", error);
        const auto text = gathered(rest);
        const bool fits = put(error, [&](Json& at) {
            if (is_exact(text, value)) at.emplace_double() = value;
            else at.emplace_string().append(1, typed_mark).append(text);
        });
        text_.clear();
        return fits;
    }
    bool on_string_part(Text part, std::size_t, Error&) { return gather(part); }
    bool on_string(Text rest, std::size_t, Error& error) {
        const auto text = gathered(rest);
        if (text.contains('\0')) return fail(malformed_json, "a text holds U+0000", error);
        const bool fits = put(error, [=](Json& at) { at.emplace_string() = text; });
        text_.clear();
        return fits;
    }
    bool on_key_part(Text part, std::size_t, Error&) { return gather(part); }
    bool on_key(Text rest, std::size_t, Error& error) {
        const auto name = gathered(rest);
        if (name.contains('\0')) return fail(malformed_json, "a member's name holds U+0000", error);
        auto& object = open_.back()->get_object();
        if (object.size() == limits_.members) return fail(json_too_large, {}, error);
        const auto [member, is_new] = object.emplace(name, nullptr);
        text_.clear();
        if (!is_new) return fail(duplicate_key, {}, error);
        member_ = &member->value();
        return true;
    }
    bool on_comment_part(Text, Error&) { return true; }
    bool on_comment(Text, Error&) { return true; }
    bool on_object_begin(Error& error) {
        return enter(error, [](Json& at) { at.emplace_object(); });
    }
    bool on_array_begin(Error& error) {
        return enter(error, [](Json& at) { at.emplace_array(); });
    }
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
    /// The whole text; valid until the next one begins.
    Text gathered(Text rest) {
        if (text_.empty()) return rest;
        gather(rest);
        return text_;
    }
    /// Where the next value stands, null as yet; none when there are too many.
    Json* place(Error& error) {
        if (++nodes_ > limits_.nodes) {
            fail(json_too_large, {}, error);
            return nullptr;
        }
        if (open_.empty()) return &root_;
        auto* list = open_.back()->if_array();
        return list == nullptr ? member_ : &list->emplace_back(nullptr);
    }
    template <class Put>
    bool put(Error& error, const Put& put) {
        auto* at = place(error);
        if (at != nullptr) put(*at);
        return at != nullptr;
    }
    template <class Put>
    bool enter(Error& error, const Put& begin) {
        if (open_.size() >= static_cast<std::size_t>(json_depth_max))
            return fail(json_too_large, {}, error);
        return put(error, [&](Json& at) {
            begin(at);
            open_.push_back(&at);
        });
    }
    bool leave() {
        open_.pop_back();
        return true;
    }

    Json& root_;
    JsonLimits limits_;
    std::vector<Json*> open_;
    Json* member_{};  ///< whose value comes next
    std::string text_;
    std::size_t nodes_ = 0;
};

const Json& json_of(const void* value) { return *static_cast<const Json*>(value); }

void put_json(Writer& out, const Json& json) {
    if (const auto number = typed_number(json)) {
        out.raw(*number);
        return;
    }
    switch (json.kind()) {
        case boost::json::kind::null: out.null(); return;
        case boost::json::kind::bool_: out.boolean(json.get_bool()); return;
        case boost::json::kind::int64: out.integer(json.get_int64()); return;
        case boost::json::kind::uint64: out.raw(std::to_string(json.get_uint64())); return;
        case boost::json::kind::double_: out.number(json.get_double()); return;
        case boost::json::kind::string: out.text(json.get_string()); return;
        case boost::json::kind::array:
            out.open_list();
            for (const auto& item : json.get_array()) put_json(out, item);
            out.close_list();
            return;
        case boost::json::kind::object:
            out.open();
            for (const auto& [name, value] : json.get_object()) put_json(out.key(name), value);
            out.close();
            return;
    }
}

}  // namespace

bool Node::is_null() const { return json_of(value_).is_null(); }
bool Node::is_object() const { return json_of(value_).is_object(); }
bool Node::is_list() const { return json_of(value_).is_array(); }

std::optional<std::string_view> Node::text() const {
    const auto* text = json_of(value_).if_string();
    if (text == nullptr || typed_number(json_of(value_))) return std::nullopt;
    return std::string_view{*text};
}

std::optional<std::int64_t> Node::integer() const {
    const auto* whole = json_of(value_).if_int64();
    return whole == nullptr ? std::nullopt : std::optional{*whole};
}

std::optional<double> Node::number() const {
    const auto& json = json_of(value_);
    if (const auto number = typed_number(json)) {
        double nearest = 0;
        std::from_chars(number->data(), number->data() + number->size(), nearest);
        return nearest;
    }
    if (!json.is_number()) return std::nullopt;
    return json.to_number<double>();
}

std::optional<bool> Node::boolean() const {
    const auto* value = json_of(value_).if_bool();
    return value == nullptr ? std::nullopt : std::optional{*value};
}

std::optional<domain::Decimal> Node::decimal() const {
    if (const auto written = text()) return domain::Decimal::from(*written);
    if (const auto whole = integer()) return domain::Decimal::from(std::to_string(*whole));
    if (const auto number = typed_number(json_of(value_))) return domain::Decimal::from(*number);
    const auto value = number();
    if (!value) return std::nullopt;
    char digits[64];
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof digits, *value, std::chars_format::fixed);
    if (error != std::errc{}) return std::nullopt;
    return domain::Decimal::from({digits, end});
}

std::optional<Node> Node::find(std::string_view member) const {
    const auto* object = json_of(value_).if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(member);
    if (found == nullptr) return std::nullopt;
    return Node{found};
}

std::vector<std::string_view> Node::members() const {
    std::vector<std::string_view> names;
    const auto* object = json_of(value_).if_object();
    if (object == nullptr) return names;
    names.reserve(object->size());
    for (const auto& member : *object) names.emplace_back(member.key());
    return names;
}

std::vector<Node> Node::items() const {
    std::vector<Node> nodes;
    const auto* list = json_of(value_).if_array();
    if (list == nullptr) return nodes;
    nodes.reserve(list->size());
    for (const auto& item : *list) nodes.emplace_back(&item);
    return nodes;
}

std::string Node::dump() const {
    Writer out;
    put_json(out, json_of(value_));
    return out.take();
}

/// Values lie one after the other and go away at once.
struct Document::Body {
    explicit Body(std::size_t bytes) : memory(bytes), json(&memory) {}
    boost::json::monotonic_resource memory;
    Json json;
};

Document::Document(std::unique_ptr<Body> body) : body_{std::move(body)} {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

domain::Result<Document> Document::parse(std::string_view json, JsonLimits limits) {
    if (json.starts_with("\xEF\xBB\xBF"))
        return domain::refuse(malformed_json, "it starts with a byte order mark");
    // Most trees fit; what does not goes on in further blocks.
    auto body = std::make_unique<Body>(2 * json.size());
    boost::json::parse_options options;
    options.max_depth = json_depth_max + 1;
    options.numbers = boost::json::number_precision::precise;
    boost::json::basic_parser<Builder> parser{options, body->json, limits};
    boost::system::error_code error;
    const auto taken = parser.write_some(false, json.data(), json.size(), error);
    const auto& builder = parser.handler();
    if (builder.why != nullptr) return domain::refuse(*builder.why, builder.detail);
    if (error || taken < json.size())
        return domain::refuse(malformed_json, "at byte " + std::to_string(taken + 1));
    return Document{std::move(body)};
}

Node Document::root() const { return Node{&body_->json}; }

void Document::rename(std::string_view from, std::string_view to) {
    auto* object = body_->json.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(from);
    if (found == nullptr) return;
    Json value(*found, object->storage());
    object->stable_erase(object->find(from));
    object->insert_or_assign(to, std::move(value));
}

void Document::remove(std::string_view member) {
    auto* object = body_->json.if_object();
    if (object == nullptr) return;
    const auto found = object->find(member);
    if (found != object->end()) object->stable_erase(found);
}

void Document::set_text(std::string_view member, std::string_view value) {
    // It may be a text of this very member.
    const std::string copy{value};
    if (auto* object = body_->json.if_object()) (*object)[member].emplace_string() = copy;
}

}  // namespace events
