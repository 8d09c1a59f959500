#include "src/cli/beside.hpp"

#include "src/cli/event_rows.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/projection_named.hpp"
#include "src/cli/stop.hpp"
#include "src/runtime/together.hpp"

#include <algorithm>
#include <thread>

namespace cli {
namespace {

/// A JSON value with what is personal in it closed; empty where there is none.
Cell closed(const std::string& json) {
    if (json.empty()) return {};
    const auto whole = without_personal("", R"({"v":)" + json + "}");
    return Json{whole.substr(5, whole.size() - 6)};
}

}  // namespace

Checked<ChosenProjections> named_projections(const Context& context) {
    ChosenProjections chosen;
    if (context.has("all") != context.words.empty())
        return std::unexpected(
            Failure{bad_usage, "name projections, or say --all", "see: cairn projection ls"});
    if (context.has("all")) {
        for (const auto& projection : projections::catalog()) chosen.push_back(&projection);
        return chosen;
    }
    for (const auto& word : context.words) {
        const auto found = projection_named(word);
        if (!found) return std::unexpected(found.error());
        if (std::ranges::find(chosen, *found) == chosen.end()) chosen.push_back(*found);
    }
    return chosen;
}

std::string names_of(const ChosenProjections& chosen) {
    std::string names;
    for (const auto* projection : chosen)
        names += (names.empty() ? "" : " ") + std::string{projection->name};
    return names;
}

runtime::BesideOptions beside_options(const Context& context) {
    constexpr std::int64_t batch_max = 100'000, threads_max = 64;
    const auto cores = std::max<std::int64_t>(std::thread::hardware_concurrency(), 1);
    return {static_cast<int>(std::clamp<std::int64_t>(context.number("batch", 2000), 1, batch_max)),
            static_cast<int>(
                std::clamp<std::int64_t>(context.number("threads", cores), 1, threads_max)),
            std::max<std::int64_t>(context.number("throttle", 0), 0)};
}

runtime::Beside::Advanced until_stopped() {
    return [](std::int64_t) { return stop_signal() == 0; };
}

Failure stopped_or(const domain::Refusal& why) {
    Failure failure{why};
    if (why.why == runtime::replay_stopped) {
        failure.exit_code = 128 + stop_signal();
        failure.hint = "repeat the command to go on from here";
    }
    return failure;
}

Checked<void> fold_with_progress(const Context& context, runtime::Beside& beside,
                                 const std::string& name, Record& record) {
    Progress progress{context, {name, "projection", "ev"}, beside.behind()};
    const auto folded = beside.catch_up([&](std::int64_t events) {
        progress.add(events);
        progress.tell();
        return stop_signal() == 0;
    });
    progress.end();
    if (!folded) return std::unexpected(stopped_or(folded.error()));
    record.fields.emplace_back("projection", name);
    record.fields.emplace_back("events", progress.done());
    record.fields.emplace_back("seconds", progress.seconds());
    record.fields.emplace_back("events_per_second", progress.rate());
    record.fields.emplace_back("dead_letters", std::int64_t{folded->parked});
    return {};
}

Table difference_rows(runtime::Together& together, const ChosenProjections& chosen, int rows) {
    Table table{{"table", "key", "column", "stored", "replayed"}, {}};
    for (const auto* projection : chosen) {
        for (const auto& one : together.tallies(*projection)) {
            if (one.same()) continue;
            for (const auto& difference : together.differences(one.table, rows))
                table.rows.push_back({difference.table, Json{difference.key}, difference.column,
                                      closed(difference.live), closed(difference.beside)});
        }
    }
    return table;
}

}  // namespace cli
