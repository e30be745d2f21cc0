#include <hawser/core/version.hpp>

#include <doctest/doctest.h>

#include <string>

TEST_CASE("the version as text is made of its three numbers") {
    const std::string numbers = std::to_string(hawser::version_major) + "." +
                                std::to_string(hawser::version_minor) + "." +
                                std::to_string(hawser::version_patch);
    CHECK(hawser::version == numbers);
}
