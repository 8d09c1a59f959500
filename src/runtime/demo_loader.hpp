#pragma once
#include "commands/request.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/app.hpp"
#include "src/runtime/demo.hpp"
#include "src/runtime/demo_business.hpp"

#include <map>

/// Gives commands as HTTP would, for one tenant of the demo.
namespace runtime::demo {

class Loader {
public:
    /// Ids follow from `prefix` and the names of commands, so the same ones come in every run.
    Loader(App& app, std::string prefix);

    /// Runs one command; its answer's stream id. The first refusal is kept and ends all.
    domain::Uuid run(const std::string& name, commands::Handler handler, const std::string& body,
                     const std::map<std::string, std::string>& path = {});

    DemoTenant demo;
    domain::Date today;      ///< really
    domain::Date acting_on;  ///< the day on which the people of the demo do it; today at first
    std::optional<domain::Refusal> refusal;

private:
    domain::Uuid fail(const domain::Refusal& why);
    domain::Uuid append(domain::Result<commands::Proposal> proposal, domain::CommandId command);

    App& app_;
    std::string prefix_;
    postgres::Reader reader_;
};

/// The goals of the restaurant: one that people measure by hand, the others by its metrics.
void load_goals(Loader& loader, const Business& business);

}  // namespace runtime::demo
