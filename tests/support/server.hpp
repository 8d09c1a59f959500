#pragma once
#include "src/runtime/app.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/http_client.hpp"

#include "src/runtime/uuid.hpp"

/// A running server on free ports, and a tenant that was registered over HTTP.
namespace support {

inline runtime::AppOptions app_options() {
    runtime::AppOptions options;
    options.database = database();
    options.secrets_directory = directory() / "secrets";
    options.api.port = 0;
    options.admin.port = 0;
    options.clock_seconds = 1;
    // The tests' business is in the past, so the day's upkeep would meet them in the middle.
    options.upkeep.first_after = std::chrono::hours{24};
    // Receivers of webhooks are in the test, and have no hours for the schedule.
    options.courier.rules = net::Rules{{"127.0.0.0/8"}};
    options.courier.total_milliseconds = 1000;
    options.webhooks.look_every = std::chrono::milliseconds{50};
    options.webhooks.lease_seconds = 3;
    options.webhooks.pause_factor = 0.0001;
    return options;
}

/// One server for all tests of the program.
runtime::App& app();
void stop_app();

struct Tenant {
    std::string id, user, token;
};
Tenant register_tenant(HttpClient& client, const std::string& time_zone = "America/New_York");

/// Headers of a write by `tenant`; a new key when none is given.
Headers write_headers(const Tenant& tenant, std::string key = {});
Headers read_headers(const Tenant& tenant);

/// A goal that can be activated, as a body.
std::string goal_body(const std::string& title = "More regulars");

}  // namespace support
