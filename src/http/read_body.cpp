// Bodies before they mean anything: their media type, their compression, their JSON.
#include "commands/body.hpp"
#include "src/http/api_parts.hpp"
#include "src/http/problem.hpp"

#include <algorithm>

namespace http {
namespace {

std::string listed(std::span<const std::string_view> words) {
    std::string text;
    for (const auto word : words) text += (text.empty() ? "" : " or ") + std::string{word};
    return text;
}

/// Puts what the body unpacks to in its place. False: it is answered why not.
bool unpack(Shared& shared, Exchange& exchange, std::size_t factor, Coding coding) {
    constexpr std::size_t unpacked_bytes_max = 64 * 1024 * 1024;
    const auto limit = shared.parts.body_bytes_max;
    const UnpackLimits limits{
        .bytes_max = std::max(limit, std::min(limit * factor, unpacked_bytes_max)),
        .free_bytes = limit};
    auto& http = exchange.request;
    exchange.unpacked = shared.unpacked_bodies.take(limits.bytes_max);
    if (!exchange.unpacked) {
        exchange.refuse(shared, {events::queue_full, "too many compressed bodies at once"});
        return false;
    }
    auto body = unpacked(coding, http.body, limits);
    if (!body) {
        const auto& fault = body.error();
        exchange.answer(shared, problem_titled(fault.status, fault.code, fault.detail, http.id));
        return false;
    }
    http.body = *std::move(body);
    exchange.unpacked->shrink(http.body.size());
    return true;
}

}  // namespace

std::optional<Coding> content_coding(const Request& request) {
    const auto* header = request.header("content-encoding");
    if (header == nullptr) return Coding::identity;
    if (request.count("content-encoding") > 1) return std::nullopt;
    return coding_from(*header);
}

Reply wrong_coding(const std::string& request_id) {
    auto reply = problem_titled(415, "unsupported-content-encoding", "", request_id);
    reply.headers.emplace_back("Accept-Encoding", codings_taken);
    return reply;
}

bool takes_pieces(const Request& request) {
    const auto media = media_type(request);
    if (media == "application/json") return false;
    const auto* route = match(request.method, request.path).route;
    const auto* command = route == nullptr ? nullptr : std::get_if<Command>(&route->does);
    return command != nullptr && command->in_pieces && std::ranges::contains(command->media, media);
}

std::string media_type(const Request& request) {
    const auto* header = request.header("content-type");
    if (header == nullptr) return {};
    auto media = header->substr(0, header->find(';'));
    while (media.ends_with(' ') || media.ends_with('\t')) media.pop_back();
    for (char& c : media) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return media;
}

domain::Result<std::optional<events::Document>> body_of(const Request& request,
                                                        std::string_view schema,
                                                        std::size_t values_max) {
    if (request.body.empty()) return std::optional<events::Document>{};
    if (schema.empty())
        return domain::refuse(commands::validation_failed, "this command takes no body");
    auto document = events::Document::parse(request.body, {.nodes = values_max});
    if (!document) return std::unexpected(std::move(document.error()));
    return std::optional{*std::move(document)};
}

void with_plain_body(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange,
                     BodyRules rules, std::move_only_function<void(postgres::Reader*)> go_on) {
    const auto& http = exchange->request;
    if (!http.body.empty() && !std::ranges::contains(rules.media, media_type(http)))
        return exchange->answer(*shared,
                                problem(415, "unsupported-media-type",
                                        "The body must be " + listed(rules.media), "", http.id));
    const auto coding = content_coding(http);
    if (!coding) return exchange->answer(*shared, wrong_coding(http.id));
    if (http.body.empty() || *coding == Coding::identity) return go_on(nullptr);
    const bool posted =
        shared->parts.workers.post([shared, exchange, unpacks = rules.unpacks, coding = *coding,
                                    go_on = std::move(go_on)](postgres::Reader& reader) mutable {
            if (unpack(*shared, *exchange, unpacks, coding)) go_on(&reader);
        });
    if (!posted) exchange->refuse(*shared, {events::queue_full});
}

}  // namespace http
