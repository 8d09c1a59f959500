#include "domain/user.hpp"

#include <algorithm>

namespace domain::user {
namespace {

constexpr std::size_t locale_bytes_max = 35;  // enough for every registered tag

using Faults = std::vector<Fault>;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_letter_or_digit(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool is_space_or_control(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) == 0x7f;
}
bool is_host_character(char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || is_beyond_ascii(c);
}

/// Takes the part of `text` up to `mark`, and the mark, away from it.
std::string_view take_until(std::string_view& text, char mark) {
    const auto end = std::min(text.find(mark), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

bool is_host(std::string_view host) {
    if (!host.contains('.') || host.ends_with('.')) return false;
    if (!std::ranges::all_of(host, is_host_character)) return false;
    while (!host.empty()) {
        const auto label = take_until(host, '.');
        if (label.empty() || label.starts_with('-') || label.ends_with('-')) return false;
    }
    return true;
}

/// The shape of BCP 47: a language of 2 to 8 letters, then subtags of 1 to 8 letters and digits.
bool is_locale(std::string_view text) {
    if (text.size() > locale_bytes_max || text.ends_with('-')) return false;
    const auto language = take_until(text, '-');
    if (language.size() < 2 || language.size() > 8) return false;
    if (!std::ranges::all_of(language, is_letter)) return false;
    while (!text.empty()) {
        const auto subtag = take_until(text, '-');
        if (subtag.empty() || subtag.size() > 8) return false;
        if (!std::ranges::all_of(subtag, is_letter_or_digit)) return false;
    }
    return true;
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

// Sealed values were checked before they were sealed, so only clear ones are looked at; no fault
// ever names the value.
void check_email(Faults& faults, const Personal& email) {
    if (email.sealed() != nullptr) return;
    if (email.clear() == nullptr || is_blank(*email.clear()))
        faults.push_back({"#/email", "required", "Give an e-mail address."});
    else if (email.clear()->size() > email_bytes_max)
        faults.push_back({"#/email", "too-long",
                          "Use at most " + std::to_string(email_bytes_max) + " bytes of UTF-8."});
    else if (!is_email(*email.clear()))
        faults.push_back({"#/email", "format", "Give an address like name@example.com."});
}

void check_name(Faults& faults, const Personal& name) {
    if (name.sealed() != nullptr) return;
    if (name.clear() == nullptr || is_blank(*name.clear()))
        return faults.push_back({"#/display_name", "required", "Give a name that is not blank."});
    if (name.clear()->size() > name_bytes_max)
        faults.push_back({"#/display_name", "too-long",
                          "Use at most " + std::to_string(name_bytes_max) + " bytes of UTF-8."});
    if (name.clear()->contains('\0'))
        faults.push_back({"#/display_name", "format", "Leave out the NUL characters."});
}

void check_locale(Faults& faults, std::string_view locale) {
    if (!is_locale(locale))
        faults.push_back({"#/locale", "format", "Give a language tag such as en or en-GB."});
}

void check_zone(Faults& faults, std::string_view zone) {
    if (!is_time_zone(zone))
        faults.push_back({"#/time_zone", "format", "Give a name of the IANA time zone database."});
}

std::unexpected<Refusal> refuse_with(Faults faults) {
    return std::unexpected(Refusal{invalid_user, {}, std::move(faults)});
}

/// Whether both are readable and say the same, whoever's key seals them.
bool same_text(const Personal& a, const Personal& b) {
    return a.clear() != nullptr && b.clear() != nullptr && *a.clear() == *b.clear();
}

Decision<Event> enrol(const State& state, const Register& c) {
    if (state.exists) return refuse(already_registered);
    Faults faults;
    check_email(faults, c.email);
    check_name(faults, c.display_name);
    check_locale(faults, c.locale);
    check_zone(faults, c.time_zone);
    if (!faults.empty()) return refuse_with(std::move(faults));
    return std::vector<Event>{Registered{c.user, c.email, c.display_name, c.locale, c.time_zone}};
}

Decision<Event> change_profile(const State& state, const ChangeProfile& c) {
    if (!state.active) return refuse(deactivated);
    Faults faults;
    if (c.display_name) check_name(faults, *c.display_name);
    if (c.locale) check_locale(faults, *c.locale);
    if (c.time_zone) check_zone(faults, *c.time_zone);
    if (!faults.empty()) return refuse_with(std::move(faults));

    ProfileChanged fact{state.user, c.display_name, c.locale, c.time_zone};
    if (c.display_name && same_text(*c.display_name, state.display_name)) fact.display_name.reset();
    if (c.locale == state.locale) fact.locale.reset();
    if (c.time_zone == state.time_zone) fact.time_zone.reset();
    if (!fact.display_name && !fact.locale && !fact.time_zone) return {};
    return std::vector<Event>{std::move(fact)};
}

Decision<Event> deactivate(const State& state, const Deactivate& c) {
    if (!state.active) return {};
    return std::vector<Event>{Deactivated{state.user, c.today}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    if (!state.exists && !std::holds_alternative<Register>(command)) return refuse(unknown);
    return std::visit(Match{
                          [&](const Register& c) { return enrol(state, c); },
                          [&](const ChangeProfile& c) { return change_profile(state, c); },
                          [&](const Deactivate& c) { return deactivate(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(Match{
                   [&](const Registered& e) {
                       state = {true, true, e.user, e.display_name, e.locale, e.time_zone};
                   },
                   [&](const ProfileChanged& e) {
                       if (e.display_name) state.display_name = *e.display_name;
                       if (e.locale) state.locale = *e.locale;
                       if (e.time_zone) state.time_zone = *e.time_zone;
                   },
                   [&](const Deactivated&) { state.active = false; },
               },
               event);
    return state;
}

bool is_email(std::string_view text) {
    if (text.size() > email_bytes_max) return false;
    if (std::ranges::any_of(text, is_space_or_control)) return false;
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at != text.rfind('@')) return false;
    return is_host(text.substr(at + 1));
}

}  // namespace domain::user
