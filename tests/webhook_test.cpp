// Webhooks as decisions, and the schedule of their attempts.
#include "domain/webhook_list.hpp"
#include "tests/support/given.hpp"

namespace webhook_test {
namespace {

namespace webhook = domain::webhook;
using webhook::Cause;

constexpr support::Given<webhook::Webhook> given;

const domain::WebhookId id{domain::Uuid{{1}}};
const domain::WebhookSecretId first_secret{domain::Uuid{{2}}}, second_secret{domain::Uuid{{3}}};
const webhook::Definition till{"https://example.com/hook", "The till", {{"goal.*"}, {"goal"}}};
const webhook::Created created{id, till, first_secret};

webhook::Definition with_filter(const std::vector<std::string>& types,
                                const std::vector<std::string>& streams = {}) {
    return {till.url, "", {types, streams}};
}

TEST(Webhook, IsMadeOnce) {
    given().when(webhook::Create{id, till, first_secret}).then({created});
    given(created).when(webhook::Create{id, till, first_secret}).nothing();
}

TEST(Webhook, ChangesWhatIsGivenAndKeepsTheRest) {
    given(created)
        .when(webhook::Change{.description = "The bar"})
        .then({webhook::Changed{id, {till.url, "The bar", till.filter}}});
    given(created).when(webhook::Change{.url = till.url, .filter = till.filter}).nothing();
}

TEST(Webhook, TakesPatternsOfTypesAndStreamsOnly) {
    for (const auto& type : {"goal.drafted", "goal.*", "metric-batch.ingested"})
        given()
            .when(webhook::Create{id, with_filter({type}), first_secret})
            .then({webhook::Created{id, with_filter({type}), first_secret}});
    for (const auto& type : {"", "*", "goal.**", "Goal.drafted", "goal drafted", ".*"}) {
        SCOPED_TRACE(type);
        given()
            .when(webhook::Create{id, with_filter({type}), first_secret})
            .refused(webhook::invalid_webhook);
    }
    given()
        .when(webhook::Create{id, with_filter({}, {"goal.*"}), first_secret})
        .refused(webhook::invalid_webhook);
    given()
        .when(
            webhook::Create{id, with_filter(std::vector<std::string>(51, "goal.*")), first_secret})
        .refused(webhook::invalid_webhook);
}

TEST(Webhook, IsDisabledOnceAndEnabledAgain) {
    given(created).when(webhook::Disable{Cause::gone}).then({webhook::Disabled{id, Cause::gone}});
    given(created, webhook::Disabled{id, Cause::gone})
        .when(webhook::Disable{Cause::failing})
        .nothing();
    given(created, webhook::Disabled{id, Cause::failing})
        .when(webhook::Enable{})
        .then({webhook::Enabled{id}});
    given(created).when(webhook::Enable{}).nothing();
}

TEST(Webhook, IsDisabledForAnAddressOnlyWhileItHasIt) {
    const webhook::Changed moved{id, {"https://example.com/new", "The till", till.filter}};
    given(created)
        .when(webhook::Disable{Cause::gone, till.url})
        .then({webhook::Disabled{id, Cause::gone}});
    given(created, moved).when(webhook::Disable{Cause::gone, till.url}).nothing();
    given(created, moved)
        .when(webhook::Disable{Cause::asked})
        .then({webhook::Disabled{id, Cause::asked}});
}

TEST(Webhook, AnAddressShowsItsOriginAlone) {
    EXPECT_EQ(webhook::origin_of("https://hooks.example.com/T0/B0/secret"),
              "https://hooks.example.com");
    EXPECT_EQ(webhook::origin_of("https://example.com:8443?token=secret"),
              "https://example.com:8443");
    EXPECT_EQ(webhook::origin_of("http://[::1]:8080#secret"), "http://[::1]:8080");
    EXPECT_EQ(webhook::origin_of("https://example.com"), "https://example.com");
    EXPECT_EQ(webhook::origin_of("secret/path"), "secret");
}

TEST(WebhookList, HoldsAsManyAsMayBeEachOnce) {
    namespace list = domain::webhook_list;
    const auto number = [](std::size_t i) {
        return domain::WebhookId{domain::Uuid{{static_cast<std::uint8_t>(i + 1)}}};
    };
    list::State state;
    for (std::size_t i = 0; i < list::webhooks_max; ++i) {
        const auto decided = list::decide(state, list::Add{number(i)});
        ASSERT_TRUE(decided) << i;
        ASSERT_EQ(decided->size(), 1u);
        state = list::evolve(std::move(state), decided->front());
    }
    EXPECT_EQ(state.webhooks.size(), 20u);
    const auto refused = list::decide(state, list::Add{number(list::webhooks_max)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().why, list::too_many);
    EXPECT_TRUE(list::decide(state, list::Add{number(3)})->empty()) << "it is there already";
    EXPECT_TRUE(list::decide(state, list::Remove{number(99)})->empty());
    state = list::evolve(std::move(state), list::Removed{number(3)});
    EXPECT_EQ(list::decide(state, list::Add{number(99)})->size(), 1u) << "one went";
}

TEST(Webhook, NamesANewSecretOnce) {
    given(created)
        .when(webhook::RotateSecret{second_secret})
        .then({webhook::SecretRotated{id, second_secret}});
    given(created, webhook::SecretRotated{id, second_secret})
        .when(webhook::RotateSecret{second_secret})
        .nothing();
}

TEST(Webhook, IsGoneOnceDeleted) {
    given(created).when(webhook::Delete{}).then({webhook::Deleted{id}});
    for (const webhook::Command& command :
         {webhook::Command{webhook::Delete{}}, webhook::Command{webhook::Enable{}},
          webhook::Command{webhook::RotateSecret{second_secret}},
          webhook::Command{webhook::Change{.description = "x"}}})
        given(created, webhook::Deleted{id}).when(command).refused(webhook::unknown);
}

TEST(WebhookSchedule, PausesAsStandardWebhooksProposes) {
    const std::vector<double> pauses{5, 300, 1800, 7200, 18'000, 36'000, 36'000};
    for (std::size_t i = 0; i < pauses.size(); ++i)
        EXPECT_EQ(webhook::pause_after(static_cast<int>(i) + 1, {}, 0), pauses[i]);
    EXPECT_FALSE(webhook::pause_after(8, {}, 0)) << "the eighth attempt is the last";
    EXPECT_FALSE(webhook::pause_after(8, 60, 0)) << "whatever the receiver asks for";
}

TEST(WebhookSchedule, AddsUpToATenthAndWaitsAsLongAsAskedWithinBounds) {
    EXPECT_DOUBLE_EQ(*webhook::pause_after(2, {}, 1), 330);
    EXPECT_DOUBLE_EQ(*webhook::pause_after(1, 120, 0), 120);
    EXPECT_DOUBLE_EQ(*webhook::pause_after(3, 120, 0), 1800) << "asking for less changes nothing";
    EXPECT_DOUBLE_EQ(*webhook::pause_after(1, 1'000'000, 0), 21'600);
}

}  // namespace
}  // namespace webhook_test
