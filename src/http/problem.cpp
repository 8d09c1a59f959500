#include "src/http/problem.hpp"

#include "events/writer.hpp"

namespace http {
namespace {

void add_headers(Reply& reply) {
    if (reply.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (reply.status == 503 || reply.status == 429) reply.headers.emplace_back("Retry-After", "1");
}

void put_head(events::Writer& out, int status, std::string_view code, std::string_view title,
              std::string_view detail, const std::string& request_id) {
    out.open().key("type").text("/problems/" + std::string{code}).key("title").text(title);
    out.key("status").integer(status).key("code").text(code);
    if (!detail.empty()) out.key("detail").text(detail);
    const auto uuid = request_id.starts_with("req_") ? request_id.substr(4) : request_id;
    out.key("instance").text("urn:uuid:" + uuid).key("request_id").text(request_id);
}

}  // namespace

int status_of(domain::Reason::Kind kind) {
    using enum domain::Reason::Kind;
    switch (kind) {
        case malformed: return 400;
        case unauthorised: return 401;
        case forbidden: return 403;
        case missing: return 404;
        case invalid: return 422;
        case conflict: return 409;
        case stale: return 412;
        case overloaded: return 503;
        case unavailable: return 503;
        case defect: return 500;
    }
    std::unreachable();
}

Reply problem(const domain::Refusal& refusal, const std::string& request_id) {
    const bool ours = refusal.why.kind == domain::Reason::Kind::defect;
    const auto status = status_of(refusal.why.kind);
    events::Writer out;
    // What went wrong inside is in the log; the answer says only where to find it.
    put_head(out, status, ours ? "internal" : refusal.why.slug,
             ours ? "Something went wrong on our side" : refusal.why.title,
             ours ? "" : refusal.detail, request_id);
    if (!refusal.faults.empty()) {
        out.key("errors").open_list();
        for (const auto& fault : refusal.faults) {
            out.open().key("pointer").text(fault.pointer).key("code").text(fault.code);
            out.key("detail").text(fault.detail).close();
        }
        out.close_list();
    }
    for (const auto& fact : refusal.facts) out.key(fact.name).raw(fact.json);
    out.close();
    Reply reply{status, "application/problem+json", {}, out.take()};
    add_headers(reply);
    return reply;
}

Reply problem(int status, std::string_view code, std::string_view title, std::string_view detail,
              const std::string& request_id) {
    events::Writer out;
    put_head(out, status, code, title, detail, request_id);
    out.close();
    Reply reply{status, "application/problem+json", {}, out.take()};
    add_headers(reply);
    return reply;
}

Reply problem_titled(int status, std::string_view code, std::string_view detail,
                     const std::string& request_id) {
    std::string_view title = "The request was refused";
    for (const auto& doc : all_problems()) {
        if (doc.code == code) title = doc.title;
    }
    return problem(status, code, title, detail, request_id);
}

std::string problem_page(std::string_view code) {
    for (const auto& doc : all_problems()) {
        if (doc.code != code) continue;
        events::Writer out;
        out.open().key("code").text(doc.code).key("status").integer(doc.status);
        out.key("title").text(doc.title).key("remedy").text(doc.remedy).close();
        return out.take();
    }
    return {};
}

}  // namespace http
