#include "commands/body.hpp"

#include <limits>

namespace commands {
namespace {

/// A member's name inside a JSON pointer (RFC 6901).
std::string escaped(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '~') out += "~0";
        else if (c == '/') out += "~1";
        else out += c;
    }
    return out;
}

}  // namespace

Body::Body(std::optional<events::Node> object, std::vector<domain::Fault>& faults,
           std::string pointer)
    : object_{object}, faults_{faults}, pointer_{std::move(pointer)} {
    if (object_ && object_->is_object()) return;
    faults_.push_back({pointer_, "type", "must be an object"});
    object_.reset();
}

std::optional<events::Node> Body::member(std::string_view name) {
    asked_.emplace(name);
    if (!object_) return std::nullopt;
    const auto found = object_->find(name);
    if (!found || found->is_null()) return std::nullopt;
    return found;
}

bool Body::present(std::string_view name) const {
    if (!object_) return true;
    const auto found = object_->find(name);
    return found && !found->is_null();
}

bool Body::given(std::string_view name) const { return !object_ || object_->find(name); }

void Body::fault(std::string_view name, std::string_view code, std::string_view what) {
    faults_.push_back({pointer_ + "/" + escaped(name), std::string{code}, std::string{what}});
}

std::optional<std::string> Body::maybe_text(std::string_view name) {
    const auto node = member(name);
    if (!node) return std::nullopt;
    const auto text = node->text();
    if (!text) {
        fault(name, "type", "must be a text");
        return std::nullopt;
    }
    return std::string{*text};
}

std::string Body::text(std::string_view name) {
    auto text = maybe_text(name);
    if (!text && !present(name)) fault(name, "required", "is missing");
    return std::move(text).value_or(std::string{});
}

std::string Body::text_or_empty(std::string_view name) {
    return maybe_text(name).value_or(std::string{});
}

std::optional<int> Body::maybe_integer(std::string_view name) {
    const auto node = member(name);
    if (!node) return std::nullopt;
    const auto value = node->integer();
    if (!value || *value > std::numeric_limits<int>::max() ||
        *value < std::numeric_limits<int>::min()) {
        fault(name, "type", "must be a whole number");
        return std::nullopt;
    }
    return static_cast<int>(*value);
}

std::optional<bool> Body::maybe_boolean(std::string_view name) {
    const auto node = member(name);
    if (!node) return std::nullopt;
    const auto value = node->boolean();
    if (!value) fault(name, "type", "must be true or false");
    return value;
}

std::optional<domain::Decimal> Body::maybe_decimal(std::string_view name) {
    const auto node = member(name);
    if (!node) return std::nullopt;
    auto value = node->decimal();
    if (!value)
        fault(name, "format",
              "must be a decimal such as \"12.50\", at most 18 digits, 12 after the point");
    return value;
}

domain::Decimal Body::decimal(std::string_view name) {
    const auto value = maybe_decimal(name);
    if (!value && !present(name)) fault(name, "required", "is missing");
    return value.value_or(domain::Decimal{});
}

std::optional<domain::Date> Body::maybe_date(std::string_view name) {
    const auto node = member(name);
    if (!node) return std::nullopt;
    auto value = domain::date_from(node->text().value_or(""));
    if (!value) fault(name, "format", "must be a date written YYYY-MM-DD");
    return value;
}

domain::Date Body::date(std::string_view name) {
    const auto value = maybe_date(name);
    if (!value && !present(name)) fault(name, "required", "is missing");
    return value.value_or(domain::Date{});
}

std::vector<std::string> Body::texts(std::string_view name) {
    std::vector<std::string> out;
    const auto node = member(name);
    if (!node) return out;
    if (!node->is_list()) {
        fault(name, "type", "must be a list of texts");
        return out;
    }
    for (const auto item : node->items()) {
        const auto text = item.text();
        if (text) out.emplace_back(*text);
        else fault(name, "type", "must hold texts only");
    }
    return out;
}

std::optional<domain::Uuid> Body::maybe_uuid(std::string_view name) {
    const auto node = member(name);
    if (!node) return std::nullopt;
    auto id = domain::uuid_from(node->text().value_or(""));
    if (!id) fault(name, "format", "must be a UUID");
    return id;
}

std::vector<domain::Uuid> Body::uuids(std::string_view name) {
    std::vector<domain::Uuid> out;
    for (const auto& text : texts(name)) {
        const auto id = domain::uuid_from(text);
        if (id) out.push_back(*id);
        else fault(name, "format", "must hold UUIDs only");
    }
    return out;
}

std::optional<Body> Body::maybe_object(std::string_view name) {
    const auto node = member(name);
    if (!node) return std::nullopt;
    return Body{node, faults_, pointer_ + "/" + escaped(name)};
}

std::vector<Body> Body::objects(std::string_view name) {
    std::vector<Body> out;
    const auto node = member(name);
    if (!node) return out;
    if (!node->is_list()) {
        fault(name, "type", "must be a list of objects");
        return out;
    }
    const auto items = node->items();
    for (std::size_t i = 0; i < items.size(); ++i)
        out.emplace_back(items[i], faults_,
                         pointer_ + "/" + escaped(name) + "/" + std::to_string(i));
    return out;
}

void Body::done() {
    if (!object_) return;
    for (const auto name : object_->members()) {
        if (!asked_.contains(name)) fault(name, "unknown-member", "is not a member that is known");
    }
}

std::optional<domain::Refusal> refusal_of(std::vector<domain::Fault> faults) {
    if (faults.empty()) return std::nullopt;
    if (faults.size() > faults_max) faults.resize(faults_max);
    domain::Refusal refusal{validation_failed};
    refusal.detail = faults.front().pointer + " " + faults.front().detail;
    refusal.faults = std::move(faults);
    return refusal;
}

}  // namespace commands
