#include "events/reject_columns.hpp"

#include "events/number_columns.hpp"

#include <algorithm>

namespace events {

using domain::metric_batch::points_max;
using domain::metric_batch::Reject;

template <>
struct Shape<Reject> {
    static constexpr std::tuple fields{
        Field{"line", &Reject::line}, Field{"metric", &Reject::metric},
        Field{"code", &Reject::code}, Field{"detail", &Reject::detail}};
};

namespace {

struct RejectReason {
    std::string metric, code, detail;
    auto operator<=>(const RejectReason&) const = default;
};

}  // namespace

template <>
struct Shape<RejectReason> {
    static constexpr std::tuple fields{Field{"metric", &RejectReason::metric},
                                       Field{"code", &RejectReason::code},
                                       Field{"detail", &RejectReason::detail}};
};

namespace {

std::optional<std::vector<std::int64_t>> column(Node node, std::string_view name) {
    const auto member = node.find(name);
    const auto text = member ? member->text() : std::nullopt;
    return text ? numbers_from(*text, points_max) : std::nullopt;
}

bool take_one_by_one(Node list, std::vector<Reject>& rejects, Opener& opener) {
    return std::ranges::all_of(list.items(), [&](Node item) {
        return take(item, rejects.emplace_back(), "rejects", opener);
    });
}

}  // namespace

void put(Writer& out, const std::vector<Reject>& rejects, std::string_view name, Sealer& sealer) {
    std::map<RejectReason, std::int64_t> places;
    std::vector<RejectReason> reasons;
    Differences line, reason;
    for (const auto& reject : rejects) {
        const RejectReason why{reject.metric, reject.code, reject.detail};
        const auto [found, is_new] =
            places.try_emplace(why, static_cast<std::int64_t>(reasons.size()));
        if (is_new) reasons.push_back(why);
        line.push_back(reject.line);
        reason.push_back(found->second);
    }
    out.open().key("line").text(line.text()).key("reason").text(reason.text()).key("reasons");
    put(out, reasons, name, sealer);
    out.close();
}

bool take(Node node, std::vector<Reject>& rejects, std::string_view name, Opener& opener) {
    if (node.is_list()) return take_one_by_one(node, rejects, opener);
    const auto line = column(node, "line"), reason = column(node, "reason");
    const auto listed = node.find("reasons");
    std::vector<RejectReason> reasons;
    if (!line || !reason || line->size() != reason->size() || !listed ||
        !take(*listed, reasons, name, opener))
        return false;
    for (std::size_t i = 0; i < line->size(); ++i) {
        const auto place = (*reason)[i];
        if (place < 0 || static_cast<std::size_t>(place) >= reasons.size()) return false;
        const auto& why = reasons[static_cast<std::size_t>(place)];
        rejects.push_back({static_cast<int>((*line)[i]), why.metric, why.code, why.detail});
    }
    return true;
}

}  // namespace events
