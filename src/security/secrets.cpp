#include "src/security/secrets.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sodium.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace security {
namespace {

constexpr std::string_view sealing_file = "sealing.keys";
constexpr int alphabet = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

domain::Refusal unsafe(const std::filesystem::path& file, std::string_view what) {
    return {secrets_unsafe, file.string() + ": " + std::string{what}};
}

Key random_key() {
    Key key;
    randombytes_buf(key.data(), key.size());
    return key;
}

std::string_view view(const Key& key) {
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

/// Puts a finished file in its place. A link never replaces: of two processes that start at once
/// the first one's keys stay.
bool place(const std::string& temporary, const std::filesystem::path& file, bool replace) {
    if (replace) return ::rename(temporary.c_str(), file.c_str()) == 0;
    const bool linked = ::link(temporary.c_str(), file.c_str()) == 0 || errno == EEXIST;
    ::unlink(temporary.c_str());
    return linked;
}

/// Writes beside, then places it, so that a crash leaves the whole file or none.
domain::Result<void> write_file(const std::filesystem::path& file, const std::string& text,
                                bool replace = false) {
    const auto temporary = file.string() + "." + std::to_string(::getpid()) + ".new";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return std::unexpected(unsafe(file, "cannot be written"));
    const bool written =
        ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(fd) == 0;
    ::close(fd);
    const bool placed = written && place(temporary, file, replace);
    if (!placed) return std::unexpected(unsafe(file, "cannot be written"));
    const int directory = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        ::fsync(directory);
        ::close(directory);
    }
    return {};
}

/// One line an epoch: its number, a space, the key in base64url.
std::string text_of(const KeyEpochs& epochs) {
    std::string text;
    for (const auto& [epoch, key] : epochs.keys)
        text += std::to_string(epoch) + " " + to_base64url(view(key)) + "\n";
    return text;
}

domain::Result<KeyEpochs> epochs_from(const std::filesystem::path& file, const std::string& text) {
    KeyEpochs epochs;
    std::istringstream lines{text};
    int epoch = 0;
    std::string encoded;
    while (lines >> epoch >> encoded) {
        const auto bytes = from_base64url(encoded);
        if (!bytes || bytes->size() != sizeof(Key) || epoch < 1)
            return std::unexpected(unsafe(file, "does not hold keys"));
        std::copy(bytes->begin(), bytes->end(), epochs.keys[epoch].begin());
    }
    if (epochs.keys.empty()) return std::unexpected(unsafe(file, "does not hold keys"));
    return epochs;
}

}  // namespace

domain::Result<std::string> read_secret(const std::filesystem::path& file) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0) return std::unexpected(unsafe(file, "is missing"));
    if ((status.st_mode & 077) != 0)
        return std::unexpected(unsafe(file, "can be read by others; run: chmod 600"));
    std::ifstream in{file};
    if (!in) return std::unexpected(unsafe(file, "cannot be read"));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

domain::Result<void> write_secret(const std::filesystem::path& file, const std::string& text) {
    return write_file(file, text, true);
}

domain::Result<KeyEpochs> load_keys(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) {
        const KeyEpochs first{{{1, random_key()}}};
        if (auto written = write_file(file, text_of(first)); !written)
            return std::unexpected(written.error());
    }
    const auto text = read_secret(file);
    if (!text) return std::unexpected(text.error());
    return epochs_from(file, *text);
}

Key Secrets::derive(std::string_view context) const {
    char name[crypto_kdf_CONTEXTBYTES]{};
    std::copy_n(context.begin(), std::min(context.size(), sizeof name), name);
    Key key;
    crypto_kdf_derive_from_key(key.data(), key.size(), 1, name, root.data());
    return key;
}

domain::Result<Secrets> load_secrets(const std::filesystem::path& directory) {
    if (sodium_init() < 0) return domain::refuse(secrets_unsafe, "libsodium does not start");
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    ::chmod(directory.c_str(), 0700);
    Secrets secrets;
    auto wrapping = load_keys(directory / "wrapping.keys");
    if (!wrapping) return std::unexpected(wrapping.error());
    secrets.wrapping = *std::move(wrapping);
    auto sealing = load_sealing(directory);
    if (!sealing) return std::unexpected(sealing.error());
    secrets.sealing = *std::move(sealing);
    for (auto [name, key] :
         {std::pair{"signing.key", &secrets.signing_seed}, std::pair{"root.key", &secrets.root}}) {
        const auto one = load_keys(directory / name);
        if (!one) return std::unexpected(one.error());
        *key = one->keys.rbegin()->second;
    }
    return secrets;
}

domain::Result<KeyEpochs> load_sealing(const std::filesystem::path& directory) {
    return load_keys(directory / sealing_file);
}

domain::Result<void> save_sealing(const std::filesystem::path& directory, const KeyEpochs& keys) {
    return write_file(directory / sealing_file, text_of(keys), true);
}

KeyEpochs next_sealing(KeyEpochs keys) {
    keys.keys[keys.newest() + 1] = random_key();
    return keys;
}

std::array<unsigned char, 32> mac(const Key& key, std::string_view message) {
    std::array<unsigned char, 32> out;
    crypto_auth(out.data(), reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                key.data());
    return out;
}

domain::Uuid mac_id(const Key& key, std::string_view message) {
    const auto full = mac(key, message);
    domain::Uuid id;
    std::copy_n(full.begin(), id.bytes.size(), id.bytes.begin());
    return id;
}

std::string to_base64url(std::string_view bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), alphabet), '\0');
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), alphabet);
    text.pop_back();
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, alphabet) != 0)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

}  // namespace security
