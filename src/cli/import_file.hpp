#pragma once
#include "src/cli/command.hpp"
#include "src/http/encoding.hpp"

#include <fstream>

namespace cli {

/// The text of a file, unpacked piece by piece as it is asked for: memory is that of a piece, not
/// of the file.
class ImportFile {
public:
    explicit ImportFile(const std::string& path);
    /// Appends a piece to `out`; false at the end, or when the file is damaged.
    bool more(std::string& out);
    /// Whether it could be opened and read and unpacked so far.
    Checked<void> state() const;

private:
    std::string path_;
    std::ifstream in_;
    std::optional<http::Unpacker> unpacker_;
    std::optional<Failure> failure_;
};

/// What a whole reading tells of a file.
struct FileSeen {
    std::string digest;  ///< SHA-256 of its text, hexadecimal
    std::int64_t lines{};
};
/// Reads it from end to end; refuses what is damaged, before anything of it is used.
Checked<FileSeen> seen_of(const std::string& path);

}  // namespace cli
