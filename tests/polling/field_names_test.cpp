#include <hawser/polling/field_names.hpp>

#include <doctest/doctest.h>

#include <string_view>

namespace field = hawser::polling::field;

TEST_CASE("every field of the protocol begins with its name") {
    for (const std::string_view name :
         {field::version, field::session, field::after, field::request, field::hold, field::first,
          field::received, field::interval, field::grace, field::max_message, field::max_body,
          field::error}) {
        CHECK(name.substr(0, 6) == "Hawser");
        CHECK((name == field::version || name.substr(6, 1) == "-"));
    }
}

TEST_CASE("the version and the media type are those of version 1") {
    CHECK(hawser::polling::protocol_version == "1");
    CHECK(hawser::polling::frames_media_type == "application/vnd.hawser.frames");
}
