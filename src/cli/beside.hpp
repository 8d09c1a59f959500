#pragma once
#include "src/cli/command.hpp"
#include "src/runtime/beside.hpp"

/// What the commands that fold history beside the read models share.
namespace runtime {
class Together;
}

namespace cli {

using ChosenProjections = std::vector<const projections::Projection*>;

/// The projections that NAME… names, or all with --all; refuses with the nearest name.
Checked<ChosenProjections> named_projections(const Context& context);
/// `goal_board metric_board`
std::string names_of(const ChosenProjections& chosen);

/// From --batch, --threads and --throttle.
runtime::BesideOptions beside_options(const Context& context);

/// Goes on until a signal asks to stop.
runtime::Beside::Advanced until_stopped();
/// A stop by a signal has that signal's exit code and says how to go on.
Failure stopped_or(const domain::Refusal& why);

/// Folds to where the read models stand, with progress on stderr; counts and rates go to `record`.
Checked<void> fold_with_progress(const Context& context, runtime::Beside& beside,
                                 const std::string& name, Record& record);

/// Of every table that differs, the first `rows` rows that do, column by column; personal values
/// stay sealed.
Table difference_rows(runtime::Together& together, const ChosenProjections& chosen, int rows);

}  // namespace cli
