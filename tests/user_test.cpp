#include "domain/user.hpp"
#include "tests/support/given.hpp"

namespace user_test {

using namespace domain;
using namespace domain::user;
using support::clear;
using support::id;

namespace {

constexpr support::Given<User> given;

const auto anna = id<UserId>(1);
const Date today{20'000};
const Registered registered{anna, clear("anna@example.com"), clear("Anna"), "en-GB",
                            "Europe/London"};
const Deactivated left{anna, today};

Register enrolment() {
    return {anna, clear("anna@example.com"), clear("Anna"), "en-GB", "Europe/London"};
}

}  // namespace

TEST(User, IsRegistered) { given().when(enrolment()).then({registered}); }

TEST(User, IsRegisteredOnce) { given(registered).when(enrolment()).refused(already_registered); }

TEST(User, IsUnknownBeforeBeingRegistered) {
    given().when(ChangeProfile{}).refused(unknown);
    given().when(Deactivate{today}).refused(unknown);
}

TEST(User, NamesAllFaultsAtOnceAndNeverTheValue) {
    const Register wrong{anna, clear("secret at example"), clear(" "), "e", "Mars/Olympus"};
    const auto decision = decide(State{}, wrong);
    ASSERT_FALSE(decision);
    for (const auto& fault : decision.error().faults) EXPECT_FALSE(fault.detail.contains("secret"));
    given()
        .when(wrong)
        .refused(invalid_user)
        .naming(
            {"#/email format", "#/display_name required", "#/locale format", "#/time_zone format"});
}

TEST(User, NeedsAnAddressAndAName) {
    const Register none{anna, Personal{Erased{}}, clear(""), "en", "UTC"};
    given()
        .when(none)
        .refused(invalid_user)
        .naming({"#/email required", "#/display_name required"});
}

TEST(User, HasANameAndAnAddressOfLimitedLength) {
    auto c = enrolment();
    c.display_name = clear(std::string(name_bytes_max, 'x').c_str());
    EXPECT_TRUE(decide(State{}, c));
    c.display_name = clear(std::string(name_bytes_max + 1, 'x').c_str());
    c.email = clear((std::string(email_bytes_max, 'x') + "@example.com").c_str());
    given().when(c).refused(invalid_user).naming({"#/email too-long", "#/display_name too-long"});
    c = enrolment();
    c.display_name = Personal{SubjectId{}, std::string{"a\0b", 3}};
    given().when(c).refused(invalid_user).naming({"#/display_name format"});
}

TEST(User, IsNotJudgedBySealedValues) {
    auto c = enrolment();
    c.email = Personal{Sealed{"x"}};
    c.display_name = Personal{Sealed{"x"}};
    EXPECT_TRUE(decide(State{}, c));
}

TEST(User, HasALocaleOfTheShapeOfLanguageTags) {
    const auto takes = [](const char* locale) {
        auto c = enrolment();
        c.locale = locale;
        return decide(State{}, c).has_value();
    };
    for (const auto* locale : {"en", "en-GB", "zh-Hant-TW", "de-CH-1996", "sl-rozaj-biske"})
        EXPECT_TRUE(takes(locale)) << locale;
    for (const auto* locale : {"", "e", "en_GB", "en-", "-en", "en--GB", "e1", "en-123456789",
                               "en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"})
        EXPECT_FALSE(takes(locale)) << locale;
}

TEST(User, TellsOnlyWhatReallyChanges) {
    given(registered)
        .when(ChangeProfile{clear("Ann"), "en-GB", "Europe/Paris"})
        .then({ProfileChanged{anna, clear("Ann"), {}, "Europe/Paris"}});
    given(registered).when(ChangeProfile{clear("Anna"), "en-GB", "Europe/London"}).nothing();
    given(registered).when(ChangeProfile{}).nothing();
}

TEST(User, ComparesNamesWhoeverSealsThem) {
    const Personal same{SubjectId{id<SubjectId>(7)}, "Anna"};
    given(registered).when(ChangeProfile{same, {}, {}}).nothing();
}

TEST(User, ChecksChangesToo) {
    given(registered)
        .when(ChangeProfile{clear(""), "?", "?"})
        .refused(invalid_user)
        .naming({"#/display_name required", "#/locale format", "#/time_zone format"});
}

TEST(User, IsDeactivatedOnce) {
    given(registered).when(Deactivate{today}).then({left});
    given(registered, left).when(Deactivate{today + 1}).nothing();
}

TEST(User, ChangesNothingOnceDeactivated) {
    given(registered, left).when(ChangeProfile{{}, "nl", {}}).refused(deactivated);
}

TEST(User, LivesOnWithErasedValues) {
    auto erased = registered;
    erased.email = Personal{Erased{}};
    erased.display_name = Personal{Erased{}};
    EXPECT_TRUE(given(erased).state().display_name.erased());
    given(erased)
        .when(ChangeProfile{clear("Anna"), {}, {}})
        .then({ProfileChanged{anna, clear("Anna"), {}, {}}});
    const auto odd = given(ProfileChanged{anna, clear("x"), {}, {}}, left).state();
    EXPECT_FALSE(odd.exists);
}

TEST(Email, HasTheShapeOfAnAddress) {
    for (const auto* text :
         {"a@b.co", "first.last+tag@mail.example.com", "ü@müller.example", "a@b-c.d1.example"})
        EXPECT_TRUE(is_email(text)) << text;
    for (const auto* text :
         {"", "@", "a@", "@b.co", "a@b", "a@@b.co", "a@b@c.co", "a b@c.co", "a@b.co ", "a@.co",
          "a@b.", "a@b..co", "a@-b.co", "a@b-.co", "a\n@b.co", "a\x7f@b.co", "a@b_c.co"})
        EXPECT_FALSE(is_email(text)) << text;
    EXPECT_TRUE(is_email(std::string(248, 'x') + "@b.com"));
    EXPECT_FALSE(is_email(std::string(249, 'x') + "@b.com"));
}

}  // namespace user_test
