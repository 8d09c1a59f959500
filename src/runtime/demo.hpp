#pragma once
#include "src/runtime/app.hpp"

/// A tenant to look at: a small restaurant with its people and goals.
namespace runtime {

struct DemoTenant {
    domain::TenantId tenant;
    domain::UserId owner;
};

/// Loads it through the same commands that HTTP runs. Every command has a fixed id, so loading
/// again changes nothing.
domain::Result<DemoTenant> load_demo(App& app);

}  // namespace runtime
