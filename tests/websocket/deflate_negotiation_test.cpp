#include <hawser/websocket/deflate_negotiation.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <string_view>

using namespace hawser;
using namespace hawser::websocket;

namespace {

/// Both sides keep their windows as large, and as long, as they can.
constexpr DeflateOptions generous{.send = {.context_takeover = true},
                                  .receive = {.context_takeover = true}};

/// What a server answers to `offers`.
std::string answered(std::string_view offers, const DeflateOptions& options = generous) {
    const auto accepted = accept_deflate(offers, options);
    return accepted ? accepted->field : "declined";
}

/// What a client that has offered `options` makes of `answer`.
Result<DeflateAgreement> read(std::string_view answer, const DeflateOptions& options = generous) {
    return read_deflate_answer(answer, options);
}

void check_refused(std::string_view answer, const DeflateOptions& options = generous) {
    CAPTURE(answer);
    CHECK(read(answer, options).error() == Error::unrequested_extension);
}

}  // namespace

TEST_CASE("a server grants what a client asks for (RFC 7692 §7.1)") {
    const struct {
        std::string_view offer;
        std::string_view answer;
    } cases[] = {
        {"permessage-deflate", "permessage-deflate"},
        {"permessage-deflate; client_max_window_bits", "permessage-deflate"},
        {"permessage-deflate; server_no_context_takeover",
         "permessage-deflate; server_no_context_takeover"},
        {"permessage-deflate; client_no_context_takeover",
         "permessage-deflate; client_no_context_takeover"},
        {"permessage-deflate; server_max_window_bits=10",
         "permessage-deflate; server_max_window_bits=10"},
        {"permessage-deflate; server_max_window_bits=\"10\"",
         "permessage-deflate; server_max_window_bits=10"},
        {"permessage-deflate; client_max_window_bits=8",
         "permessage-deflate; client_max_window_bits=8"},
        {"permessage-deflate; client_max_window_bits=15", "permessage-deflate"},
        {"permessage-deflate; server_max_window_bits=15",
         "permessage-deflate; server_max_window_bits=15"},
    };
    for (const auto& [offer, answer] : cases) {
        CAPTURE(offer);
        CHECK(answered(offer) == answer);
    }
}

TEST_CASE("a server restricts both sides as far as it may") {
    const DeflateOptions frugal{.send = {.window_bits = 11}, .receive = {.window_bits = 10}};
    const std::string server = "permessage-deflate; server_no_context_takeover; "
                               "client_no_context_takeover; server_max_window_bits=";
    // "a server MUST NOT" restrict the client's window without its word (§7.1.2.2).
    CHECK(answered("permessage-deflate", frugal) == server + "11");
    CHECK(answered("permessage-deflate; client_max_window_bits", frugal) ==
          server + "11; client_max_window_bits=10");
    CHECK(answered("permessage-deflate; client_max_window_bits=9; server_max_window_bits=12",
                   frugal) == server + "11; client_max_window_bits=9");
    CHECK(answered("permessage-deflate; server_max_window_bits=9", frugal) == server + "9");
}

