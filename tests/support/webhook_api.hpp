#pragma once
#include "tests/support/receiver.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <thread>

namespace support {

/// A moment in the read model's row of a webhook, put so many seconds back from now. When this ends
/// the row is again what the log says, because other tests hold one against the other; so nothing
/// that sets the moment anew may happen meanwhile.
class MovedBack {
public:
    MovedBack(const std::string& address, std::string column, int seconds)
        : webhook_{address.substr(address.rfind('/') + 1)}, column_{std::move(column)} {
        pqxx::work tx{admin_};
        was_ = tx.query_value<std::optional<std::string>>(
            "select " + column_ + "::text from board.webhook where webhook = $1",
            pqxx::params{webhook_});
        set(tx, "now() - $2 * interval '1 second'", pqxx::params{webhook_, seconds});
        tx.commit();
    }
    ~MovedBack() {
        try {
            pqxx::work tx{admin_};
            set(tx, "$2::timestamptz", pqxx::params{webhook_, was_});
            tx.commit();
        } catch (const std::exception& error) {
            ADD_FAILURE() << error.what();
        }
    }
    MovedBack(const MovedBack&) = delete;
    MovedBack& operator=(const MovedBack&) = delete;

private:
    void set(pqxx::work& tx, const std::string& moment, const pqxx::params& params) {
        tx.exec("update board.webhook set " + column_ + " = " + moment + " where webhook = $1",
                params)
            .no_rows();
    }

    pqxx::connection admin_{admin_database().url};
    std::string webhook_, column_;
    std::optional<std::string> was_;
};

/// A tenant that makes webhooks over HTTP and looks at what became of them.
class WebhookApi : public testing::Test {
protected:
    HttpClient client{app().port()};
    Tenant tenant = register_tenant(client);

    Response send(const std::string& method, const std::string& path,
                  const std::string& body = {}) {
        return client.send(method, path, write_headers(tenant), body);
    }
    std::string get(const std::string& path) {
        return client.send("GET", path, read_headers(tenant), "").body;
    }
    /// Asks again until the answer is as wanted, for at most half a minute.
    std::string until(const std::string& path, const std::function<bool(const std::string&)>& is) {
        constexpr int tries_max = 600;
        std::string answer;
        for (int i = 0; i < tries_max; ++i) {
            answer = get(path);
            if (is(answer)) return answer;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
        ADD_FAILURE() << path << " stays " << answer;
        return answer;
    }
    std::string until_has(const std::string& path, const std::string& text) {
        return until(path, [&](const std::string& answer) { return answer.contains(text); });
    }
    Response create(const std::string& url, const std::string& types = R"(["goal.*"])") {
        return send("POST", "/v1/webhooks",
                    R"({"url":")" + url + R"(","filter":{"types":)" + types + "}}");
    }
    /// The address of a webhook that was just made.
    std::string made(const std::string& url, const std::string& types = R"(["goal.*"])") {
        const auto answer = create(url, types);
        EXPECT_EQ(answer.status, 201) << answer.body;
        return answer.header("location");
    }
    std::string goal(const std::string& title = "More regulars") {
        const auto answer = send("POST", "/v1/goals", goal_body(title));
        EXPECT_EQ(answer.status, 201) << answer.body;
        return member(answer.body, "id");
    }
};

}  // namespace support
