#pragma once
#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

#include "src/http/server.hpp"

/// Inside the server: from bytes to a Request.
namespace http {

/// Builds a Request from bytes that the guard let pass.
class RequestParser final : public boost::beast::http::basic_parser<true> {
public:
    Request request;

    explicit RequestParser(const Limits& limits) {
        header_limit(static_cast<std::uint32_t>(limits.header_bytes_max + 1));
        body_limit(boost::none);  // until the session knows whose body it is
    }

private:
    static constexpr std::size_t body_reserve_bytes_max = 64 * 1024;
    using View = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb, View method, View target, int,
                         boost::system::error_code&) override {
        request.method.assign(method);
        request.target.assign(target);
    }
    void on_response_impl(int, View, int, boost::system::error_code&) override {}
    void on_field_impl(boost::beast::http::field, View name, View value,
                       boost::system::error_code&) override {
        if (is_header_done()) return;  // a trailer: dropped, never merged
        auto& header = request.headers.emplace_back(name, value);
        for (char& c : header.first) c = boost::beast::detail::ascii_tolower(c);
    }
    void on_header_impl(boost::system::error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                           boost::system::error_code&) override {
        request.body.reserve(std::min<std::size_t>(length.value_or(0), body_reserve_bytes_max));
    }
    std::size_t on_body_impl(View part, boost::system::error_code&) override {
        request.body.append(part);
        return part.size();
    }
    void on_chunk_header_impl(std::uint64_t, View extension,
                              boost::system::error_code& error) override {
        if (!extension.empty()) error = boost::beast::http::error::bad_chunk_extension;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, View part, boost::system::error_code&) override {
        request.body.append(part);
        return part.size();
    }
    void on_finish_impl(boost::system::error_code&) override {}
};

}  // namespace http
