#pragma once
#include "commands/body.hpp"
#include "src/http/api_parts.hpp"
#include "src/http/presence.hpp"
#include "src/http/problem.hpp"
#include "src/postgres/consumers.hpp"

/// What all questions about consumers have in common.
namespace http {

struct ConsumerCall {
    std::shared_ptr<Shared> shared;
    std::shared_ptr<Exchange> exchange;
    postgres::ConsumerKey key;

    void refuse(const domain::Refusal& refusal) const { exchange->refuse(*shared, refusal); }
    void answer(std::string body, int status = 200) const {
        exchange->answer(*shared, {status, "application/json", {}, std::move(body)});
    }
    bool client_has_left() const {
        const auto& presence = exchange->request.presence;
        return presence && presence->has_left();
    }
    void post(std::move_only_function<void(postgres::Reader&)> job) const {
        if (!shared->parts.workers.post(std::move(job))) refuse({events::queue_full});
    }
};

/// Letters, digits and dots in lower case.
bool is_consumer_name(std::string_view text);

/// The call, unless the name is none or a parameter is given.
std::optional<ConsumerCall> consumer_call_of(const std::shared_ptr<Shared>& shared,
                                             const std::shared_ptr<Exchange>& exchange);

/// Reads the body by `read`, whose faults are answered together.
template <class T>
std::optional<T> consumer_body(const ConsumerCall& call, T (*read)(commands::Body&)) {
    const auto& request = call.exchange->request;
    const auto& text = request.body;
    const auto* media = request.header("content-type");
    if (!text.empty() && (media == nullptr || !media->starts_with("application/json"))) {
        call.exchange->answer(*call.shared,
                              problem(415, "unsupported-media-type",
                                      "The body must be application/json", "", request.id));
        return std::nullopt;
    }
    auto document = events::Document::parse(text.empty() ? "{}" : std::string_view{text});
    if (!document) {
        call.refuse(document.error());
        return std::nullopt;
    }
    std::vector<domain::Fault> faults;
    commands::Body body{document->root(), faults};
    auto value = read(body);
    body.done();
    if (const auto refusal = commands::refusal_of(std::move(faults))) {
        call.refuse(*refusal);
        return std::nullopt;
    }
    return value;
}

inline int bounded(commands::Body& body, std::string_view name, int otherwise, int low, int high) {
    const auto value = body.maybe_integer(name).value_or(otherwise);
    if (value >= low && value <= high) return value;
    body.fault(name, "range", "must be " + std::to_string(low) + " to " + std::to_string(high));
    return otherwise;
}

}  // namespace http
