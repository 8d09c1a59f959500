// Points as lines in a body of any length: batches while it comes, and again under its key.
#include "tests/http/raw_client.hpp"
#include "tests/support/metric_api.hpp"
#include "tests/support/packed.hpp"

#include <thread>

namespace long_body_test {
namespace {

using support::Headers;
using support::member;

constexpr int batch_lines = 10'000;
constexpr int many = 25'000;

std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

/// A point a second.
std::string line(int second, const std::string& value = "1") {
    return R"({"metric":"covers","at":"2025-06-02T)" + two(second / 3600) + ":" +
           two(second / 60 % 60) + ":" + two(second % 60) + R"(Z","value":)" + value + "}\n";
}
std::string lines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += line(i);
    return text;
}

class LongBody : public support::MetricApi {
protected:
    support::Response pour(const std::string& body, const std::string& key,
                           const std::string& coding = "identity") {
        last_ = client.send("POST", "/v1/metrics/points", headers(key, coding), body);
        return last_;
    }
    Headers headers(const std::string& key, const std::string& coding = "identity") {
        Headers all;
        for (auto& header : support::write_headers(tenant, key)) {
            if (header.first != "Content-Type") all.push_back(header);
        }
        all.emplace_back("Content-Type", "application/x-ndjson");
        all.emplace_back("Content-Encoding", coding);
        return all;
    }
    static std::string new_key() { return domain::to_text(runtime::uuid_v7()); }

    /// How often a text occurs.
    static int count(const std::string& in, const std::string& what) {
        int found = 0;
        for (auto at = in.find(what); at != in.npos; at = in.find(what, at + 1)) ++found;
        return found;
    }
    /// What the read model has of the day once it has come as far as the last write.
    std::string day() {
        for (int i = 0; i < 30 && get("/v1/metrics/covers").status == 503; ++i) {}
        // It is still the evening of the day before.
        return values("/v1/metrics/covers/series?from=2025-06-01&to=2025-06-02");
    }
};

TEST_F(LongBody, LandsInBatchesAndOnceUnderItsKey) {
    const auto key = new_key();
    auto body = lines(many);
    const auto bad = line(batch_lines + 4);
    body.replace(body.find(bad), bad.size(), line(batch_lines + 4, R"("x")"));
    body.insert(body.find(line(batch_lines + 1)), "\n");
    const auto first = pour(body, key);
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(member(first.body, "lines"), std::to_string(many + 1));
    EXPECT_EQ(count(first.body, "\"id\""), 3);
    EXPECT_EQ(count(first.body, "\"replayed\":false"), 3);
    EXPECT_EQ(day(), std::to_string(many - 1));
    const auto batches = get("/v1/metrics/batches?limit=3");
    EXPECT_EQ(count(batches.body, "\"rejected\":1"), 1) << batches.body;
    const auto at = first.body.find("\"id\"", first.body.find("\"id\"") + 1);
    const auto second = get("/v1/metrics/batches/" + first.body.substr(at + 6, 36) + "/rejects");
    EXPECT_EQ(member(second.body, "line"), std::to_string(batch_lines + 6))
        << "lines are those of the body, blank ones too: " << second.body;
    const auto again = pour(body, key);
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(count(again.body, "\"replayed\":true"), 3);
    EXPECT_EQ(day(), std::to_string(many - 1)) << "nothing is taken twice";
}

TEST_F(LongBody, OfOneBatchIsACommandLikeOthers) {
    const auto key = new_key();
    const auto one = pour(lines(batch_lines), key);
    EXPECT_EQ(one.status, 201);
    EXPECT_TRUE(one.header("location").contains(member(one.body, "id"))) << one.body;
    EXPECT_EQ(pour(lines(batch_lines) + "\n \n", new_key()).header("location").empty(), false);
    EXPECT_EQ(pour(lines(batch_lines), key).header("idempotent-replayed"), "true");
    EXPECT_EQ(day(), std::to_string(batch_lines));
}

TEST_F(LongBody, MayComeCompressedAndInChunks) {
    EXPECT_EQ(count(pour(support::gzipped(lines(many)), new_key(), "gzip").body, "\"id\""), 3);
    EXPECT_EQ(count(pour(support::zstandard(lines(many)), new_key(), "zstd").body, "\"id\""), 3);
    EXPECT_EQ(day(), std::to_string(many)) << "the same moments: the last one wins";
    const auto packed = support::gzipped(lines(many));
    const auto cut = pour(packed.substr(0, packed.size() - 4), new_key(), "gzip");
    EXPECT_EQ(member(cut.body, "code"), "body-truncated") << cut.body;
    EXPECT_TRUE(cut.body.contains("The first 2 batches")) << cut.body;
    // What unpacks to far more than it is.
    const std::string blanks(100 << 20, '\n');
    EXPECT_EQ(pour(support::zstandard(lines(many) + blanks), new_key(), "zstd").status, 413);
}

