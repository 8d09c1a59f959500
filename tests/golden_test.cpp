// Can we still read everything we ever wrote, and do we still write it the same?
#include "events/catalog.hpp"
#include "events/document.hpp"

#include "domain/alert_rule.hpp"
#include "domain/anomaly.hpp"
#include "domain/closure.hpp"
#include "domain/benchmark.hpp"
#include "domain/cohort.hpp"
#include "domain/goal.hpp"
#include "domain/location.hpp"
#include "domain/metric.hpp"
#include "domain/metric_batch.hpp"
#include "domain/tenant.hpp"
#include "domain/user.hpp"
#include "domain/webhook.hpp"
#include "domain/webhook_list.hpp"
#include "events/codec.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace golden_test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
    std::ifstream in{file};
    std::stringstream text;
    text << in.rdbuf();
    auto out = text.str();
    while (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
}

fs::path golden(const events::Form& form, int schema) {
    return fs::path{REPOSITORY} / "tests/golden" /
           (std::string{form.type} + ".v" + std::to_string(schema) + ".json");
}

/// Personal values are sealed once and for all in golden files: no key is needed to read them.
class KeptSealed final : public events::Keys {
    domain::Result<std::string> seal(const events::Place&, domain::SubjectId,
                                     std::string_view) override {
        return "sealed";
    }
    domain::Result<domain::Personal> open(const events::Place&,
                                          const domain::Sealed& sealed) override {
        return domain::Personal{sealed};
    }
};

/// Decodes with schema `schema` and encodes again with the newest.
template <class Event>
domain::Result<std::string> again(const events::Form& form, int schema, const std::string& data) {
    events::Recorded recorded;
    recorded.type = form.type;
    recorded.schema = schema;
    recorded.data = data;
    auto event = events::codec<Event>().decode(recorded, nullptr);
    if (!event) return std::unexpected(event.error());
    KeptSealed keys;
    auto encoded = events::codec<Event>().encode(*event, {keys, {}, {}, 1});
    if (!encoded) return std::unexpected(encoded.error());
    return encoded->data;
}

domain::Result<std::string> again(const events::Form& form, int schema, const std::string& data) {
    if (form.type.starts_with("alert-rule."))
        return again<domain::alert_rule::Event>(form, schema, data);
    if (form.type.starts_with("anomaly.")) return again<domain::anomaly::Event>(form, schema, data);
    if (form.type.starts_with("closure.")) return again<domain::closure::Event>(form, schema, data);
    if (form.type.starts_with("benchmark."))
        return again<domain::benchmark::Event>(form, schema, data);
    if (form.type.starts_with("cohort.")) return again<domain::cohort::Event>(form, schema, data);
    if (form.type.starts_with("goal.")) return again<domain::goal::Event>(form, schema, data);
    if (form.type.starts_with("location."))
        return again<domain::location::Event>(form, schema, data);
    if (form.type.starts_with("metric.")) return again<domain::metric::Event>(form, schema, data);
    if (form.type.starts_with("metric-batch."))
        return again<domain::metric_batch::Event>(form, schema, data);
    if (form.type.starts_with("tenant.")) return again<domain::tenant::Event>(form, schema, data);
    if (form.type.starts_with("webhook.")) return again<domain::webhook::Event>(form, schema, data);
    if (form.type.starts_with("webhook-list."))
        return again<domain::webhook_list::Event>(form, schema, data);
    return again<domain::user::Event>(form, schema, data);
}

TEST(Golden, EverySchemaEverStoredHasItsFile) {
    for (const auto& form : events::all_forms()) {
        for (int schema = 1; schema <= form.schema; ++schema)
            EXPECT_TRUE(fs::exists(golden(form, schema))) << golden(form, schema);
    }
}

TEST(Golden, EveryFileIsReadAndTheNewestIsWrittenByteForByte) {
    for (const auto& form : events::all_forms()) {
        for (int schema = 1; schema <= form.schema; ++schema) {
            const auto data = content(golden(form, schema));
            const auto written = again(form, schema, data);
            ASSERT_TRUE(written) << golden(form, schema) << ": " << written.error().detail;
            if (schema == form.schema) {
                EXPECT_EQ(*written, data) << golden(form, schema);
            }
        }
    }
}

TEST(Golden, EveryFileHasAForm) {
    for (const auto& entry : fs::directory_iterator(fs::path{REPOSITORY} / "tests/golden")) {
        const auto name = entry.path().filename().string();
        const auto form = events::form_of(name.substr(0, name.rfind(".v")));
        EXPECT_TRUE(form) << name;
    }
}

TEST(Golden, MutantsOfAFileAreNotRead) {
    for (const auto& form : events::all_forms()) {
        auto data = content(golden(form, form.schema));
        const auto first = data.find(form.fields.front());
        data.replace(first, form.fields.front().size(), "another");
        EXPECT_FALSE(again(form, form.schema, data)) << form.type;
    }
}

}  // namespace
}  // namespace golden_test
