#pragma once
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

/// JSON text written front to back. What comes out is what is stored, hashed and sent.
namespace events {

/// Appends to one string; the caller keeps the structure right. Texts must be valid UTF-8.
class Writer {
public:
    Writer() { out_.reserve(512); }

    Writer& open() { return begin('{'); }
    Writer& close() { return end('}'); }
    Writer& open_list() { return begin('['); }
    Writer& close_list() { return end(']'); }
    Writer& key(std::string_view name) {
        separate();
        quote(name);
        out_ += ':';
        fresh_ = true;
        return *this;
    }
    Writer& text(std::string_view value) {
        separate();
        quote(value);
        return *this;
    }
    Writer& integer(std::int64_t value) {
        char digits[24];
        return raw({digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
    }
    Writer& number(double value) {
        char digits[32];
        return raw({digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
    }
    Writer& boolean(bool value) { return raw(value ? "true" : "false"); }
    Writer& null() { return raw("null"); }
    /// JSON that is finished already.
    Writer& raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }

    const std::string& view() const { return out_; }
    std::string take() { return std::move(out_); }

private:
    Writer& begin(char bracket) {
        separate();
        out_ += bracket;
        fresh_ = true;
        return *this;
    }
    Writer& end(char bracket) {
        out_ += bracket;
        fresh_ = false;
        return *this;
    }
    void separate() {
        if (!fresh_) out_ += ',';
        fresh_ = false;
    }
    void quote(std::string_view text);

    std::string out_;
    bool fresh_ = true;
};

}  // namespace events
