// What readers of events see of personal values.
#include "events/document.hpp"
#include "projections/event_view.hpp"

#include <gtest/gtest.h>

namespace event_view_test {
namespace {

/// Opens everything alike.
struct FakeKeys final : events::Keys {
    domain::Result<domain::Personal> answer;
    explicit FakeKeys(domain::Result<domain::Personal> given) : answer{std::move(given)} {}
    domain::Result<std::string> seal(const events::Place&, domain::SubjectId,
                                     std::string_view) override {
        return "sealed";
    }
    domain::Result<domain::Personal> open(const events::Place&, const domain::Sealed&) override {
        return answer;
    }
};

events::Recorded checked_in() {
    events::Recorded event;
    event.type = "goal.checked-in";
    event.schema = 1;
    event.version = 3;
    event.stream = {"goal", {}};
    event.data = R"({"value":"3","notes":"AAAA","blockers":null})";
    return event;
}

std::string shown(domain::Result<domain::Personal> answer) {
    FakeKeys keys{std::move(answer)};
    const auto page = projections::event_json(keys, checked_in());
    const auto cloud = projections::cloud_event_json(keys, checked_in());
    EXPECT_TRUE(page && cloud);
    const auto data = [](const std::string& json) {
        return events::Document::parse(json)->root().find("data")->dump();
    };
    EXPECT_EQ(data(*page), data(*cloud));
    return data(*page);
}

TEST(EventView, OpensPersonalValues) {
    EXPECT_EQ(shown(domain::Personal{domain::SubjectId{}, "Three said yes."}),
              R"({"value":"3","notes":"Three said yes.","blockers":null})");
}

TEST(EventView, ShowsWhatWasErasedAsErased) {
    EXPECT_EQ(shown(domain::Personal{domain::Erased{}}),
              R"({"value":"3","notes":{"erased":true},"blockers":null})");
}

TEST(EventView, OneDamagedValueStopsNoFeed) {
    EXPECT_EQ(shown(domain::refuse(events::seal_broken)),
              R"({"value":"3","notes":{"unreadable":true},"blockers":null})");
}

TEST(EventView, AKeyRingThatIsAwayIsNoAnswer) {
    constexpr domain::Reason away{domain::Reason::Kind::unavailable, "away", "Away"};
    FakeKeys keys{domain::refuse(away)};
    EXPECT_FALSE(projections::event_json(keys, checked_in()));
    EXPECT_FALSE(projections::cloud_event_json(keys, checked_in()));
}

TEST(EventView, NothingSealedIsOpenedInAFormThatIsUnknown) {
    FakeKeys keys{domain::Personal{domain::SubjectId{}, "clear"}};
    auto event = checked_in();
    event.type = "later.invented";
    // An envelope as events/personal.hpp describes it: 57 bytes and more, the first of them 1.
    event.data = R"({"notes":"AQ)" + std::string(80, 'A') + R"(","value":"3"})";
    const auto json = projections::event_json(keys, event);
    ASSERT_TRUE(json);
    EXPECT_NE(json->find(R"("notes":{"sealed":true},"value":"3")"), std::string::npos) << *json;
}

}  // namespace
}  // namespace event_view_test
