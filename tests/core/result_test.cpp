#include <hawser/core/result.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>

using hawser::Error;
using hawser::Result;

namespace {

Result<int> half_of(int value) {
    if (value % 2 != 0) return Error::bad_argument;
    return value / 2;
}

}  // namespace

TEST_CASE("a result is a value or an error") {
    const Result<int> good = half_of(4);
    REQUIRE(good);
    CHECK(good.has_value());
    CHECK(*good == 2);
    CHECK(!good.error());

    const Result<int> bad = half_of(3);
    CHECK(!bad);
    CHECK(!bad.has_value());
    CHECK(bad.error() == Error::bad_argument);
}

TEST_CASE("a result takes the error code of any category") {
    const Result<int> result = std::make_error_code(std::errc::no_such_file_or_directory);
    CHECK(!result);
    CHECK(result.error() == std::errc::no_such_file_or_directory);
}

TEST_CASE("the value of a result can be changed, and moved out") {
    Result<std::string> text = std::string{"ahoy"};
    text->push_back('!');
    CHECK(*text == "ahoy!");
    CHECK(std::as_const(text)->size() == 5);
    *text = "changed";
    CHECK(*std::as_const(text) == "changed");

    Result<std::unique_ptr<int>> owner = std::make_unique<int>(7);
    const std::unique_ptr<int> taken = *std::move(owner);
    CHECK(*taken == 7);
    CHECK(*owner == nullptr);
}
