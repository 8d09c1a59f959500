#pragma once

/// The door of the program.
namespace cli {

/// Parses, runs and prints; the exit code.
int run(int argc, char** argv);

}  // namespace cli
