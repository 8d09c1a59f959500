// The audit commands as an auditor types them: bundles that verify elsewhere, and a witness that
// does not cosign a log which was rewritten and signed with the stolen key.
#include "src/postgres/appender.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/tampered_log.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <sys/wait.h>

namespace audit_cli_test {
namespace {

namespace fs = std::filesystem;
using support::TamperedLog;

struct Ran {
    int code{};
    std::string out;
};

/// Runs `cairn WORDS`; paths and URLs in it stand in single quotes.
Ran cairn(const std::string& words, const std::string& before = {}) {
    const auto line = before + "CAIRN_CONFIG=none " + CAIRN_BINARY + " " + words + " </dev/null";
    auto* pipe = ::popen(line.c_str(), "r");
    Ran ran;
    char piece[4096];
    while (const auto size = std::fread(piece, 1, sizeof piece, pipe)) ran.out.append(piece, size);
    const int status = ::pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
}

void write(const fs::path& file, const std::string& text) { std::ofstream{file} << text; }

/// A log of an auditor who has kept its public keys.
class AuditCli : public testing::Test {
protected:
    AuditCli() : log{"audit_cli", 100, 50} {
        fs::remove_all(directory);
        fs::create_directories(directory);
        const auto keys = cairn("audit keys --db " + quoted(log.database().url));
        EXPECT_EQ(keys.code, 0);
        // The table names lanes beside; the verifier keys are what is wanted.
        std::istringstream words{keys.out};
        std::string kept;
        for (std::string word; words >> word;) {
            if (word.starts_with(log.origin().substr(0, log.origin().rfind('/') + 1)))
                kept += word + "\n";
        }
        write(directory / "keys", kept);
    }
    ~AuditCli() override { fs::remove_all(directory); }

    static std::string quoted(const std::string& text) { return "'" + text + "'"; }
    std::string path(const std::string& name) const { return quoted((directory / name).string()); }
    /// On the log, with the keys that were kept.
    Ran verify(const std::string& more = {}) const {
        return cairn("audit verify -q -o jsonl --trust " + path("keys") + " --db " +
                     quoted(log.database().url) + " " + more);
    }
    /// Where there is neither database nor secrets.
    Ran verify_elsewhere(const std::string& bundle) const {
        return cairn("audit verify " + path(bundle) + " -q -o jsonl --trust " + path("keys") +
                     " --db 'host=/nowhere dbname=none' --data-dir " + path("none"));
    }
    Ran witness(const std::string& before = {}) const {
        return cairn("audit witness -q -o jsonl --state " + path("witness") + " --db " +
                         quoted(log.database().url),
                     before);
    }

    /// One event of a tenant whose lane it is.
    void append_to(int lane) {
        postgres::Appender appender{log.database(), {}, [](const postgres::Commit&) {}};
        domain::TenantId tenant{support::new_id()};
        while (appender.lane_of(tenant).value() != lane) tenant = {support::new_id()};
        ASSERT_TRUE(
            support::append_now(appender, support::append_of(tenant, support::new_id(), 0)));
    }

