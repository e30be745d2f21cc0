#include <hawser/http/status.hpp>

#include <doctest/doctest.h>

#include <ostream>

using hawser::Error;
using hawser::http::reason_phrase;
using hawser::http::status_for;

TEST_CASE("registered statuses have a reason phrase, others none") {
    CHECK(reason_phrase(200) == "OK");
    CHECK(reason_phrase(431) == "Request Header Fields Too Large");
    CHECK(reason_phrase(299).empty());
}

TEST_CASE("each error is answered with a status of its own kind") {
    CHECK(status_for(Error::bad_field) == 400);
    CHECK(status_for(Error::bad_host) == 400);
    CHECK(status_for(Error::origin_refused) == 403);
    CHECK(status_for(Error::exchange_timeout) == 408);
    CHECK(status_for(Error::body_too_big) == 413);
    CHECK(status_for(Error::target_too_long) == 414);
    CHECK(status_for(Error::content_coding) == 415);
    CHECK(status_for(Error::bad_expectation) == 417);
    CHECK(status_for(Error::bad_websocket_version) == 426);
    CHECK(status_for(Error::head_too_big) == 431);
    CHECK(status_for(Error::too_many_fields) == 431);
    CHECK(status_for(Error::unknown_method) == 501);
    CHECK(status_for(Error::unknown_transfer_coding) == 501);
    CHECK(status_for(Error::answer_timeout) == 503);
    CHECK(status_for(Error::draining) == 503);
    CHECK(status_for(Error::bad_version) == 505);
    CHECK(status_for(std::make_error_code(std::errc::io_error)) == 400);
    for (int error = 1; error != 100; ++error) {
        const unsigned status = status_for(static_cast<Error>(error));
        CHECK(!reason_phrase(status).empty());
    }
}
