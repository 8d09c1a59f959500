// Checkpoints and proofs as an implementation reads them that shares nothing with ours: that of
// Go's checksum database.
#include "events/writer.hpp"
#include "projections/audit_query.hpp"
#include "projections/lane_tree.hpp"
#include "tests/support/tampered_log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace foreign_check_test {
namespace {

using events::to_base64;

constexpr int log_events = 300;

struct Given {
    std::string verifier, note, root, inclusion, consistency;
    std::string json() const {
        events::Writer out;
        out.open().key("verifier").text(verifier).key("note").text(note).key("root").text(root);
        out.key("inclusion").raw(inclusion).key("consistency").raw(consistency);
        return out.close().take();
    }
};

void put(events::Writer& out, const events::merkle::Proof& proof) {
    out.key("proof").open_list();
    for (const auto& hash : proof) out.text(to_base64(hash));
    out.close_list().close();
}

Given published(support::TamperedLog& log) {
    pqxx::nontransaction tx{log.admin()};
    const auto newest = projections::audit::newest_checkpoint(tx, log.lane()).value();
    std::vector<events::merkle::Range> prefixes, leaves;
    for (std::int64_t size = 0; size <= log_events; ++size) {
        prefixes.push_back({0, size});
        if (size < log_events) leaves.push_back({size, size + 1});
    }
    const auto roots = projections::range_roots(tx, log.lane(), prefixes).value();
    const auto hashes = projections::range_roots(tx, log.lane(), leaves).value();
    events::Writer inclusion, consistency;
    inclusion.open_list();
    consistency.open_list();
    for (std::int64_t size = 1; size <= log_events; size += 23) {
        const auto root = to_base64(roots[static_cast<std::size_t>(size)]);
        for (std::int64_t at = 0; at < size; at += 17) {
            inclusion.open().key("leaf").text(to_base64(hashes[static_cast<std::size_t>(at)]));
            inclusion.key("index").integer(at).key("size").integer(size).key("root").text(root);
            put(inclusion, projections::inclusion_proof(tx, log.lane(), at, size).value());
            const auto old = at + 1;
            consistency.open().key("old_size").integer(old);
            consistency.key("old_root").text(to_base64(roots[static_cast<std::size_t>(old)]));
            consistency.key("size").integer(size).key("root").text(root);
            put(consistency, projections::consistency_proof(tx, log.lane(), old, size).value());
        }
    }
    inclusion.close_list();
    consistency.close_list();
    const events::NoteKey key{
        log.origin(), events::public_key_of(postgres::lane_seeds(log.keys(), log.lane()).at(1))};
    return {verifier_text(key, events::NoteAlgorithm::plain), newest.note,
            to_base64(newest.head.root), inclusion.take(), consistency.take()};
}

/// What the foreign program says, without the newline.
std::string said_of(const Given& given) {
    const auto directory = support::directory() / "foreign";
    std::filesystem::create_directories(directory);
    std::ofstream{directory / "in.json"} << given.json();
    const auto command = "cd " + directory.string() +
                         " && export HOME=$PWD GOCACHE=$PWD/cache "
                         "GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS=-buildvcs=false && "
                         "{ [ -x check ] || go build -o check " REPOSITORY
                         "/tests/integrity/check.go; } && ./check < in.json > out.txt 2>&1";
    if (std::system(command.c_str()) < 0) return "not run";
    std::string line;
    std::getline(std::ifstream{directory / "out.txt"}, line);
    return line;
}

TEST(ForeignCheck, GoAgreesWithEveryProofAndFindsWhatIsWrong) {
    support::TamperedLog log{"foreign_check", log_events, 50};
    const auto given = published(log);
    EXPECT_TRUE(said_of(given).starts_with("ok 2")) << said_of(given);
    auto wrong = given;
    wrong.note.replace(wrong.note.find('\n') + 1, 1, "4");
    EXPECT_TRUE(said_of(wrong).starts_with("note:")) << said_of(wrong);
    wrong = given;
    const std::string size = R"("index":17,"size":)";
    wrong.inclusion.replace(wrong.inclusion.find(size), size.size(), R"("index":18,"size":)");
    EXPECT_TRUE(said_of(wrong).starts_with("inclusion of 18")) << said_of(wrong);
}

}  // namespace
}  // namespace foreign_check_test
