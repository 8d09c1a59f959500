#include "src/runtime/config.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace config_test {
namespace {

using namespace runtime;

/// A file with this content that goes away with the object.
class File {
public:
    explicit File(const std::string& content) {
        std::string pattern = "/tmp/cairn-config-XXXXXX";
        const int fd = ::mkstemp(pattern.data());
        EXPECT_GE(fd, 0);
        path_ = pattern;
        std::ofstream{path_} << content;
    }
    ~File() { std::filesystem::remove(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

Config loaded(const ConfigSources& sources) {
    auto config = load_config(sources);
    EXPECT_TRUE(config) << (config ? "" : config.error().faults.at(0).detail);
    return config.value_or(Config{});
}

std::vector<domain::Fault> faults(const ConfigSources& sources) {
    const auto config = load_config(sources);
    EXPECT_FALSE(config);
    return config ? std::vector<domain::Fault>{} : config.error().faults;
}

TEST(Config, HasADefaultForEverything) {
    const auto config = loaded({"none", {{"HOME", "/home/ada"}}, {}});
    EXPECT_EQ(config.http.listen, "127.0.0.1:8080");
    EXPECT_EQ(config.data_dir, "/home/ada/.local/state/cairn");
    EXPECT_EQ(config.secrets_dir, "/home/ada/.local/state/cairn/secrets");
    EXPECT_EQ(config.auth.token_seconds, 43'200);
    EXPECT_TRUE(config.serve.has("api"));
    for (const auto& setting : settings())
        EXPECT_EQ(config.origins.find(setting.key)->second, "default") << setting.key;
}

TEST(Config, TakesTheStateDirectoryOfTheUser) {
    EXPECT_EQ(loaded({"none", {{"XDG_STATE_HOME", "/state"}}, {}}).data_dir, "/state/cairn");
}

/// Every pair of sources, for a text and for a number.
TEST(Config, PrefersFlagsToEnvironmentToFileToDefaults) {
    const File file{"[http]\nlisten = \"127.0.0.1:1\"\nthreads = 2\n"};
    const Environment environment{{"CAIRN_HTTP__LISTEN", "127.0.0.1:3"},
                                  {"CAIRN_HTTP__THREADS", "4"}};
    const std::vector<FlagValue> flags{{"http.listen", "127.0.0.1:5", "--listen"},
                                       {"http.threads", "6", "--threads"}};
    const std::string only_file = file.path(), no_file = "none";
    const auto check = [](const ConfigSources& sources, const char* listen, int threads,
                          const std::string& origin) {
        const auto config = loaded(sources);
        EXPECT_EQ(config.http.listen, listen) << origin;
        EXPECT_EQ(config.http.threads, threads) << origin;
        EXPECT_EQ(config.origins.at("http.listen"), origin);
    };
    check({no_file, {}, {}}, "127.0.0.1:8080", 1, "default");
    check({only_file, {}, {}}, "127.0.0.1:1", 2, "file " + only_file + ":2");
    check({no_file, environment, {}}, "127.0.0.1:3", 4, "env CAIRN_HTTP__LISTEN");
    check({no_file, {}, flags}, "127.0.0.1:5", 6, "flag --listen");
    check({only_file, environment, {}}, "127.0.0.1:3", 4, "env CAIRN_HTTP__LISTEN");
    check({only_file, {}, flags}, "127.0.0.1:5", 6, "flag --listen");
    check({no_file, environment, flags}, "127.0.0.1:5", 6, "flag --listen");
    check({only_file, environment, flags}, "127.0.0.1:5", 6, "flag --listen");
}

TEST(Config, NamesTheNearestKeyOfAnUnknownOne) {
    const File file{"[http]\nlisten = \"127.0.0.1:1\"\n\n[htp]\nthreads = 2\n"};
    const auto found = faults({file.path(), {}, {}});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].pointer, "htp.threads");
    EXPECT_EQ(found[0].detail,
              "unknown key htp.threads (file " + file.path() + ":5); did you mean http.threads?");
}

TEST(Config, RefusesAMistypedVariableButNotThoseOfScripts) {
    EXPECT_EQ(faults({"none", {{"CAIRN_HTTP__LISTN", "x"}}, {}}).size(), 1u);
    loaded({"none", {{"CAIRN_MIRROR", "http://mirror"}, {"CAIRN_IN", "host"}}, {}});
}

TEST(Config, ReportsEveryFaultAtOnce) {
    const File file{
        "data_dir = \"\"\n[http]\nlisten = \"here\"\nthreads = \"2\"\n"
        "[log]\nlevel = \"loud\"\n[projector]\nthreads = 0\n"};
    EXPECT_EQ(faults({file.path(), {{"CAIRN_AUTH__TOKEN_SECONDS", "1"}}, {}}).size(), 6u);
}

TEST(Config, SaysWhereAFileIsMalformed) {
    const File file{"[http]\nlisten = \n"};
    const auto found = faults({file.path(), {}, {}});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].detail.starts_with(file.path() + ":2")) << found[0].detail;
    EXPECT_EQ(faults({"/nowhere/cairn.toml", {}, {}}).size(), 1u);
}

TEST(Config, PointsToThePrivateClusterWithoutAUrl) {
    auto config = loaded({"none", {}, {{"data_dir", "/var/lib/cairn", "--data-dir"}}});
    EXPECT_EQ(database_of(config).url, "host=/var/lib/cairn/socket dbname=cairn");
    EXPECT_EQ(admin_database_of(config).url,
              "host=/var/lib/cairn/socket dbname=cairn user=postgres");
    config.data_dir = "/my data";
    EXPECT_EQ(database_of(config).url, "host='/my data/socket' dbname=cairn");
    config.database.url = "host=db dbname=goals";
    EXPECT_EQ(admin_database_of(config).url, "host=db dbname=goals");
}

TEST(Config, NeverShowsAPassword) {
    Config config;
    config.database.url = "postgresql://ada:secret@db/goals";
    EXPECT_EQ(value_text(config, "database.url"), "postgresql://ada:***@db/goals");
    config.database.url = "host=db password=secret dbname=goals";
    EXPECT_EQ(value_text(config, "database.url"), "host=db password=*** dbname=goals");
    config.database.url = "host=db password='my secret' dbname=goals";
    EXPECT_EQ(value_text(config, "database.url"), "host=db password=*** dbname=goals");
}

TEST(Config, NeverShowsWhatABrokerIsToldInConfidence) {
    Config config;
    config.relay.url = "tls://ada:secret@one:4222,nats://token@two:4222,nats://three:4222";
    EXPECT_EQ(value_text(config, "relay.url"),
              "tls://***@one:4222,nats://***@two:4222,nats://three:4222");
    const auto found = faults({"none", {{"CAIRN_RELAY__URL", "http://secret@one"}}, {}});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].detail.find("secret"), std::string::npos) << found[0].detail;
}

