// Every reason that can reach a client has its page, with the status that it is answered with.
#include "src/http/problem.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace problem_test {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, int> status_of_kind{
    {"malformed", 400}, {"unauthorised", 401}, {"forbidden", 403},
    {"missing", 404},   {"invalid", 422},      {"conflict", 409},
    {"stale", 412},     {"overloaded", 503},   {"unavailable", 503}};

std::string content(const fs::path& file) {
    std::ifstream in{file};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Slug and kind of every reason in the headers that requests run through.
std::map<std::string, std::string> reasons() {
    const std::regex reason{
        R"re(Reason \w+\{\s*(?:domain::)?(?:Reason::)?Kind::(\w+),\s*"([a-z-]+)")re"};
    std::map<std::string, std::string> found;
    for (const auto* folder : {"domain", "events", "commands", "projections", "src/http"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path{REPOSITORY} / folder)) {
            if (entry.path().extension() != ".hpp") continue;
            const auto text = content(entry.path());
            for (std::sregex_iterator match{text.begin(), text.end(), reason}, end; match != end;
                 ++match)
                found[(*match)[2]] = (*match)[1];
        }
    }
    return found;
}

TEST(Problem, EveryReasonIsDocumentedWithItsStatus) {
    const auto all = reasons();
    EXPECT_GT(all.size(), 25u);
    for (const auto& [slug, kind] : all) {
        if (kind == "defect") continue;  // answered as `internal`
        int documented = 0;
        for (const auto& doc : http::all_problems()) {
            if (doc.code == slug) documented = doc.status;
        }
        EXPECT_EQ(documented, status_of_kind.at(kind)) << slug;
    }
}

TEST(Problem, ADefectSaysNothingOfItsInside) {
    const domain::Refusal refusal{{domain::Reason::Kind::defect, "sql", "SQL"}, "secret detail"};
    const auto reply = http::problem(refusal, "req_01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9");
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(reply.body.find("secret"), std::string::npos);
    EXPECT_NE(reply.body.find("\"code\":\"internal\""), std::string::npos);
}

}  // namespace
}  // namespace problem_test
