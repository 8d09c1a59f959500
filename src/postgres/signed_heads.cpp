#include "src/postgres/signed_heads.hpp"

#include "src/security/secrets.hpp"

#include <sstream>

namespace postgres {
namespace {

constexpr std::string_view heads_file = "signed.heads";

std::string_view bytes_view(const events::Hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

std::filesystem::path signed_heads_file(const std::filesystem::path& secrets) {
    return secrets / heads_file;
}

domain::Result<SignedHeads> load_signed_heads(const std::filesystem::path& secrets) {
    const auto file = signed_heads_file(secrets);
    const auto broken = [&] {
        return domain::refuse(security::secrets_unsafe, file.string() + ": does not hold heads");
    };
    SignedHeads heads;
    std::error_code error;
    const bool exists = std::filesystem::exists(file, error);
    if (error) return broken();
    if (!exists) return heads;
    const auto text = security::read_secret(file);
    if (!text) return std::unexpected(text.error());
    std::istringstream lines{*text};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string origin, root;
        std::int64_t size = 0;
        words >> origin >> size >> root;
        const auto hash = events::hash_from_base64(root);
        if (!words || !hash || size < 1) return broken();
        heads[origin] = {origin, size, *hash};
    }
    if (heads.empty()) return broken();
    return heads;
}

domain::Result<void> save_signed_heads(const std::filesystem::path& secrets,
                                       const SignedHeads& heads) {
    std::string text;
    for (const auto& [origin, head] : heads)
        text += origin + " " + std::to_string(head.size) + " " +
                events::to_base64(bytes_view(head.root)) + "\n";
    return security::write_secret(signed_heads_file(secrets), text);
}

}  // namespace postgres
