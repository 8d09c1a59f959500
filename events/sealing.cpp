#include "events/sealing.hpp"

#include <algorithm>

namespace events {
namespace {

void put(std::string& out, std::uint64_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift);
}
void put(std::string& out, std::span<const std::uint8_t> bytes) {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string keys_text(const std::string& origin, const LaneKeys& keys) {
    auto text = "cairn keys\n" + origin + "\n" + std::to_string(keys.size()) + "\n";
    for (const auto& key : keys)
        text += to_base64({reinterpret_cast<const char*>(key.data()), key.size()}) + "\n";
    return text;
}

/// The keys that a key note names; not whether it may.
std::optional<LaneKeys> named_keys(const Note& note, const std::string& origin) {
    LaneKeys keys;
    std::string_view rest = note.text;
    for (int line = 0; !rest.empty(); ++line) {
        const auto part = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(part.size() + 1);
        if (line < 3) continue;
        const auto bytes = hash_from_base64(part);
        if (!bytes) return std::nullopt;
        keys.push_back(*bytes);
    }
    if (keys.empty() || keys_text(origin, keys) != note.text) return std::nullopt;
    return keys;
}

/// Every line is a signature of the newest `signers` of the keys, newest first.
bool is_signed_by_newest(const Note& note, const std::string& origin, const LaneKeys& keys,
                         std::size_t signers) {
    if (note.lines.size() != signers) return false;
    for (std::size_t i = 0; i < signers; ++i) {
        const NoteKey key{origin, keys[keys.size() - 1 - i]};
        if (!is_signed_by({note.text, {note.lines[i]}}, key)) return false;
    }
    return true;
}

}  // namespace

std::string origin_of(std::string_view log_name, int lane) {
    return std::string{log_name} + "/" + std::to_string(lane);
}

Hash leaf_hash(const LeafPlace& place, const Hash& content, std::string_view traceparent) {
    std::string leaf;
    leaf.reserve(160);
    leaf = "leaf1";
    put(leaf, static_cast<std::uint64_t>(place.lane), 2);
    put(leaf, static_cast<std::uint64_t>(place.position), 8);
    put(leaf, place.tenant.value.bytes);
    put(leaf, static_cast<std::uint64_t>(place.tenant_position), 8);
    put(leaf, content);
    put(leaf, traceparent.size(), 4);
    leaf += traceparent;
    return merkle::leaf_hash(leaf);
}

std::optional<Note> key_note(const std::string& origin, const LaneKeys& keys,
                             const LaneSeeds& seeds) {
    Note note{keys_text(origin, keys), {}};
    const auto newest = static_cast<int>(keys.size());
    for (int epoch = newest; epoch > 0 && epoch > newest - 2; --epoch) {
        const auto seed = seeds.find(epoch);
        if (seed == seeds.end()) return std::nullopt;
        note.lines.push_back(sign(note, origin, seed->second));
    }
    return note;
}

std::optional<LaneKeys> keys_from(const std::string& origin,
                                  const std::vector<std::string>& notes) {
    LaneKeys known;
    for (const auto& text : notes) {
        const auto note = note_from(text);
        auto keys = note ? named_keys(*note, origin) : std::nullopt;
        if (!keys || keys->size() != known.size() + 1 ||
            !std::equal(known.begin(), known.end(), keys->begin()) ||
            !is_signed_by_newest(*note, origin, *keys, known.empty() ? 1 : 2))
            return std::nullopt;
        known = *std::move(keys);
    }
    if (known.empty()) return std::nullopt;
    return known;
}

Note signed_checkpoint(const Checkpoint& checkpoint, const LaneKeys& keys, const LaneSeeds& seeds,
                       std::int64_t unix_seconds) {
    Note note{to_text(checkpoint), {}};
    const auto newest = static_cast<int>(keys.size());
    note.lines.push_back(sign(note, checkpoint.origin, seeds.at(newest)));
    note.lines.push_back(cosign(note, checkpoint.origin, seeds.at(newest), unix_seconds));
    if (const auto before = seeds.find(newest - 1); before != seeds.end())
        note.lines.push_back(sign(note, checkpoint.origin, before->second));
    return note;
}

std::expected<SealedCheckpoint, std::string_view> checked_checkpoint(std::string_view text,
                                                                     const std::string& origin,
                                                                     const LaneKeys& keys) {
    const auto note = note_from(text);
    const auto head = note ? checkpoint_from(note->text) : std::nullopt;
    // Nothing but the canonical text passes, so no byte of it is free to change.
    if (!head || to_text(*note) != text || note->lines.size() < 2 || note->lines.size() > 3)
        return std::unexpected("checkpoint-form");
    if (head->origin != origin) return std::unexpected("checkpoint-origin");
    for (auto epoch = static_cast<int>(keys.size()); epoch > 0; --epoch) {
        const NoteKey key{origin, keys[static_cast<std::size_t>(epoch) - 1]};
        if (!is_signed_by({note->text, {note->lines[0]}}, key)) continue;
        const auto at = cosigned_at({note->text, {note->lines[1]}}, key);
        const bool overlaps = note->lines.size() == 3;
        if (!at || (overlaps && epoch == 1)) break;
        if (overlaps && !is_signed_by({note->text, {note->lines[2]}},
                                      {origin, keys[static_cast<std::size_t>(epoch) - 2]}))
            break;
        return SealedCheckpoint{*head, epoch, *at};
    }
    return std::unexpected("checkpoint-signature");
}

}  // namespace events
