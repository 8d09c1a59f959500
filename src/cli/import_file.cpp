#include "src/cli/import_file.hpp"

#include <algorithm>
#include <filesystem>
#include <sodium.h>

namespace cli {
namespace {

/// Packed bytes at a time: what they unpack to is bounded by the coding, about a thousand to one.
constexpr std::size_t piece_bytes = 16 * 1024;
constexpr std::size_t unpacked_max = 4ULL << 30;

Failure unreadable(const std::string& file, const http::Fault& fault) {
    constexpr domain::Reason damaged{domain::Reason::Kind::invalid, "file-damaged",
                                     "The file does not unpack"};
    return {damaged, "file " + file + ": " + std::string{fault.code},
            "get the file again, or unpack it yourself"};
}

std::string hexadecimal(const unsigned char* bytes, std::size_t size) {
    std::string out(size * 2 + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), bytes, size);
    out.pop_back();
    return out;
}

}  // namespace

ImportFile::ImportFile(const std::string& path) : path_{path}, in_{path, std::ios::binary} {
    std::error_code ignored;
    if (!in_) failure_ = Failure{not_there, "file " + path, "check the path"};
    else if (!std::filesystem::is_regular_file(path, ignored))
        failure_ = Failure{not_there, "file " + path + " is no regular file",
                           "it is read twice: write it to a file first"};
}

bool ImportFile::more(std::string& out) {
    if (failure_) return false;
    std::string piece(piece_bytes, '\0');
    in_.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const std::string_view got{piece.data(), static_cast<std::size_t>(in_.gcount())};
    if (got.empty()) {
        if (!unpacker_) return false;
        if (const auto whole = unpacker_->finish(); !whole)
            failure_ = unreadable(path_, whole.error());
        return false;
    }
    if (!unpacker_)
        unpacker_.emplace(http::coding_of(got), http::UnpackLimits{unpacked_max, unpacked_max});
    if (const auto fed = unpacker_->feed(got, out); !fed) failure_ = unreadable(path_, fed.error());
    return !failure_;
}

Checked<void> ImportFile::state() const {
    if (failure_) return std::unexpected(*failure_);
    return {};
}

Checked<FileSeen> seen_of(const std::string& path) {
    ImportFile file{path};
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    FileSeen seen;
    std::string piece;
    while (file.more(piece)) {
        crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(piece.data()),
                                  piece.size());
        seen.lines += std::ranges::count(piece, '\n');
        piece.clear();
    }
    if (const auto state_of_file = file.state(); !state_of_file)
        return std::unexpected(state_of_file.error());
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&state, digest);
    seen.digest = hexadecimal(digest, sizeof digest);
    return seen;
}

}  // namespace cli