TEST(Config, ABrokerHasAddressesAndItsStreamAPlainName) {
    for (const auto* url : {"", "nats://one:4222", "tls://ada:x@one:4222,nats://[::1]:4222"})
        EXPECT_EQ(loaded({"none", {{"CAIRN_RELAY__URL", url}}, {}}).relay.url, url);
    for (const auto* url : {"one:4222", "nats://one", "nats://one:4222,"})
        EXPECT_EQ(faults({"none", {{"CAIRN_RELAY__URL", url}}, {}}).size(), 1u) << url;
    for (const auto* name : {"", "a.b", "a b", "*"})
        EXPECT_EQ(faults({"none", {{"CAIRN_RELAY__STREAM", name}}, {}}).size(), 1u) << name;
}

TEST(Config, ReadsAddressesOfBothKinds) {
    EXPECT_EQ(address_from("127.0.0.1:80")->port, 80);
    EXPECT_EQ(address_from("[::1]:80")->host, "::1");
    for (const auto* wrong : {"", "80", ":80", "::1:80", "host:", "host:70000", "host:8o"})
        EXPECT_FALSE(address_from(wrong)) << wrong;
}

TEST(Config, SuggestsOnlyWhatIsNear) {
    const std::string_view words[]{"tail", "search", "get"};
    EXPECT_EQ(nearest("tial", words, 2), "tail");
    EXPECT_EQ(nearest("serch", words, 2), "search");
    EXPECT_EQ(nearest("rebuild", words, 2), "");
    EXPECT_EQ(nearest("x", words, 2), "");
}

}  // namespace
}  // namespace config_test
