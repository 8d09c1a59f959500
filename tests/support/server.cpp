#include "tests/support/server.hpp"

#include <cstdio>

namespace support {
namespace {

std::unique_ptr<runtime::App> running;

}  // namespace

runtime::App& app() {
    if (running) return *running;
    auto started = runtime::App::start(app_options());
    if (!started) {
        std::fprintf(stderr, "the server does not start: %s\n", started.error().detail.c_str());
        std::exit(1);
    }
    running = *std::move(started);
    return *running;
}

void stop_app() { running.reset(); }

Tenant register_tenant(HttpClient& client, const std::string& time_zone) {
    const auto response =
        client.send("POST", "/v1/tenants",
                    {{"Content-Type", "application/json"},
                     {"Idempotency-Key", domain::to_text(runtime::uuid_v7())}},
                    R"({"name":"Harbour Street Kitchen","country":"US","currency":"USD",)"
                    R"("time_zone":")" +
                        time_zone +
                        R"(","owner":{"email":"owner@example.com",)"
                        R"("display_name":"Canary Owner"}})");
    return {member(response.body, "tenant_id"), member(response.body, "user_id"),
            member(response.body, "access_token")};
}

Headers write_headers(const Tenant& tenant, std::string key) {
    if (key.empty()) key = domain::to_text(runtime::uuid_v7());
    return {{"Authorization", "Bearer " + tenant.token},
            {"Content-Type", "application/json"},
            {"Idempotency-Key", std::move(key)}};
}

Headers read_headers(const Tenant& tenant) { return {{"Authorization", "Bearer " + tenant.token}}; }

std::string goal_body(const std::string& title) {
    return R"({"title":")" + title +
           R"(","specific":{"description":"Turn one-time guests into regulars with a card.",)"
           R"("focus_area":"sales"},"measurable":{"metric":"regular_guests","direction":)"
           R"("increase","baseline":"120","target_value":"200","unit":"count"},"time_bound":)"
           R"({"start_date":"2026-01-01","target_date":"2030-12-31"}})";
}

}  // namespace support
