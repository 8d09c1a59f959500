#include "projections/query.hpp"

#include "events/writer.hpp"

namespace projections {

std::string first_filter(const Ask& ask, std::string_view name, std::string otherwise) {
    const auto found = ask.filters.find(name);
    return found == ask.filters.end() ? std::move(otherwise) : found->second.front();
}

domain::Result<domain::Uuid> id_in_path(const Ask& ask, std::string_view name) {
    const auto found = ask.path.find(name);
    const auto id = found == ask.path.end() ? std::nullopt : domain::uuid_from(found->second);
    if (!id) return domain::refuse(not_found);
    return *id;
}

domain::Refusal wrong_parameter(std::string_view name, std::string_view what) {
    return {invalid_parameter, std::string{name} + " " + std::string{what}};
}

domain::Result<std::string> shown(const Ask& ask, const events::Place& place,
                                  std::string_view envelope) {
    if (envelope.empty()) return "null";
    auto opened = ask.keys.open(place, domain::Sealed{std::string{envelope}});
    if (!opened) return std::unexpected(std::move(opened.error()));
    if (opened->erased()) return R"({"erased":true})";
    events::Writer out;
    out.text(*opened->clear());
    return out.take();
}

}  // namespace projections
