#include <hawser/http/response.hpp>

#include <doctest/doctest.h>

TEST_CASE("a text response is marked as text, which no browser takes for something else") {
    const auto response = hawser::http::make_text_response(404, "nothing here");
    CHECK(response.status == 404);
    CHECK(response.fields.find("Content-Type") == "text/plain; charset=utf-8");
    CHECK(response.fields.find("X-Content-Type-Options") == "nosniff");
    CHECK(hawser::as_characters(response.body.flatten()) == "nothing here");
}
