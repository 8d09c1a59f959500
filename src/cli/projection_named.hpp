#pragma once
#include "projections/projection.hpp"
#include "src/cli/command.hpp"

namespace cli {

/// The projection that the argument NAME names; refuses with the nearest name.
Checked<const projections::Projection*> named_projection(const Context& context);
Checked<const projections::Projection*> projection_named(const std::string& name);

}  // namespace cli
