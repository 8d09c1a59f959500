#include "src/audit/recording_keys.hpp"

namespace audit {
namespace {

template <class Items, class Text>
std::string array_of(const Items& items, Text text) {
    std::string out = "{";
    for (const auto& item : items) out += (out.size() > 1 ? "," : "") + text(item);
    return out + "}";
}

}  // namespace

domain::Result<std::string> RecordingKeys::seal(const events::Place& place,
                                                domain::SubjectId subject, std::string_view clear) {
    return ring_.seal(place, subject, clear);
}

domain::Result<domain::Personal> RecordingKeys::open(const events::Place& place,
                                                     const domain::Sealed& sealed) {
    auto opened = ring_.open_of(place, sealed);
    if (!opened) return std::unexpected(std::move(opened.error()));
    if (!opened->value.erased()) {
        opened_.subjects.insert(opened->subject);
        opened_.fields.insert(place.stream.category + "." + std::string{place.field});
    }
    return std::move(opened->value);
}

std::string subjects_text(const Opened& opened) {
    return array_of(opened.subjects, [](const auto& id) { return domain::to_text(id); });
}

std::string fields_text(const Opened& opened) {
    return array_of(opened.fields, [](const auto& name) { return name; });
}

}  // namespace audit
