// Proofs over HTTP, checked as their reader would; and a tenant gets none of another's events.
#include "events/document.hpp"
#include "events/sealing.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace audit_test {
namespace {

using support::HttpClient;
using support::member;

class AuditApi : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    support::Tenant tenant = support::register_tenant(client);

    support::Response get(const std::string& path, const support::Tenant& who) {
        return client.send("GET", path, support::read_headers(who), "");
    }
    /// A proof of the event at the earliest moment when there is one.
    support::Response proof_of(const std::string& event) {
        constexpr int tries = 100;
        for (int i = 0; i < tries; ++i) {
            auto answer = get("/v1/audit/proofs/inclusion?event=" + event, tenant);
            if (answer.status == 200) return answer;
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        return get("/v1/audit/proofs/inclusion?event=" + event, tenant);
    }
    std::string drafted_goal_event() {
        const auto answer =
            client.send("POST", "/v1/goals", support::write_headers(tenant), support::goal_body());
        EXPECT_EQ(answer.status, 201) << answer.body;
        const auto document = events::Document::parse(answer.body);
        const auto first = document->root().find("events")->items().front();
        return std::string{*first.find("id")->text()};
    }
};

struct Read {
    events::Document document;
    events::Node root = document.root();
    explicit Read(const std::string& json) : document{*events::Document::parse(json)} {}
    std::string text(std::string_view name) const { return std::string{*root.find(name)->text()}; }
    std::int64_t number(std::string_view name) const { return *root.find(name)->integer(); }
    events::Hash hash(std::string_view name) const {
        return events::hash_from_base64(text(name)).value();
    }
    events::merkle::Proof proof() const {
        events::merkle::Proof hashes;
        for (const auto item : root.find("proof")->items())
            hashes.push_back(events::hash_from_base64(*item.text()).value());
        return hashes;
    }
};

TEST_F(AuditApi, AnEventIsProvedToWhoeverKnowsTheKey) {
    const auto event = drafted_goal_event();
    const auto answer = proof_of(event);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Read proof{answer.body};
    EXPECT_EQ(proof.text("event"), event);
    const auto keys = get("/v1/audit/keys", tenant);
    ASSERT_EQ(keys.status, 200) << keys.body;
    const auto key = events::note_key_from(member(keys.body, "verifier"));
    ASSERT_TRUE(key);
    const auto note = events::note_from(proof.text("checkpoint"));
    ASSERT_TRUE(note);
    EXPECT_TRUE(is_signed_by(*note, *key));
    EXPECT_TRUE(cosigned_at(*note, *key));
    const auto head = events::checkpoint_from(note->text);
    ASSERT_TRUE(head);
    EXPECT_TRUE(events::merkle::includes(proof.hash("leaf_hash"), proof.number("leaf_index"),
                                         head->size, proof.proof(), head->root));
    // The leaf is that of this event, at its number among the tenant's.
    EXPECT_EQ(events::leaf_hash({static_cast<int>(proof.number("lane")),
                                 proof.number("position"),
                                 {*domain::uuid_from(tenant.id)},
                                 proof.number("tenant_position")},
                                proof.hash("content_hash"), proof.text("traceparent")),
              proof.hash("leaf_hash"));
    const auto by_position = get(
        "/v1/audit/proofs/inclusion?position=" + std::to_string(proof.number("position")), tenant);
    EXPECT_EQ(by_position.status, 200) << by_position.body;
}

TEST_F(AuditApi, TheLogOnlyGrows) {
    ASSERT_EQ(proof_of(drafted_goal_event()).status, 200);
    const Read before{get("/v1/audit/checkpoint", tenant).body};
    ASSERT_EQ(proof_of(drafted_goal_event()).status, 200);
    const auto from = std::to_string(before.number("size"));
    const auto answer = get("/v1/audit/proofs/consistency?from=" + from, tenant);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Read proof{answer.body};
    EXPECT_GT(proof.number("to"), before.number("size"));
    EXPECT_TRUE(events::merkle::extends(before.number("size"), before.hash("root"),
                                        proof.number("to"), proof.hash("to_root"), proof.proof()));
    const auto note = get("/v1/audit/checkpoint?format=note", tenant);
    EXPECT_EQ(note.header("content-type"), "text/plain; charset=utf-8");
    EXPECT_TRUE(events::note_from(note.body));
}

TEST_F(AuditApi, AnotherTenantsEventIsMissingAndWrongQuestionsAreSaid) {
    const auto event = drafted_goal_event();
    const Read proof{proof_of(event).body};
    const auto other = support::register_tenant(client);
    const auto position = std::to_string(proof.number("position"));
    EXPECT_EQ(get("/v1/audit/proofs/inclusion?event=" + event, other).status, 404);
    const auto theirs = get("/v1/audit/proofs/inclusion?position=" + position, other);
    if (theirs.status == 200) EXPECT_NE(member(theirs.body, "event"), event);
    else EXPECT_EQ(theirs.status, 404);
    const std::vector<std::string> questions{"inclusion",
                                             "inclusion?event=1",
                                             "inclusion?position=x",
                                             "inclusion?position=1&event=" + event,
                                             "consistency",
                                             "consistency?from=-1",
                                             "consistency?from=2&to=1",
                                             "consistency?from=1&to=99999999"};
    for (const auto& wrong : questions)
        EXPECT_EQ(get("/v1/audit/proofs/" + wrong, tenant).status, 400) << wrong;
    EXPECT_EQ(get("/v1/audit/checkpoint?format=xml", tenant).status, 400);
    EXPECT_EQ(client.send("GET", "/v1/audit/checkpoint", {}, "").status, 401);
}

}  // namespace
}  // namespace audit_test
