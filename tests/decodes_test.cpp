// Whatever has a stored form, the check of history can read.
#include "events/catalog.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace decodes_test {
namespace {

events::Recorded golden(const events::Form& form) {
    std::ifstream file{std::filesystem::path{REPOSITORY} / "tests/golden" /
                       (std::string{form.type} + ".v" + std::to_string(form.schema) + ".json")};
    std::stringstream text;
    text << file.rdbuf();
    events::Recorded event;
    event.type = form.type;
    event.schema = form.schema;
    event.stream.category = event.type.substr(0, event.type.find('.'));
    event.data = text.str();
    while (!event.data.empty() && event.data.back() == '\n') event.data.pop_back();
    return event;
}

TEST(Decodes, EveryFormOfTheCatalogue) {
    for (const auto& form : events::all_forms()) {
        const auto read = events::decodes(golden(form));
        EXPECT_TRUE(read) << form.type << ": " << read.error().detail;
    }
}

TEST(Decodes, NeitherAnUnknownTypeNorAnUnknownSchema) {
    auto event = golden(events::all_forms().front());
    event.schema = 99;
    EXPECT_FALSE(events::decodes(event)) << "a schema of the future";
    event = golden(events::all_forms().front());
    event.type += "-twice";
    EXPECT_FALSE(events::decodes(event)) << "a type that nobody knows";
    event.stream.category = "recipe";
    EXPECT_FALSE(events::decodes(event)) << "a category that nobody reads";
}

}  // namespace
}  // namespace decodes_test
