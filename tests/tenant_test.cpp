#include "domain/tenant.hpp"
#include "tests/support/given.hpp"

namespace tenant_test {

using namespace domain;
using namespace domain::tenant;
using support::id;

namespace {

constexpr support::Given<Tenant> given;

const auto bistro = id<TenantId>(1);
const auto anna = id<UserId>(1);
const auto ben = id<UserId>(2);
const Profile profile{"Bistro", "NL", "EUR", "Europe/Amsterdam", "722511", 1, 240};
const Registered registered{bistro, profile, PlanTier::pro};
const MemberJoined anna_owns{bistro, anna, Role::owner};
const MemberJoined ben_joined{bistro, ben, Role::staff};

}  // namespace

TEST(Tenant, IsRegisteredWithItsOwner) {
    given().when(Register{bistro, profile, PlanTier::pro, anna}).then({registered, anna_owns});
}

TEST(Tenant, IsRegisteredOnce) {
    given(registered, anna_owns)
        .when(Register{bistro, profile, PlanTier::pro, anna})
        .refused(already_registered);
}

TEST(Tenant, IsUnknownBeforeItIsRegistered) {
    given().when(ChangeProfile{profile}).refused(unknown);
    given().when(AddMember{ben, Role::staff}).refused(unknown);
    given().when(ChangeRole{ben, Role::staff}).refused(unknown);
    given().when(RemoveMember{ben}).refused(unknown);
}

TEST(Tenant, NamesAllFaultsOfItsProfileAtOnce) {
    const Profile wrong{" ", "nl", "EURO", "Europe/Nowhere", "7", 7, 721};
    const std::vector<std::string> faults{"#/name required",           "#/country format",
                                          "#/currency format",         "#/time_zone format",
                                          "#/industry format",         "#/week_start range",
                                          "#/day_cutoff_minutes range"};
    given()
        .when(Register{bistro, wrong, PlanTier::starter, anna})
        .refused(invalid_profile)
        .naming(faults);
    given(registered).when(ChangeProfile{wrong}).refused(invalid_profile).naming(faults);
}

TEST(Tenant, TakesAProfileUpToItsLimits) {
    const auto takes = [](const Profile& p) {
        return decide(State{}, Register{bistro, p, PlanTier::starter, anna}).has_value();
    };
    auto p = profile;
    p.name = std::string(name_bytes_max, 'x');
    p.industry = "72";
    p.week_start = 0;
    p.day_cutoff_minutes = 0;
    EXPECT_TRUE(takes(p));
    p.industry.clear();
    p.week_start = 6;
    p.day_cutoff_minutes = 720;
    EXPECT_TRUE(takes(p));
    p.name += 'x';
    EXPECT_FALSE(takes(p));
    for (const auto* industry : {"7", "7225111", "72a"}) {
        p = profile;
        p.industry = industry;
        EXPECT_FALSE(takes(p));
    }
    p = profile;
    p.week_start = -1;
    EXPECT_FALSE(takes(p));
    p = profile;
    p.day_cutoff_minutes = -1;
    EXPECT_FALSE(takes(p));
    p = profile;
    p.name = std::string{"a\0b", 3};
    EXPECT_FALSE(takes(p));
}

TEST(Tenant, ChangesItsProfile) {
    auto changed = profile;
    changed.currency = "USD";
    given(registered).when(ChangeProfile{changed}).then({ProfileChanged{bistro, changed}});
    given(registered).when(ChangeProfile{profile}).nothing();
    EXPECT_EQ(given(registered, ProfileChanged{bistro, changed}).state().profile, changed);
}

TEST(Tenant, TakesAMemberOnce) {
    given(registered, anna_owns).when(AddMember{ben, Role::staff}).then({ben_joined});
    given(registered, anna_owns, ben_joined).when(AddMember{ben, Role::staff}).nothing();
    given(registered, anna_owns, ben_joined)
        .when(AddMember{ben, Role::manager})
        .then({MemberRoleChanged{bistro, ben, Role::manager}});
}

TEST(Tenant, ChangesARole) {
    given(registered, anna_owns, ben_joined)
        .when(ChangeRole{ben, Role::owner})
        .then({MemberRoleChanged{bistro, ben, Role::owner}});
    given(registered, anna_owns, ben_joined).when(ChangeRole{ben, Role::staff}).nothing();
    given(registered, anna_owns).when(ChangeRole{ben, Role::staff}).refused(member_unknown);
}

TEST(Tenant, RemovesAMember) {
    given(registered, anna_owns, ben_joined)
        .when(RemoveMember{ben})
        .then({MemberRemoved{bistro, ben}});
    given(registered, anna_owns).when(RemoveMember{ben}).refused(member_unknown);
    EXPECT_FALSE(
        role_of(given(registered, anna_owns, ben_joined, MemberRemoved{bistro, ben}).state(), ben));
}

TEST(Tenant, KeepsItsLastOwner) {
    given(registered, anna_owns, ben_joined).when(RemoveMember{anna}).refused(last_owner);
    given(registered, anna_owns, ben_joined)
        .when(ChangeRole{anna, Role::manager})
        .refused(last_owner);
    given(registered, anna_owns, ben_joined)
        .when(AddMember{anna, Role::viewer})
        .refused(last_owner);
    const MemberRoleChanged ben_owns{bistro, ben, Role::owner};
    given(registered, anna_owns, ben_joined, ben_owns)
        .when(RemoveMember{anna})
        .then({MemberRemoved{bistro, anna}});
}

TEST(Tenant, TakesFactsThatCannotBe) {
    const auto state = given(MemberRoleChanged{bistro, ben, Role::owner},
                             MemberRemoved{bistro, ben}, anna_owns, anna_owns)
                           .state();
    EXPECT_EQ(state.members, (std::vector<Member>{{anna, Role::owner}}));
}

TEST(Tenant, SpellsItsWordsBothWays) {
    for (const auto* word : {"owner", "manager", "staff", "adviser", "viewer"})
        EXPECT_EQ(to_text(*role_from(word)), word);
    for (const auto* word : {"starter", "pro", "enterprise"})
        EXPECT_EQ(to_text(*plan_tier_from(word)), word);
    EXPECT_FALSE(role_from("Owner"));
    EXPECT_FALSE(plan_tier_from(""));
    EXPECT_EQ(to_text(Role::viewer), "viewer");
    EXPECT_EQ(to_text(PlanTier::enterprise), "enterprise");
}

}  // namespace tenant_test
