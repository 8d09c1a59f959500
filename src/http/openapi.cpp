// The OpenAPI 3.1 document, made from the route table and the schemas of bodies.
#include "events/writer.hpp"
#include "src/http/problem.hpp"
#include "src/http/route.hpp"
#include "src/http/schemas.hpp"
#include "src/http/text.hpp"

#include <set>

namespace http {
namespace {

using events::Writer;

void put_parameter(Writer& out, std::string_view name, std::string_view in, bool required,
                   std::string_view schema) {
    out.open().key("name").text(name).key("in").text(in).key("required").boolean(required);
    out.key("schema").raw(schema).close();
}

/// Metrics, locations and consumers are named by keys, metrics by their ids too, streams by
/// category and id.
bool is_key(std::string_view parameter) {
    return parameter.starts_with("{metric}") || parameter.starts_with("{location}") ||
           parameter.starts_with("{consumer}") || parameter.starts_with("{stream}");
}

void put_path_parameters(Writer& out, std::string_view path) {
    for (auto at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1))
        put_parameter(out, path.substr(at + 1, path.find('}', at) - at - 1), "path", true,
                      is_key(path.substr(at)) ? R"({"type":"string"})"
                                              : R"({"type":"string","format":"uuid"})");
}

/// What some route answers in pages.
std::set<std::string_view> paged_schemas() {
    std::set<std::string_view> names;
    for (const auto& route : routes()) {
        if (const auto* read = std::get_if<Read>(&route.does); read != nullptr && read->pages)
            names.insert(read->schema);
        if (const auto* read = std::get_if<LogRead>(&route.does); read != nullptr && read->pages)
            names.insert(read->schema);
    }
    return names;
}

void put_reference(Writer& out, std::string_view name) {
    out.open().key("$ref").text("#/components/schemas/" + std::string{name}).close();
}

void put_response(Writer& out, std::string_view status, std::string_view description,
                  std::string_view type, std::string_view schema) {
    out.key(status).open().key("description").text(description);
    if (!schema.empty()) {
        out.key("content").open().key(type).open().key("schema");
        put_reference(out, schema);
        out.close().close();
    }
    out.close();
}

void put_problems(Writer& out) {
    put_response(out, "default", "A problem", "application/problem+json", "Problem");
}

void put_coding(Writer& out) {
    put_parameter(out, "Content-Encoding", "header", false,
                  R"({"type":"string","enum":["gzip","zstd","identity"]})");
}

void put_command_parameters(Writer& out, bool takes_body) {
    out.key("parameters").open_list();
    const auto text = std::string_view{R"({"type":"string"})"};
    put_parameter(out, "Idempotency-Key", "header", true,
                  R"({"type":"string","minLength":1,"maxLength":130})");
    put_parameter(out, "If-Match", "header", false, text);
    put_parameter(out, "Expected-Version", "header", false, text);
    put_parameter(out, "Prefer", "header", false, text);
    if (takes_body) put_coding(out);
    put_parameter(out, "validate_only", "query", false, R"({"type":"boolean"})");
}

void put_json_body(Writer& out, std::string_view schema, std::string_view example) {
    out.key("application/json").open().key("schema");
    put_reference(out, schema);
    out.key("example").raw(example).close();
}

/// Rows that are not JSON are texts to a schema.
void put_body(Writer& out, const Command& command, std::string_view media) {
    if (media == "application/json") return put_json_body(out, command.schema, command.example);
    out.key(media).open().key("schema").raw(R"({"type":"string"})");
    if (command.media.size() == 1) out.key("example").text(command.example);
    out.close();
}

void put_command_rest(Writer& out, const Command& command, Access access) {
    if (!command.schema.empty()) {
        const bool required = command.example != "{}";
        out.key("requestBody").open().key("required").boolean(required);
        out.key("content").open();
        for (const auto media : command.media) put_body(out, command, media);
        out.close().close();
    }
    out.key("responses").open();
    const auto receipt = access == Access::open ? "Registration" : "Receipt";
    put_response(out, "200", "Done", "application/json", receipt);
    const auto made = command.in_pieces ? "RowsReceipt" : receipt;
    if (!command.location.empty()) put_response(out, "201", "Made", "application/json", made);
    put_problems(out);
    out.close();
}

/// Answers that are not JSON are texts to a schema.
void put_text_answer(Writer& out, bool offered, std::string_view media) {
    if (offered) out.key(media).open().key("schema").raw(R"({"type":"string"})").close();
}

void put_read_rest(Writer& out, std::string_view schema, bool pages, bool csv, bool lines) {
    out.key("responses").open().key("200").open().key("description").text("The answer");
    out.key("content").open().key("application/json").open().key("schema");
    put_reference(out, pages ? std::string{schema} + "Page" : std::string{schema});
    out.close();
    put_text_answer(out, csv, "text/csv");
    put_text_answer(out, lines, "application/x-ndjson");
    out.close().close();
    put_problems(out);
    out.close();
}

/// Answers that are not JSON documents are texts to a schema.
void put_talk_rest(Writer& out, const Talk& talk) {
    if (!talk.body.empty()) {
        out.key("requestBody").open().key("required").boolean(true).key("content").open();
        out.key("application/json").open().key("schema");
        put_reference(out, talk.body);
        out.key("example").raw(talk.example).close().close().close();
    }
    out.key("responses").open().key("200").open().key("description").text("The answer");
    out.key("content").open();
    for (const auto media : talk.media) {
        out.key(media).open().key("schema");
        if (media == "application/json") put_reference(out, talk.schema);
        else out.raw(R"({"type":"string"})");
        out.close();
    }
    out.close().close();
    put_problems(out);
    out.close();
}

/// Kept with the entry of the audit trail.
void put_purpose(Writer& out) {
    put_parameter(out, "Purpose", "header", false,
                  R"({"type":"string","maxLength":60,"default":"service","description":)"
                  R"("service, self, support, audit, legal, security, or a word of yours"})");
}

void put_page_parameters(Writer& out) {
    put_parameter(out, "limit", "query", false,
                  R"({"type":"integer","minimum":1,"maximum":500,"default":50})");
    put_parameter(out, "cursor", "query", false, R"({"type":"string"})");
}

void put_question(Writer& out, const Route& route, const Question& question) {
    out.key("parameters").open_list();
    put_path_parameters(out, route.path);
    put_coding(out);
    put_parameter(out, "Consistency-Token", "header", false, R"({"type":"string"})");
    out.close_list();
    out.key("requestBody").open().key("required").boolean(true).key("content").open();
    put_json_body(out, question.schema, question.example);
    out.close().close();
    put_read_rest(out, question.read.schema, question.read.pages, false, false);
}

void put_operation(Writer& out, const Route& route) {
    out.key(lower(route.method)).open();
    out.key("operationId").text(name_of(route)).key("summary").text(route.summary);
    if (route.access == Access::open) out.key("security").open_list().close_list();
    std::visit(domain::Match{
                   [&](const Command& command) {
                       put_command_parameters(out, !command.schema.empty());
                       for (const auto parameter : command.parameters)
                           put_parameter(out, parameter, "query", false, R"({"type":"string"})");
                       put_path_parameters(out, route.path);
                       put_purpose(out);
                       out.close_list();
                       put_command_rest(out, command, route.access);
                   },
                   [&](const Read& read) {
                       out.key("parameters").open_list();
                       put_path_parameters(out, route.path);
                       for (const auto filter : read.filters)
                           put_parameter(out, filter, "query", false, R"({"type":"string"})");
                       if (read.as_of != nullptr)
                           put_parameter(out, "as_of", "query", false, R"({"type":"string"})");
                       if (read.pages) put_page_parameters(out);
                       put_parameter(out, "Consistency-Token", "header", false,
                                     R"({"type":"string"})");
                       put_purpose(out);
                       out.close_list();
                       put_read_rest(out, read.schema, read.pages, read.csv, read.lines);
                   },
                   [&](const Question& question) { put_question(out, route, question); },
                   [&](const LogRead& read) {
                       out.key("parameters").open_list();
                       put_path_parameters(out, route.path);
                       for (const auto filter : read.filters)
                           put_parameter(out, filter, "query", false, R"({"type":"string"})");
                       if (read.pages) put_page_parameters(out);
                       put_purpose(out);
                       out.close_list();
                       put_read_rest(out, read.schema, read.pages, false, false);
                   },
                   [&](const Talk& talk) {
                       out.key("parameters").open_list();
                       put_path_parameters(out, route.path);
                       for (const auto parameter : talk.parameters)
                           put_parameter(out, parameter, "query", false, R"({"type":"string"})");
                       out.close_list();
                       put_talk_rest(out, talk);
                   },
               },
               route.does);
    out.close();
}

void put_schemas(Writer& out) {
    out.key("schemas").open();
    for (const auto& schema : schemas()) out.key(schema.name).raw(schema.json);
    for (const auto name : paged_schemas()) {
        out.key(std::string{name} + "Page").open().key("type").text("object");
        out.key("required").open_list().text("items").text("next").close_list();
        out.key("properties").open().key("items").open().key("type").text("array").key("items");
        put_reference(out, name);
        out.close().key("next").raw(R"({"type":["string","null"]})").close().close();
    }
    out.close();
}

std::string document() {
    Writer out;
    out.open().key("openapi").text("3.1.0").key("info").open();
    out.key("title").text("Cairn").key("version").text("1");
    out.key("description")
        .text(
            "Commands append immutable events; queries read what projections "
            "made of them.");
    out.key("license").open().key("name").text("See the repository").key("identifier");
    out.text("LicenseRef-Cairn").close().close();
    out.key("servers").open_list().open().key("url").text("/").close().close_list();
    out.key("security").open_list().open().key("bearer").open_list().close_list().close();
    out.close_list().key("paths").open();
    const auto all = routes();
    for (std::size_t i = 0; i < all.size(); ++i) {
        bool seen = false;
        for (std::size_t k = 0; k < i; ++k) seen = seen || all[k].path == all[i].path;
        if (seen) continue;
        out.key(all[i].path).open();
        for (const auto& route : all) {
            if (route.path == all[i].path) put_operation(out, route);
        }
        out.close();
    }
    out.close().key("components").open();
    out.key("securitySchemes").open().key("bearer").open().key("type").text("http");
    out.key("scheme").text("bearer").key("bearerFormat").text("JWT").close().close();
    put_schemas(out);
    out.close().close();
    return out.take();
}

}  // namespace

const std::string& openapi() {
    static const std::string made = document();
    return made;
}

}  // namespace http