TEST_F(LongBody, ThatIsCutOffGoesOnUnderItsKey) {
    const auto key = new_key();
    const auto body = lines(many);
    {
        http::test::RawClient raw{support::app().port()};
        std::string head = "POST /v1/metrics/points HTTP/1.1\r\nHost: a\r\n";
        for (const auto& [name, value] : headers(key)) head += name + ": " + value + "\r\n";
        raw.send(head + "Transfer-Encoding: chunked\r\n\r\n");
        const auto half = body.substr(0, body.size() / 5 * 4);
        for (std::size_t at = 0; at < half.size(); at += 50'000) {
            const auto piece = half.substr(at, 50'000);
            char size[20];
            std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
            raw.send(size + piece + "\r\n");
        }
        raw.stop_sending();
        EXPECT_TRUE(raw.closed() || raw.read().status >= 400);
    }
    const auto whole = pour(body, key);
    ASSERT_EQ(whole.status, 201) << whole.body;
    EXPECT_EQ(count(whole.body, "\"replayed\":true"), 2) << whole.body;
    EXPECT_EQ(count(whole.body, "\"replayed\":false"), 1);
    EXPECT_EQ(day(), std::to_string(many));
}

TEST_F(LongBody, SaysWhatHasLandedWhenTheRestCannot) {
    const auto key = new_key();
    ASSERT_EQ(pour(lines(many), key).status, 201);
    auto other = lines(many);
    other.replace(other.find(line(batch_lines + 7)), line(0).size(), line(batch_lines + 7, "2"));
    const auto reused = pour(other, key);
    EXPECT_EQ(reused.status, 422);
    EXPECT_EQ(member(reused.body, "code"), "idempotency-key-reused");
    EXPECT_TRUE(reused.body.contains("The first 1 batches")) << reused.body;
    const auto too_long =
        pour(lines(batch_lines) + "{\"metric\":\"" + std::string(5 << 20, 'x') + "\"}", new_key());
    EXPECT_EQ(too_long.status, 413) << too_long.body;
    EXPECT_TRUE(too_long.body.contains("have landed")) << too_long.body;
}

TEST_F(LongBody, GoesOnAfterBatchesOfBadLinesOnly) {
    std::string bad;
    for (int i = 0; i < batch_lines; ++i) bad += line(i, R"("x")");
    const auto key = new_key();
    // The first batch and the third have no good line.
    const auto body = bad + lines(batch_lines) + bad + line(batch_lines, "5");
    for (const auto* replayed : {"\"replayed\":false", "\"replayed\":true"}) {
        const auto taken = pour(body, key);
        ASSERT_EQ(taken.status, 201) << taken.body;
        EXPECT_EQ(member(taken.body, "lines"), std::to_string(3 * batch_lines + 1));
        EXPECT_EQ(count(taken.body, replayed), 4) << taken.body;
    }
    EXPECT_EQ(day(), std::to_string(batch_lines + 5));
    const auto first = last_.body.substr(last_.body.find("\"id\"") + 6, 36);
    const auto told = get("/v1/metrics/batches/" + first);
    EXPECT_EQ(member(told.body, "received"), std::to_string(batch_lines)) << told.body;
    EXPECT_EQ(member(told.body, "rejected"), std::to_string(batch_lines)) << told.body;
    EXPECT_EQ(member(told.body, "source"), "api") << told.body;
    EXPECT_FALSE(told.body.contains("1970-")) << told.body;
    const auto rejects = get("/v1/metrics/batches/" + first + "/rejects?limit=2");
    EXPECT_EQ(member(rejects.body, "line"), "1") << rejects.body;
    // What brought nothing can be taken back like any other batch, and changes nothing.
    const auto reverted = post("/v1/metrics/batches/" + first + "/revert", "{}");
    EXPECT_EQ(reverted.status, 200) << reverted.body;
    EXPECT_EQ(member(get("/v1/metrics/batches/" + first).body, "reverted"), "true");
    EXPECT_EQ(day(), std::to_string(batch_lines + 5));
}

TEST_F(LongBody, WithoutAnyGoodLineIsRefused) {
    std::string bad;
    for (int i = 0; i <= batch_lines; ++i) bad += line(i, R"("x")");
    const auto key = new_key();
    for (int time = 0; time < 2; ++time) {
        const auto refused = pour(bad, key);
        EXPECT_EQ(refused.status, 422) << refused.body;
        EXPECT_EQ(member(refused.body, "code"), "no-valid-points");
        EXPECT_EQ(count(refused.body, "\"id\":"), 2) << refused.body;
        EXPECT_EQ(count(refused.body, "\"replayed\":true"), 2 * time) << refused.body;
        const auto second = refused.body.rfind("\"id\"");
        const auto path = "/v1/metrics/batches/" + refused.body.substr(second + 6, 36) + "/rejects";
        const auto rejects = [&] {
            return client.send("GET", path, support::read_headers(tenant), "").body;
        };
        for (int i = 0; i < 100 && member(rejects(), "line").empty(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        EXPECT_EQ(member(rejects(), "line"), std::to_string(batch_lines + 1)) << rejects();
    }
    const auto alone = pour(line(0, R"("x")"), new_key());
    EXPECT_EQ(alone.status, 422);
    EXPECT_TRUE(alone.body.contains("\"#/1\"")) << alone.body;
}

TEST_F(LongBody, IsNotAskedForWhenItWillNotBeTaken) {
    http::test::RawClient raw{support::app().port()};
    const auto answer = raw.ask(
        "POST /v1/metrics/points HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n"
        "Expect: 100-continue\r\nContent-Length: 900000000\r\n\r\n");
    EXPECT_EQ(answer.status, 401) << answer.head;
    EXPECT_EQ(answer.header("Connection"), "close");
}

}  // namespace
}  // namespace long_body_test