TEST_CASE("by default no side keeps its window, and windows are as large as they can be") {
    CHECK(answered("permessage-deflate; client_max_window_bits", {}) ==
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    CHECK(deflate_offer({}) == "permessage-deflate; server_no_context_takeover; "
                               "client_no_context_takeover; client_max_window_bits");
}

TEST_CASE("B09 an offer with a parameter that is unknown, repeated or out of range is declined") {
    for (const std::string_view parameters :
         {"x", "x=1", "server_no_context_takeover=1", "client_no_context_takeover=true",
          "server_no_context_takeover; server_no_context_takeover",
          "client_no_context_takeover; client_no_context_takeover", "server_max_window_bits",
          "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=0",
          "server_max_window_bits=-1", "server_max_window_bits=+9", "server_max_window_bits=09",
          "server_max_window_bits=abc", "server_max_window_bits=1e1", "server_max_window_bits=20",
          "server_max_window_bits=100000000000000000000000000000", "server_max_window_bits=\"\"",
          "server_max_window_bits=10; server_max_window_bits=10", "client_max_window_bits=7",
          "client_max_window_bits=16", "client_max_window_bits; client_max_window_bits",
          "client_max_window_bits; client_max_window_bits=10", "Server_No_Context_Takeover"}) {
        CAPTURE(parameters);
        CHECK(answered("permessage-deflate; " + std::string{parameters}) == "declined");
    }
}

TEST_CASE("B09 zlib has no window of 256 bytes, so an offer that demands one is declined") {
    CHECK(answered("permessage-deflate; server_max_window_bits=8") == "declined");
    CHECK(answered("permessage-deflate; server_max_window_bits=8, permessage-deflate") ==
          "permessage-deflate");
}

TEST_CASE("the first offer that can be met is accepted, whatever else is offered") {
    CHECK(answered("x-webkit-deflate-frame, permessage-deflate; x, "
                   "permessage-deflate; server_max_window_bits=12, permessage-deflate") ==
          "permessage-deflate; server_max_window_bits=12");
    CHECK(answered("x-webkit-deflate-frame; no_context_takeover") == "declined");
    CHECK(answered("Permessage-Deflate") == "declined");
    CHECK(answered("") == "declined");
    CHECK(answered("permessage-deflate, ;;;") == "declined");
}

TEST_CASE("a client offers what it wants") {
    CHECK(deflate_offer(generous) == "permessage-deflate; client_max_window_bits");
    CHECK(deflate_offer({.send = {.window_bits = 9, .context_takeover = true},
                         .receive = {.window_bits = 12, .context_takeover = true}}) ==
          "permessage-deflate; server_max_window_bits=12; client_max_window_bits=9");
}

TEST_CASE("a client does as the server answers") {
    CHECK(*read("permessage-deflate") == DeflateAgreement{});
    CHECK(*read("permessage-deflate; server_no_context_takeover; client_no_context_takeover") ==
          DeflateAgreement{.server = {}, .client = {}});
    CHECK(*read("permessage-deflate; server_max_window_bits=8; client_max_window_bits=\"9\"") ==
          DeflateAgreement{.server = {.window_bits = 8, .context_takeover = true},
                           .client = {.window_bits = 9, .context_takeover = true}});
}

TEST_CASE("a client keeps to what it has said of itself, whatever the server answers") {
    const DeflateOptions options{.send = {.window_bits = 10},
                                 .receive = {.context_takeover = true}};
    CHECK(*read("permessage-deflate", options) ==
          DeflateAgreement{.client = {.window_bits = 10, .context_takeover = false}});
}

TEST_CASE("B10 a client refuses what it has not offered") {
    for (const std::string_view answer :
         {"", "x-unknown", "permessage-deflate, permessage-deflate", "permessage-deflate, x",
          "permessage-deflate; x", "permessage-deflate; server_max_window_bits",
          "permessage-deflate; client_max_window_bits",
          "permessage-deflate; server_max_window_bits=16",
          "permessage-deflate; client_max_window_bits=7",
          "permessage-deflate; server_no_context_takeover=1",
          "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
          "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10", ";;;"}) {
        check_refused(answer);
    }
    const DeflateOptions small{.send = {.window_bits = 10}, .receive = {.window_bits = 10}};
    const std::string fresh = "permessage-deflate; server_no_context_takeover";
    CHECK(read(fresh + "; server_max_window_bits=10", small));
    check_refused(fresh, small);
    check_refused(fresh + "; server_max_window_bits=11", small);
    check_refused(fresh + "; server_max_window_bits=10; client_max_window_bits=11", small);
    check_refused("permessage-deflate; server_max_window_bits=10", small);
}

TEST_CASE("what one side of this library offers the other accepts, and both mean the same") {
    for (const int server_bits : {9, 12, 15}) {
        for (const int client_bits : {9, 12, 15}) {
            for (const int takeovers : {0, 1, 2, 3}) {
                const DeflateOptions server{
                    .send = {server_bits, (takeovers & 1) != 0},
                    .receive = {client_bits, (takeovers & 2) != 0}};
                const DeflateOptions client{.send = {15, true}, .receive = {12, true}};
                const auto accepted = accept_deflate(deflate_offer(client), server);
                REQUIRE(accepted);
                const auto read_back = read(accepted->field, client);
                REQUIRE(read_back);
                CHECK(*read_back == accepted->agreement);
            }
        }
    }
}

TEST_CASE("options must be what zlib can do") {
    CHECK_FALSE(check(DeflateOptions{}));
    CHECK(check({.send = {.window_bits = 8}}) == Error::bad_argument);
    CHECK(check({.receive = {.window_bits = 16}}) == Error::bad_argument);
    CHECK(check({.level = 0}) == Error::bad_argument);
    CHECK(check({.level = 10}) == Error::bad_argument);
    CHECK(check({.memory_level = 0}) == Error::bad_argument);
    CHECK(check({.memory_level = 10}) == Error::bad_argument);
}
