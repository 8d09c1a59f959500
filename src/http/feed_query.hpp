#pragma once
#include "src/http/api_parts.hpp"

/// What a feed is asked for: the form by Accept, the filters, the place to begin.
namespace http {

inline constexpr domain::Reason event_id_invalid{
    domain::Reason::Kind::malformed, "event-id-invalid",
    "The Last-Event-ID was not given by this server to your tenant"};

enum class FeedForm { page, lines, cloud_events, server_sent, web_socket, none };

/// The form that the request prefers among those there are; none: nothing acceptable is offered.
FeedForm feed_form(const Request& request);

struct FeedQuery {
    postgres::FeedFilter filter;
    std::optional<std::int64_t> after;  ///< behind which position; nothing: the form's own start
    int limit = 50;
};

/// Parameters type, stream, correlation (each repeated at will), from or after, limit and cursor;
/// Last-Event-ID, which wins, where the form is a live one.
domain::Result<FeedQuery> feed_query(const Shared& shared, const Exchange& exchange, FeedForm form);

}  // namespace http
