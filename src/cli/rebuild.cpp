#include "src/cli/beside.hpp"
#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/stop.hpp"
#include "src/runtime/together.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace cli {
namespace {

inline constexpr domain::Reason is_paused{domain::Reason::Kind::conflict, "projection-paused",
                                          "The projection is paused"};

using Projections = std::vector<const projections::Projection*>;

/// What a rebuild would do, for --dry-run.
Table plan_of(pqxx::connection& connection, const Projections& chosen) {
    pqxx::nontransaction tx{connection};
    Table table{{"projection", "table", "rows", "events"}, {}};
    const auto events = tx.query_value<std::int64_t>(
        "select coalesce(sum(position), 0)::bigint from log.lane_head");
    for (const auto* projection : chosen) {
        for (const auto name : projection->tables)
            table.rows.push_back(
                {std::string{projection->name}, std::string{name},
                 tx.query_value<std::int64_t>("select count(*) from " + std::string{name}),
                 events});
    }
    return table;
}

Checked<void> none_is_paused(pqxx::connection& connection, const Projections& chosen) {
    pqxx::nontransaction tx{connection};
    for (const auto* projection : chosen) {
        const std::string name{projection->name};
        if (!tx.exec("select 1 from projection.state where name = $1 and paused",
                     pqxx::params{name})
                 .empty())
            return std::unexpected(
                Failure{is_paused, name, "first: cairn projection resume " + name});
    }
    return {};
}

Table tally_rows(runtime::Together& together, const Projections& chosen, bool& same) {
    Table table{{"projection", "table", "rows", "rows_beside", "same"}, {}};
    for (const auto* projection : chosen) {
        for (const auto& one : together.tallies(*projection)) {
            same = same && one.same();
            table.rows.push_back(
                {std::string{projection->name}, one.table, one.rows, one.rows_beside, one.same()});
        }
    }
    return table;
}

/// The steps of a rebuild, each with its line for people.
class Rebuilding {
public:
    Rebuilding(Context& context, Projections chosen)
        : context_{context}, chosen_{std::move(chosen)} {}

    Outcome run() {
        auto held = runtime::Beside::hold(runtime::database_of(context_.config), chosen_,
                                          runtime::Place::next, beside_options(context_));
        if (!held) return std::unexpected(Failure{held.error()});
        auto& beside = **held;
        if (auto begun = begin(beside); !begun) return std::unexpected(begun.error());
        const auto folded = fold_with_progress(context_, beside, names_of(chosen_), record_);
        if (!folded) return std::unexpected(folded.error());
        beside.make_indexes();
        auto verified = verify(beside);
        if (!verified) return std::unexpected(verified.error());
        if (!*verified && !context_.has("accept-difference")) return differing();
        if (context_.has("no-switch"))
            return done(
                "built, verified and not switched; switch with "
                "the same command without --no-switch");
        return switch_over(beside);
    }

private:
    Checked<void> begin(runtime::Beside& beside) {
        const auto begun = beside.begin();
        if (!begun) return std::unexpected(Failure{begun.error()});
        for (std::size_t i = 0; i < chosen_.size(); ++i) {
            const auto& one = (*begun)[i];
            context_.say(std::string{chosen_[i]->name} + ": " +
                         (one.resumed ? "going on with" : "building") + " revision " +
                         std::to_string(one.number) + " beside " + std::to_string(one.live));
        }
        return {};
    }

    Checked<bool> verify(runtime::Beside& beside) {
        auto together = beside.together(until_stopped());
        if (!together) return std::unexpected(stopped_or(together.error()));
        bool same = true;
        record_.parts.emplace_back("verified", tally_rows(**together, chosen_, same));
        record_.fields.emplace_back("same", same);
        if (!same)
            record_.parts.emplace_back("differences", difference_rows(**together, chosen_, 1));
        return same;
    }

    Outcome differing() {
        Answer answer{std::move(record_), difference};
        answer.notes.emplace_back(
            "what history gives differs from what is stored; nothing was switched. Where that is "
            "wanted, repeat this with --accept-difference");
        return answer;
    }

    Outcome switch_over(runtime::Beside& beside) {
        const auto switched = beside.switch_over(until_stopped());
        if (!switched) return std::unexpected(stopped_or(switched.error()));
        record_.fields.emplace_back("switch_ms", switched->millis);
        record_.fields.emplace_back("attempts", switched->attempts);
        return done("switched in " + std::to_string(switched->millis) +
                    " ms. Undo: cairn "
                    "projection switch " +
                    names_of(chosen_));
    }

    Outcome done(std::string note) {
        const auto parked =
            std::ranges::find(record_.fields, "dead_letters", &std::pair<std::string, Cell>::first);
        Answer answer{record_};
        answer.notes.push_back(std::move(note));
        if (parked != record_.fields.end() && std::get<std::int64_t>(parked->second) > 0) {
            answer.exit_code = partial;
            answer.notes.emplace_back(
                "some keys were parked; see: cairn projection dead-letters ls");
        }
        return answer;
    }

    Context& context_;
    Projections chosen_;
    Record record_;
};

}  // namespace

Outcome projection_rebuild(Context& context) {
    const auto chosen = named_projections(context);
    if (!chosen) return std::unexpected(chosen.error());
    return with_database(context, Access::write, [&](pqxx::connection& connection) -> Outcome {
        if (context.has("dry-run")) return Answer{plan_of(connection, *chosen)};
        if (auto running = none_is_paused(connection, *chosen); !running)
            return std::unexpected(running.error());
        catch_stop_signals();
        return Rebuilding{context, *chosen}.run();
    });
}

Outcome projection_switch(Context& context) {
    const auto chosen = named_projections(context);
    if (!chosen) return std::unexpected(chosen.error());
    return with_database(context, Access::write, [&](pqxx::connection&) -> Outcome {
        if (auto sure = context.confirm("put the previous revision of " + names_of(*chosen) +
                                        " in the place of the present one");
            !sure)
            return std::unexpected(std::move(sure.error()));
        auto held = runtime::Beside::hold(runtime::database_of(context.config), *chosen,
                                          runtime::Place::previous, beside_options(context));
        if (!held) return std::unexpected(Failure{held.error()});
        if (const auto begun = (*held)->begin(); !begun)
            return std::unexpected(Failure{begun.error()});
        const auto switched = (*held)->switch_over(until_stopped());
        if (!switched) return std::unexpected(stopped_or(switched.error()));
        Record record;
        record.fields.emplace_back("projection", names_of(*chosen));
        record.fields.emplace_back("switch_ms", switched->millis);
        record.fields.emplace_back("attempts", switched->attempts);
        return Answer{std::move(record), ok, {"undo: the same command again"}};
    });
}

}  // namespace cli
