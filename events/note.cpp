#include "events/note.hpp"

#include <algorithm>
#include <charconv>
#include <sodium.h>

namespace events {
namespace {

constexpr std::string_view dash = "— ";
constexpr int alphabet = sodium_base64_VARIANT_ORIGINAL;
constexpr std::size_t key_id_bytes = 4;
constexpr std::size_t time_bytes = 8;

template <class Bytes>
std::string_view view(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::array<std::uint8_t, key_id_bytes> key_id_of(const NoteKey& key, NoteAlgorithm algorithm) {
    const auto hash =
        sha256(key.name + "\n" + static_cast<char>(algorithm) + std::string{view(key.key)});
    std::array<std::uint8_t, key_id_bytes> id{};
    std::copy_n(hash.begin(), id.size(), id.begin());
    return id;
}

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
    text.pop_back();
    return text;
}

struct KeyPair {
    PublicKey open{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
    explicit KeyPair(const SigningSeed& seed) {
        crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
    }
    ~KeyPair() { sodium_memzero(secret.data(), secret.size()); }
    KeyPair(const KeyPair&) = delete;
    KeyPair& operator=(const KeyPair&) = delete;

    std::string signature(std::string_view message) const {
        std::string bytes(crypto_sign_BYTES, '\0');
        crypto_sign_detached(reinterpret_cast<unsigned char*>(bytes.data()), nullptr, raw(message),
                             message.size(), secret.data());
        return bytes;
    }
};

bool verifies(std::string_view signature, std::string_view message, const PublicKey& key) {
    return signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(raw(signature), raw(message), message.size(), key.data()) ==
               0;
}

std::string cosigned_message(const std::string& text, std::int64_t seconds) {
    return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + text;
}

const SignatureLine* line_of(const Note& note, const NoteKey& key, NoteAlgorithm algorithm) {
    const auto id = key_id_of(key, algorithm);
    const auto found = std::ranges::find_if(note.lines, [&](const SignatureLine& line) {
        return line.name == key.name && line.key_id == id;
    });
    return found == note.lines.end() ? nullptr : &*found;
}

/// The part up to `end`, which is taken off `rest` with it; empty when there is no `end`.
std::optional<std::string_view> taken(std::string_view& rest, char end) {
    const auto at = rest.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const auto part = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    return part;
}

std::optional<SignatureLine> line_from(std::string_view text) {
    if (!text.starts_with(dash)) return std::nullopt;
    text.remove_prefix(dash.size());
    const auto name = taken(text, ' ');
    const auto bytes = from_base64(text);
    if (!name || name->empty() || name->contains('+') || !bytes || bytes->size() <= key_id_bytes)
        return std::nullopt;
    SignatureLine line{std::string{*name}, {}, bytes->substr(key_id_bytes)};
    std::copy_n(bytes->begin(), key_id_bytes, line.key_id.begin());
    return line;
}

}  // namespace

std::string to_text(const SignatureLine& line) {
    return std::string{dash} + line.name + " " +
           to_base64(std::string{view(line.key_id)} + line.bytes) + "\n";
}

std::string to_text(const Note& note) {
    auto text = note.text + "\n";
    for (const auto& line : note.lines) text += to_text(line);
    return text;
}

std::optional<Note> note_from(std::string_view text) {
    const auto blank = text.rfind("\n\n");
    if (blank == std::string_view::npos || !text.ends_with('\n')) return std::nullopt;
    Note note{std::string{text.substr(0, blank + 1)}, {}};
    text.remove_prefix(blank + 2);
    while (const auto part = taken(text, '\n')) {
        auto line = line_from(*part);
        if (!line) return std::nullopt;
        note.lines.push_back(*std::move(line));
    }
    if (note.lines.empty()) return std::nullopt;
    return note;
}

std::string verifier_text(const NoteKey& key, NoteAlgorithm algorithm) {
    return key.name + "+" + hex(key_id_of(key, algorithm)) + "+" +
           to_base64(static_cast<char>(algorithm) + std::string{view(key.key)});
}

std::optional<NoteKey> note_key_from(std::string_view verifier) {
    const auto whole = verifier;
    const auto name = taken(verifier, '+');
    if (!name || !taken(verifier, '+')) return std::nullopt;
    const auto bytes = from_base64(verifier);
    NoteKey key{std::string{*name}, {}};
    if (!bytes || bytes->size() != key.key.size() + 1) return std::nullopt;
    std::copy_n(bytes->begin() + 1, key.key.size(), key.key.begin());
    const auto algorithm = static_cast<NoteAlgorithm>(bytes->front());
    const bool known = algorithm == NoteAlgorithm::plain || algorithm == NoteAlgorithm::cosigned;
    if (!known || verifier_text(key, algorithm) != whole) return std::nullopt;
    return key;
}

PublicKey public_key_of(const SigningSeed& seed) { return KeyPair{seed}.open; }

SignatureLine sign(const Note& note, const std::string& name, const SigningSeed& seed) {
    const KeyPair keys{seed};
    return {name, key_id_of({name, keys.open}, NoteAlgorithm::plain), keys.signature(note.text)};
}

SignatureLine cosign(const Note& note, const std::string& name, const SigningSeed& seed,
                     std::int64_t unix_seconds) {
    const KeyPair keys{seed};
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>(static_cast<std::uint64_t>(unix_seconds) >> shift);
    bytes += keys.signature(cosigned_message(note.text, unix_seconds));
    return {name, key_id_of({name, keys.open}, NoteAlgorithm::cosigned), std::move(bytes)};
}

bool is_signed_by(const Note& note, const NoteKey& key) {
    const auto* line = line_of(note, key, NoteAlgorithm::plain);
    return line != nullptr && verifies(line->bytes, note.text, key.key);
}

std::optional<std::int64_t> cosigned_at(const Note& note, const NoteKey& key) {
    const auto* line = line_of(note, key, NoteAlgorithm::cosigned);
    if (line == nullptr || line->bytes.size() != time_bytes + crypto_sign_BYTES)
        return std::nullopt;
    std::uint64_t seconds = 0;
    for (std::size_t i = 0; i < time_bytes; ++i)
        seconds = seconds << 8 | static_cast<unsigned char>(line->bytes[i]);
    const auto time = static_cast<std::int64_t>(seconds);
    const auto signature = std::string_view{line->bytes}.substr(time_bytes);
    if (time < 0 || !verifies(signature, cosigned_message(note.text, time), key.key))
        return std::nullopt;
    return time;
}

std::string to_text(const Checkpoint& checkpoint) {
    return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
           to_base64(checkpoint.root) + "\n";
}

std::optional<Checkpoint> checkpoint_from(std::string_view text) {
    const auto origin = taken(text, '\n');
    const auto size = origin ? taken(text, '\n') : std::nullopt;
    const auto root = size ? taken(text, '\n') : std::nullopt;
    if (!root || !text.empty() || origin->empty()) return std::nullopt;
    const auto count = count_from(*size);
    const auto hash = hash_from_base64(*root);
    if (!count || !hash) return std::nullopt;
    return Checkpoint{std::string{*origin}, *count, *hash};
}

std::string to_base64(std::string_view bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), alphabet), '\0');
    sodium_bin2base64(text.data(), text.size(), raw(bytes), bytes.size(), alphabet);
    text.pop_back();
    return text;
}

std::string to_base64(const Hash& hash) { return to_base64(view(hash)); }

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, alphabet) != 0)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

std::optional<Hash> hash_from_base64(std::string_view text) {
    const auto bytes = from_base64(text);
    Hash hash{};
    if (!bytes || bytes->size() != hash.size()) return std::nullopt;
    std::ranges::copy(*bytes, hash.begin());
    return hash;
}

std::optional<std::int64_t> count_from(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || value < 0 || std::to_string(value) != text) return std::nullopt;
    return value;
}

}  // namespace events
