#include <hawser/http/head_guard.hpp>

#include <http/guarding.hpp>
#include <http/pieces.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

using hawser::Error;
using hawser::HeadLimits;
using hawser::http::HeadGuard;
using test::Verdict;
using Section = HeadGuard::Section;

namespace {

/// What the guard says about `bytes`, the same in whatever pieces they come.
Verdict guard(std::string_view bytes, Section section = Section::request,
              const HeadLimits& limits = {}) {
    std::optional<Verdict> first;
    for (const auto& pieces : test::all_splits(bytes)) {
        const Verdict verdict = test::guard_pieces(pieces, section, limits);
        if (!first) first = verdict;
        CHECK(verdict == *first);
    }
    return *first;
}

}  // namespace

TEST_CASE("the guard finds the end of a head, and counts its fields") {
    const std::string head = "GET /a?b HTTP/1.1\r\nHost: a\r\nX:\r\nY: \t b\r\n\r\n";
    const Verdict verdict = guard(head + "what follows");
    CHECK(verdict.complete);
    CHECK(verdict.size == head.size());
    CHECK(verdict.fields == 3);
    CHECK(guard("GET / HTTP/1.0\r\n\r\n").complete);
}

TEST_CASE("no proper beginning of a head is complete or wrong") {
    const std::string head = "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t size = 0; size != head.size(); ++size) {
        const Verdict verdict = guard(head.substr(0, size));
        CHECK(!verdict.complete);
        CHECK(!verdict.error);
    }
    CHECK(guard(head).complete);
}

TEST_CASE("each error of a request line has its name") {
    const auto is = [](std::string_view bytes, Error error) {
        CAPTURE(bytes);
        CHECK(guard(bytes).error == error);
    };
    is("\n", Error::bad_line_end);
    is("\rG", Error::bad_line_end);
    is("\r\n\r\n", Error::bad_request_line);
    is("(", Error::bad_request_line);
    is("GET\t", Error::bad_request_line);
    is("GET\r", Error::bad_request_line);
    is("GET  ", Error::bad_target);
    is("GET /\t", Error::bad_target);
    is("GET /#", Error::bad_target);
    is("GET /\r", Error::bad_request_line);
    is("GET / HTTX", Error::bad_request_line);
    is("GET / HTTP/2", Error::bad_version);
    is("GET / HTTP/1.2", Error::bad_version);
    is("GET / HTTP/1.x", Error::bad_request_line);
    is("GET / HTTP/x", Error::bad_request_line);
    is("GET / HTTP/1.1 ", Error::bad_request_line);
    is("GET / HTTP/1.1\n", Error::bad_line_end);
    is("GET / HTTP/1.1\rX", Error::bad_line_end);
}

TEST_CASE("each error of a field line has its name") {
    const auto is = [](std::string_view bytes, Error error) {
        CAPTURE(bytes);
        CHECK(guard("GET / HTTP/1.1\r\n" + std::string{bytes}).error == error);
        CHECK(guard("HTTP/1.1 200 OK\r\n" + std::string{bytes}, Section::response).error == error);
        CHECK(guard(bytes, Section::trailers).error == error);
    };
    is(":", Error::bad_field);
    is(" ", Error::bad_field);
    is("\t", Error::bad_field);
    is("\n", Error::bad_line_end);
    is("\rX", Error::bad_line_end);
    is("X ", Error::bad_field);
    is("X\r", Error::bad_field);
    is("X: \n", Error::bad_line_end);
    is("X: \rY", Error::bad_line_end);
    is("X: \x7f", Error::bad_field);
    is(std::string_view{"X: \0", 4}, Error::bad_field);
    is("X: a\r\n b", Error::bad_field);
    is("X: a\r\n\n", Error::bad_line_end);
}

TEST_CASE("each error of a status line has its name") {
    const auto is = [](std::string_view bytes, Error error) {
        CAPTURE(bytes);
        CHECK(guard(bytes, Section::response).error == error);
    };
    is("h", Error::bad_status_line);
    is("\r", Error::bad_status_line);
    is("\n", Error::bad_line_end);
    is("HTTP/2", Error::bad_status_line);
    is("HTTP/1.2", Error::bad_version);
    is("HTTP/1.1\t", Error::bad_status_line);
    is("HTTP/1.1  ", Error::bad_status_line);
    is("HTTP/1.1 0", Error::bad_status_line);
    is("HTTP/1.1 6", Error::bad_status_line);
    is("HTTP/1.1 20 ", Error::bad_status_line);
    is("HTTP/1.1 2000", Error::bad_status_line);
    is("HTTP/1.1 200\n", Error::bad_line_end);
    is("HTTP/1.1 200 O\n", Error::bad_line_end);
    is("HTTP/1.1 200 O\rX", Error::bad_line_end);
    is("HTTP/1.1 200 \x01", Error::bad_status_line);
    CHECK(guard("HTTP/1.0 599 A b\xff\r\n\r\n", Section::response).complete);
    CHECK(guard("HTTP/1.1 100\r\n\r\n", Section::response).complete);
}

TEST_CASE("a trailer section may be empty") {
    CHECK(guard("\r\n", Section::trailers).complete);
    CHECK(guard("A: b\r\n\r\n", Section::trailers).fields == 1);
}

TEST_CASE("each limit holds to the byte") {
    const std::string head = "GET /abc HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    CHECK(guard(head, Section::request, {.bytes = head.size()}).complete);
    CHECK(guard(head, Section::request, {.bytes = head.size() - 1}).error == Error::head_too_big);
    CHECK(guard(head, Section::request, {.fields = 2}).complete);
    CHECK(guard(head, Section::request, {.fields = 1}).error == Error::too_many_fields);
    CHECK(guard(head, Section::request, {.target = 4}).complete);
    CHECK(guard(head, Section::request, {.target = 3}).error == Error::target_too_long);
    CHECK(guard(head, Section::request, {.bytes = 6}).error == Error::target_too_long);
}

TEST_CASE("a guard can begin anew") {
    const HeadLimits limits;
    HeadGuard guard{Section::response, limits};
    CHECK(guard.feed("HTTP/1.1 200 OK\r\n\r\n") == 19);
    CHECK(guard.complete());
    guard.reset();
    CHECK(guard.size() == 0);
    CHECK(guard.feed("HTTP/1.1 200 OK\r\n\r\nX") == 19);
    CHECK(guard.complete());
}
