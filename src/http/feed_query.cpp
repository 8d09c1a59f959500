#include "src/http/feed_query.hpp"

#include "projections/moment.hpp"
#include "src/http/paging.hpp"
#include "src/http/text.hpp"

#include <algorithm>

namespace http {
namespace {

struct Offer {
    std::string_view media;
    FeedForm form;
};
/// In the order in which a wildcard takes them.
constexpr Offer offers[]{{"application/json", FeedForm::page},
                         {"application/cloudevents-batch+json", FeedForm::cloud_events},
                         {"application/x-ndjson", FeedForm::lines},
                         {"text/event-stream", FeedForm::server_sent}};

struct Range {
    std::string media;
    int quality = 1000;  ///< thousandths
};

/// "0.7" as 700; what is malformed counts as 1 (RFC 9110 leaves it open).
int quality_of(std::string_view text) {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 1000;
    int value = (text[0] - '0') * 1000, unit = 100;
    for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
        if (text[1] != '.' || text[i] < '0' || text[i] > '9') return 1000;
        value += (text[i] - '0') * unit;
    }
    return std::min(value, 1000);
}

std::vector<Range> ranges_of(std::string_view accept) {
    std::vector<Range> ranges;
    while (!accept.empty()) {
        const auto comma = accept.find(',');
        auto part = accept.substr(0, comma);
        accept = comma == std::string_view::npos ? std::string_view{} : accept.substr(comma + 1);
        Range range{lower(trimmed(part.substr(0, part.find(';'))))};
        for (auto at = part.find(';'); at != std::string_view::npos; at = part.find(';')) {
            part.remove_prefix(at + 1);
            const auto parameter = trimmed(part.substr(0, part.find(';')));
            if (lower(parameter.substr(0, 2)) == "q=")
                range.quality = quality_of(parameter.substr(2));
        }
        ranges.push_back(std::move(range));
    }
    return ranges;
}

/// The most specific range that covers a media type decides its quality (RFC 9110, 12.5.1).
int quality_for(std::string_view media, const std::vector<Range>& ranges) {
    const auto family = std::string{media.substr(0, media.find('/'))} + "/*";
    int best = -1, quality = 0;
    for (const auto& range : ranges) {
        const int precision = range.media == media    ? 2
                              : range.media == family ? 1
                              : range.media == "*/*"  ? 0
                                                      : -1;
        if (precision <= best) continue;
        best = precision;
        quality = range.quality;
    }
    return quality;
}

domain::Refusal wrong(std::string_view name, std::string_view what) {
    return projections::wrong_parameter(name, what);
}

domain::Result<void> take_place(FeedQuery& query, std::string_view name, std::string_view value) {
    const auto position = projections::number_from(value);
    if (!position) return std::unexpected(wrong(name, "must be a position"));
    if (query.after) return std::unexpected(wrong(name, "is given beside another place"));
    query.after = name == "after" ? *position : std::max<std::int64_t>(*position - 1, 0);
    return {};
}

domain::Result<void> take_parameter(const Shared& shared, const Exchange& exchange,
                                    FeedQuery& query, bool pages, const std::string& name,
                                    const std::string& value) {
    auto& filter = query.filter;
    if (name == "from" || name == "after") return take_place(query, name, value);
    if (name == "type" && !filter.add_type(value))
        return std::unexpected(wrong(name, "must be like goal.drafted or goal.*"));
    if (name == "stream" && !filter.add_stream(value))
        return std::unexpected(wrong(name, "must be a category or category-id"));
    if (name == "correlation" && !filter.add_correlation(value))
        return std::unexpected(wrong(name, "must be a UUID"));
    if (name == "type" || name == "stream" || name == "correlation") return {};
    if (pages && name == "limit") {
        const auto limit = limit_from(value);
        if (!limit) return std::unexpected(limit.error());
        query.limit = *limit;
        return {};
    }
    if (!pages || name != "cursor") return domain::refuse(unknown_parameter, name);
    const auto place =
        shared.opaque.place(exchange.who.tenant, question_of(exchange.request), value);
    if (!place) return domain::refuse(cursor_invalid);
    // A cursor goes on from where the question's own place had begun.
    query.after = projections::number_from(*place);
    return {};
}

}  // namespace

FeedForm feed_form(const Request& request) {
    const auto* upgrade = request.header("upgrade");
    if (upgrade != nullptr && lower(*upgrade) == "websocket") return FeedForm::web_socket;
    const auto* accept = request.header("accept");
    if (accept == nullptr) return FeedForm::page;
    const auto ranges = ranges_of(*accept);
    auto best = FeedForm::none;
    int quality = 0;
    for (const auto& offer : offers) {
        const auto offered = quality_for(offer.media, ranges);
        if (offered <= quality) continue;
        best = offer.form;
        quality = offered;
    }
    return best;
}

domain::Result<FeedQuery> feed_query(const Shared& shared, const Exchange& exchange,
                                     FeedForm form) {
    FeedQuery query;
    const bool pages = form == FeedForm::page || form == FeedForm::cloud_events;
    std::optional<std::int64_t> cursor;
    for (const auto& [name, value] : exchange.request.query) {
        if (name == "cursor") continue;
        auto taken = take_parameter(shared, exchange, query, pages, name, value);
        if (!taken) return std::unexpected(std::move(taken.error()));
    }
    for (const auto& [name, value] : exchange.request.query) {
        if (name != "cursor") continue;
        auto taken = take_parameter(shared, exchange, query, pages, name, value);
        if (!taken) return std::unexpected(std::move(taken.error()));
    }
    const auto* last = exchange.request.header("last-event-id");
    if (form == FeedForm::server_sent && last != nullptr && !last->empty()) {
        query.after = shared.opaque.event_position(exchange.who.tenant, *last);
        if (!query.after) return domain::refuse(event_id_invalid);
    }
    return query;
}

}  // namespace http
