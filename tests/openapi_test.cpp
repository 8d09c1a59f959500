// The API's description as an outside validator reads it.
#include "src/http/route.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace openapi_test {
namespace {

namespace fs = std::filesystem;

/// The exit status of the validator; what it says is on stderr.
int validated(const std::string& document) {
    const auto file = fs::temp_directory_path() / ("openapi." + std::to_string(::getpid()));
    std::ofstream{file} << document;
    const auto command =
        "python3 -c 'import json, sys; from openapi_spec_validator import validate; "
        "validate(json.load(open(sys.argv[1])))' " +
        file.string() + " 2> " + file.string() + ".said";
    const int status = std::system(command.c_str());
    fs::remove(file);
    fs::remove(file.string() + ".said");
    return status;
}

TEST(OpenApi, IsValidToAnOutsideValidator) { EXPECT_EQ(validated(http::openapi()), 0); }

TEST(OpenApi, TheValidatorSeesAReferenceToNothing) {
    auto broken = http::openapi();
    const std::string page = "\"GoalSummaryPage\":";
    const auto at = broken.find(page);
    ASSERT_NE(at, std::string::npos);
    broken.replace(at, page.size(), "\"AnotherPage\":");
    EXPECT_NE(validated(broken), 0);
}

TEST(OpenApi, AStreamIsNamedByCategoryAndIdNotByAnIdAlone) {
    const auto& document = http::openapi();
    const auto at = document.find("\"/v1/streams/{stream}\"");
    ASSERT_NE(at, std::string::npos);
    EXPECT_TRUE(document.substr(document.find("\"parameters\":", at))
                    .starts_with(R"("parameters":[{"name":"stream","in":"path","required":true,)"
                                 R"("schema":{"type":"string"}})"));
}

}  // namespace
}  // namespace openapi_test