    const fs::path directory{support::directory() / "auditor"};
    TamperedLog log;
};

TEST_F(AuditCli, ABundleVerifiesElsewhereAndAChangedOneNamesThePlace) {
    const auto lane = std::to_string(log.lane());
    const auto made = cairn("audit bundle -q --lane " + lane + " --out " + path("lane.jsonl") +
                            " --db " + quoted(log.database().url));
    ASSERT_EQ(made.code, 0);
    const auto good = verify_elsewhere("lane.jsonl");
    EXPECT_EQ(good.code, 0) << good.out;
    EXPECT_TRUE(good.out.contains(R"("events":100)")) << good.out;
    EXPECT_TRUE(good.out.contains(R"("verdict":"good")")) << good.out;
    // A file that exists is not written over.
    EXPECT_EQ(cairn("audit bundle -q --lane " + lane + " --out " + path("lane.jsonl") + " --db " +
                    quoted(log.database().url) + " 2>/dev/null")
                  .code,
              2);

    std::istringstream lines{text_of(directory / "lane.jsonl")};
    std::string changed, shorter;
    int events = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto type = line.find("test.happened");
        const bool picked = type != std::string::npos && ++events == 70;
        if (!picked) shorter += line + "\n";
        if (picked) line.replace(type, 13, "test.hoppened");
        changed += line + "\n";
    }
    ASSERT_EQ(events, 100);
    write(directory / "changed.jsonl", changed);
    write(directory / "shorter.jsonl", shorter);
    for (const auto* bundle : {"changed.jsonl", "shorter.jsonl"}) {
        const auto bad = verify_elsewhere(bundle);
        EXPECT_EQ(bad.code, 3) << bundle << " " << bad.out;
        EXPECT_TRUE(bad.out.contains(R"("position":70,)")) << bundle << " " << bad.out;
    }
}

TEST_F(AuditCli, ATenantsBundleVerifiesElsewhere) {
    pqxx::nontransaction tx{log.admin()};
    const auto tenant = tx.query_value<std::string>("select tenant::text from log.event limit 1");
    ASSERT_EQ(cairn("audit bundle -q --tenant " + tenant + " --out " + path("tenant.jsonl") +
                    " --db " + quoted(log.database().url))
                  .code,
              0);
    const auto good = verify_elsewhere("tenant.jsonl");
    EXPECT_EQ(good.code, 0) << good.out;
    auto text = text_of(directory / "tenant.jsonl");
    const auto said = text.rfind("what was said");
    ASSERT_NE(said, std::string::npos);
    write(directory / "changed.jsonl", text.replace(said, 13, "what is  said"));
    const auto bad = verify_elsewhere("changed.jsonl");
    EXPECT_EQ(bad.code, 3) << bad.out;
}

TEST_F(AuditCli, AWitnessDoesNotCosignARewriteWithTheStolenKey) {
    ASSERT_EQ(witness().code, 0);
    for (const std::int64_t seconds : {1000, 2000}) {
        log.append(100);
        log.seal(seconds);
        const auto cosigned = witness();
        ASSERT_EQ(cosigned.code, 0) << cosigned.out;
    }
    EXPECT_EQ(verify("--witness " + path("witness")).code, 0);
    {
        pqxx::work tx{log.admin()};
        support::rewrite(tx, log, 130, &log.keys());
        tx.commit();
    }
    // The log agrees with itself: who looks at it alone is deceived.
    const auto alone = verify();
    EXPECT_EQ(alone.code, 0) << alone.out;
    const auto refused = witness();
    EXPECT_EQ(refused.code, 3) << refused.out;
    EXPECT_TRUE(refused.out.contains(R"("rule":"witness-root")")) << refused.out;
    const auto found = verify("--witness " + path("witness"));
    EXPECT_EQ(found.code, 3) << found.out;
    EXPECT_TRUE(found.out.contains(R"("position":101,"until":200,"rule":"witness-root")"))
        << found.out;
    // What grows on the forged log is not cosigned either.
    log.append(10);
    log.seal(3000);
    EXPECT_EQ(witness().code, 3);
}

TEST_F(AuditCli, AWitnessCutsOffALineThatWasNotWrittenToItsEnd) {
    ASSERT_EQ(witness().code, 0);
    const auto kept = text_of(directory / "witness/checkpoints.jsonl");
    const auto pinned = text_of(directory / "witness/log.verifiers");
    ASSERT_GT(pinned.size(), 10U);
    write(directory / "witness/checkpoints.jsonl", kept + kept.substr(0, kept.size() / 2));
    write(directory / "witness/log.verifiers", pinned + pinned.substr(0, 9));
    EXPECT_EQ(verify("--witness " + path("witness")).code, 0) << "who only reads leaves it out";
    log.append(10);
    log.seal(1000);
    const auto cosigned = witness();
    EXPECT_EQ(cosigned.code, 0) << cosigned.out;
    const auto grown = text_of(directory / "witness/checkpoints.jsonl");
    EXPECT_TRUE(grown.starts_with(kept) && grown.size() > kept.size()) << grown;
    EXPECT_EQ(text_of(directory / "witness/log.verifiers"), pinned);
    // A line in the middle is another matter.
    write(directory / "witness/checkpoints.jsonl", kept.substr(0, 20) + "\n" + grown);
    EXPECT_NE(witness().code, 0);
}

TEST_F(AuditCli, AWitnessWhoseDiskIsFullKeepsWholeLines) {
    // Room for 512 bytes: a cosigned checkpoint is longer, or the second one is.
    const auto full = witness("ulimit -f 1; trap '' XFSZ; ");
    EXPECT_EQ(full.code, 3) << full.out;
    EXPECT_TRUE(full.out.contains("witness-disk")) << full.out;
    const auto kept = text_of(directory / "witness/checkpoints.jsonl");
    EXPECT_TRUE(kept.empty() || kept.ends_with('\n')) << kept;
    EXPECT_EQ(witness().code, 0) << "with room again";
}

TEST_F(AuditCli, AWitnessCosignsTheLanesBehindOneThatItRefuses) {
    const int other = (log.lane() + 1) % 4;
    const int first = std::min(log.lane(), other), behind = std::max(log.lane(), other);
    for (const std::int64_t seconds : {1000, 2000}) {
        append_to(other);
        log.append(1);
        log.seal(seconds);
    }
    ASSERT_EQ(witness().code, 0);
    if (behind == other) append_to(other);
    else log.append(1);
    log.seal(3000);
    {
        // The witness has seen more of the first lane than is there now.
        pqxx::work tx{log.admin()};
        const auto of_first = "lane = " + std::to_string(first);
        tx.exec("delete from integrity.checkpoint where " + of_first +
                " and size = (select max(size) from integrity.checkpoint where " + of_first + ")");
        tx.commit();
    }
    const auto before = text_of(directory / "witness/checkpoints.jsonl").size();
    const auto refused = witness();
    EXPECT_EQ(refused.code, 3) << refused.out;
    EXPECT_TRUE(refused.out.contains(R"("lane":)" + std::to_string(first))) << refused.out;
    EXPECT_TRUE(refused.out.contains(R"("rule":"witness-ahead")")) << refused.out;
    EXPECT_FALSE(refused.out.contains(R"("lane":)" + std::to_string(behind))) << refused.out;
    const auto origin = log.origin().substr(0, log.origin().rfind('/') + 1);
    const auto added = text_of(directory / "witness/checkpoints.jsonl").substr(before);
    EXPECT_TRUE(added.contains(origin + std::to_string(behind) + "\\n")) << added;
}

}  // namespace
}  // namespace audit_cli_test
