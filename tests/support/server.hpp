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
    return options;
}

/// One server for all tests of the program.
runtime::App& app();
void stop_app();

struct Tenant {
    std::string id, user, token;
};
Tenant register_tenant(HttpClient& client);

/// Headers of a write by `tenant`; a new key when none is given.
Headers write_headers(const Tenant& tenant, std::string key = {});
Headers read_headers(const Tenant& tenant);

/// A goal that can be activated, as a body.
std::string goal_body(const std::string& title = "More regulars");

}  // namespace support
