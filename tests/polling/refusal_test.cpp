#include <hawser/polling/refusal.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace hawser;
using polling::Refusal;
using polling::refusal_named;
using polling::terms_of;

namespace {

struct Row {
    Refusal refusal;
    unsigned status;
    std::string_view word;
    Error error;
};

const std::vector<Row> table{
    {Refusal::bad_request, 400, "bad-request", Error::bad_polling_request},
    {Refusal::bad_number, 400, "bad-number", Error::bad_number},
    {Refusal::bad_frames, 400, "bad-frames", Error::bad_frames},
    {Refusal::method, 405, "bad-request", Error::bad_polling_request},
    {Refusal::unknown_session, 404, "unknown-session", Error::unknown_session},
    {Refusal::superseded, 409, "superseded", Error::superseded},
    {Refusal::gap, 409, "gap", Error::gap},
    {Refusal::message_too_big, 413, "message-too-big", Error::message_too_big},
    {Refusal::body_too_big, 413, "body-too-big", Error::body_too_big},
    {Refusal::media_type, 415, "media-type", Error::media_type},
    {Refusal::origin, 403, "origin", Error::origin_refused},
    {Refusal::busy, 503, "busy", Error::busy},
    {Refusal::too_many, 503, "too-many", Error::too_many},
    {Refusal::too_many_of_address, 429, "too-many", Error::too_many},
    {Refusal::draining, 503, "draining", Error::draining},
};

}  // namespace

TEST_CASE("each refusal has its status, its word and its error") {
    for (const Row& row : table) {
        const auto terms = terms_of(row.refusal);
        CHECK(terms.status == row.status);
        CHECK(terms.word == row.word);
        CHECK(terms.error == row.error);
    }
}

TEST_CASE("every word names its refusal") {
    std::set<std::string> words;
    for (const Row& row : table) {
        const auto named = refusal_named(row.word);
        REQUIRE(named);
        CHECK(terms_of(*named).word == row.word);
        CHECK(terms_of(*named).error == row.error);
        words.emplace(row.word);
    }
    CHECK(words.size() == 13);
}

TEST_CASE("other words name no refusal") {
    for (const char* word : {"", "gone", "Gap", "gap ", "bad-numbers"}) {
        CHECK_FALSE(refusal_named(word));
    }
}
