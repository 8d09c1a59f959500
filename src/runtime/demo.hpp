#pragma once
#include "src/runtime/app.hpp"

/// Tenants to look at: a restaurant and its shop with two years of numbers, people and goals, and
/// three that have too few numbers for most questions.
namespace runtime {

struct DemoTenant {
    domain::TenantId tenant;
    domain::UserId owner;
};

/// Loads them through the same commands that HTTP runs. Every command has a fixed id, so loading
/// again changes nothing.
/// The restaurant is answered.
domain::Result<DemoTenant> load_demo(App& app);

}  // namespace runtime
