// Another parser says the same of every text that we take, and refuses what we call malformed.
#include "events/document.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

namespace document_peer_test {
namespace {

namespace fs = std::filesystem;
/// With members in the order in which they are written.
using Peer = nlohmann::ordered_json;

/// The stored forms, and what they have none of.
std::vector<std::string> samples() {
    std::vector<std::string> texts{
        R"( [ 1 , -0.5e-3 , 12345678901234567890 , true , null , "\u00e9\ud83d\ude00\/" ] )"};
    for (const auto& entry : fs::directory_iterator(fs::path{REPOSITORY} / "tests/golden")) {
        std::ostringstream text;
        text << std::ifstream{entry.path()}.rdbuf();
        texts.push_back(text.str());
    }
    // Directories have no order, and each text gets its own damage.
    std::ranges::sort(texts);
    return texts;
}

class Damage {
public:
    /// `text` with up to three bytes replaced, left out, doubled or put in.
    std::string to(std::string text) {
        for (auto times = random_() % 4; times > 0 && !text.empty(); --times) {
            const auto at = random_() % text.size();
            switch (random_() % 4) {
                case 0: text[at] = byte(); break;
                case 1: text.erase(at, 1); break;
                case 2: text.insert(at, 1, text[at]); break;
                default: text.insert(at, 1, byte());
            }
        }
        return text;
    }

private:
    char byte() {
        constexpr std::string_view likely = "{}[]\",:\\/u0e+-.9tfn \t\n\x7f\xc3\xa9\xed\xf0\xff";
        return likely[random_() % likely.size()];
    }
    std::mt19937_64 random_{11};
};

TEST(Document, IsReadAsAnotherParserReadsIt) {
    constexpr int rounds = 300;
    const auto texts = samples();
    Damage damage;
    int taken = 0, refused = 0;
    for (int round = 0; round < rounds; ++round) {
        for (const auto& sample : texts) {
            const auto text = damage.to(sample);
            const auto ours = events::Document::parse(text);
            const auto theirs = Peer::parse(text, nullptr, false);
            if (ours) {
                ++taken;
                ASSERT_EQ(Peer::parse(ours->root().dump(), nullptr, false), theirs) << text;
            } else if (ours.error().why == events::malformed_json &&
                       !ours.error().detail.contains("U+0000")) {
                ++refused;
                ASSERT_TRUE(theirs.is_discarded()) << text << '\n' << ours.error().detail;
            }
        }
    }
    EXPECT_GT(taken, 1000);
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace document_peer_test
