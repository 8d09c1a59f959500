// Webhooks as decisions, and the schedule of their attempts.
#include "domain/webhook.hpp"
#include "tests/support/given.hpp"

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
