#include "src/cli/handlers.hpp"

#include <algorithm>

namespace cli {

Outcome config_show(Context& context) {
    const bool with_origin = context.has("origin");
    Table table{{"key", "value"}, {}};
    if (with_origin) table.columns.emplace_back("origin");
    for (const auto& setting : runtime::settings()) {
        auto& row = table.rows.emplace_back(
            Row{std::string{setting.key}, runtime::value_text(context.config, setting.key)});
        if (with_origin) row.emplace_back(context.config.origins.find(setting.key)->second);
    }
    return Answer{std::move(table)};
}

/// Whoever comes here has a configuration that loads.
Outcome config_check(Context&) {
    Record record;
    record.fields.emplace_back("configuration", std::string{"ok"});
    return Answer{std::move(record)};
}

Outcome config_explain(Context& context) {
    const auto key = context.text("KEY");
    const auto all = runtime::settings();
    const auto found = std::ranges::find(all, key, &runtime::Setting::key);
    if (found == all.end()) {
        std::vector<std::string_view> keys;
        for (const auto& setting : all) keys.push_back(setting.key);
        const auto near = runtime::nearest(key, keys, 3);
        return std::unexpected(Failure{
            not_there, "key " + key,
            near.empty() ? "see: cairn config show" : "did you mean " + std::string{near} + "?"});
    }
    Record record;
    record.fields.emplace_back("key", key);
    record.fields.emplace_back("meaning", std::string{found->help});
    record.fields.emplace_back("allowed", std::string{found->allowed});
    record.fields.emplace_back("default", std::string{found->fallback});
    record.fields.emplace_back("environment", runtime::environment_name(key));
    record.fields.emplace_back("value", runtime::value_text(context.config, key));
    record.fields.emplace_back("origin", context.config.origins.find(key)->second);
    return Answer{std::move(record)};
}

}  // namespace cli
