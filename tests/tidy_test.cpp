// The rules of the house that a machine can check.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace tidy_test {
namespace {

namespace fs = std::filesystem;

const fs::path root{REPOSITORY};
const std::vector<std::string> folders{"domain", "events", "commands", "projections",
                                       "src",    "tests",  "bench"};

// The whole dependency diagram: a folder may include these folders and no others.
const std::map<std::string, std::set<std::string>> may_include{
    {"domain", {"domain"}},
    {"events", {"domain", "events"}},
    {"commands", {"domain", "events", "commands"}},
    {"projections", {"domain", "events", "projections"}},
    {"src", {"domain", "events", "commands", "projections", "src"}},
};

// Headers that cost a second or more, and the only places that may pay for them.
const std::map<std::string, std::set<std::string>> only_in{
    {"<nlohmann/", {"tests/document_peer_test.cpp"}},
    {"<boost/json", {"events/document.cpp"}},
    {"<openssl/", {"events/sha256.cpp"}},
    {"<boost/beast/",
     {"src/http/request_parser.hpp", "src/http/server.cpp", "src/http/session.cpp",
      "src/http/session.hpp", "src/http/web_socket.cpp"}},
    {"<CLI/", {"src/cli/parse.cpp"}},
    {"<spdlog/", {"src/runtime/log.cpp"}},
    {"<prometheus/", {"src/runtime/metrics.cpp"}},
    {"<nats/", {"src/broker/jetstream.cpp", "tests/support/broker.cpp"}},
    {"<toml++/", {"src/runtime/config.cpp"}},
    {"<curl/", {"src/net/courier.cpp", "src/net/url.cpp"}},
    {"<zlib.h", {"src/http/encoding.cpp", "tests/support/packed.hpp"}},
    {"<zstd.h", {"src/http/encoding.cpp", "tests/support/packed.hpp"}},
};

struct Line {
    std::string file;
    int number{};
    std::string text;
};

std::vector<fs::path> sources() {
    std::vector<fs::path> found;
    for (const auto& folder : folders) {
        if (!fs::exists(root / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const auto extension = entry.path().extension();
            if (extension == ".cpp" || extension == ".hpp") found.push_back(entry.path());
        }
    }
    return found;
}

std::vector<Line> lines_of(const fs::path& file) {
    std::ifstream in{file};
    std::vector<Line> lines;
    std::string text;
    const auto name = fs::relative(file, root).string();
    while (std::getline(in, text))
        lines.push_back({name, static_cast<int>(lines.size()) + 1, text});
    return lines;
}

std::string folder_of(const std::string& file) { return file.substr(0, file.find('/')); }

/// What an #include line names; empty when it is none.
std::string included(const std::string& text) {
    constexpr std::string_view include = "#include ";
    return text.starts_with(include) ? text.substr(include.size()) : std::string{};
}

TEST(Tidy, FoldersIncludeOnlyWhatTheDiagramAllows) {
    for (const auto& file : sources()) {
        for (const auto& line : lines_of(file)) {
            const auto name = included(line.text);
            const auto allowed = may_include.find(folder_of(line.file));
            if (!name.starts_with('"') || allowed == may_include.end()) continue;
            const auto folder = name.substr(1, name.find('/') - 1);
            EXPECT_TRUE(allowed->second.contains(folder))
                << line.file << ":" << line.number << " includes " << name;
        }
    }
}

TEST(Tidy, HeavyLibrariesStayInTheirOneFile) {
    for (const auto& file : sources()) {
        for (const auto& line : lines_of(file)) {
            for (const auto& [library, homes] : only_in) {
                if (!included(line.text).starts_with(library)) continue;
                EXPECT_TRUE(homes.contains(line.file))
                    << line.file << ":" << line.number << " includes " << library;
            }
        }
    }
}

TEST(Tidy, FilesAndLinesHaveTheirSize) {
    constexpr std::size_t columns_max = 100;
    constexpr std::size_t lines_max = 450;
    for (const auto& file : sources()) {
        const auto lines = lines_of(file);
        EXPECT_LE(lines.size(), lines_max) << file;
        for (const auto& line : lines) {
            // Characters, not bytes: continuation bytes do not count.
            std::size_t columns = 0;
            for (const char c : line.text)
                columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
            EXPECT_LE(columns, columns_max) << line.file << ":" << line.number;
        }
    }
}

TEST(Tidy, SqlFunctionsKeepToTheColumns) {
    constexpr std::size_t columns_max = 100;
    for (const auto& entry : fs::directory_iterator(root / "sql/functions")) {
        for (const auto& line : lines_of(entry.path()))
            EXPECT_LE(line.text.size(), columns_max) << line.file << ":" << line.number;
    }
}

TEST(Tidy, NothingIsCalledThatHasABetterPlace) {
    const std::map<std::string, std::set<std::string>> banned{
        {"std::cout", {}},
        {"system_clock::now", {"src/runtime/clock.cpp"}},
        {"vector<std::optional<", {}},
        {"TODO", {}},
        {"FIXME", {}},
        // What day it is at a business is asked of business_today(): there is a cut-off.
        {"day_in_zone(",
         {"domain/base/time.cpp", "domain/base/time.hpp", "tests/time_test.cpp",
          "tests/http/clock_test.cpp", "tests/http/trail_test.cpp", "src/runtime/demo_loader.cpp"}},
        {"at time zone t.time_zone", {}},
    };
    for (const auto& file : sources()) {
        for (const auto& line : lines_of(file)) {
            if (line.file == "tests/tidy_test.cpp") continue;
            for (const auto& [call, homes] : banned) {
                if (line.text.find(call) == std::string::npos) continue;
                EXPECT_TRUE(homes.contains(line.file))
                    << line.file << ":" << line.number << " has " << call;
            }
        }
    }
}

TEST(Tidy, EveryMigrationCanBeTakenBack) {
    for (const auto& entry : fs::directory_iterator(root / "sql/migrations")) {
        auto name = entry.path().filename().string();
        if (!name.ends_with(".up.sql")) continue;
        name.replace(name.size() - 7, 7, ".down.sql");
        EXPECT_TRUE(fs::exists(root / "sql/migrations" / name)) << name;
    }
}

TEST(Tidy, EveryTenantTableForcesRowSecurity) {
    for (const auto& entry : fs::directory_iterator(root / "sql/migrations")) {
        std::ifstream in{entry.path()};
        std::stringstream text;
        text << in.rdbuf();
        const auto sql = text.str();
        const auto name = entry.path().filename().string();
        // Projections' own books are for no tenant's eyes: no request role may read them.
        if (!name.ends_with(".up.sql") || name == "0006_projection.up.sql") continue;
        if (sql.find("uuid        not null") == std::string::npos &&
            sql.find("tenant  uuid") == std::string::npos)
            continue;
        EXPECT_NE(sql.find("force row level security"), std::string::npos) << entry.path();
    }
}

}  // namespace
}  // namespace tidy_test
