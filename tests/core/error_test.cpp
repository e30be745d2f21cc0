#include <hawser/core/error.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

using hawser::Condition;
using hawser::Error;

namespace {

/// The compiler spells an enumerator by its name, any other value as a cast: "(hawser::Error)200".
template <Error value>
constexpr bool is_enumerator() {
    const std::string_view signature = __PRETTY_FUNCTION__;
    return signature.find("value = (") == std::string_view::npos;
}

constexpr auto enumerators = []<std::size_t... value>(std::index_sequence<value...>) {
    return std::array{is_enumerator<static_cast<Error>(value)>()...};
}(std::make_index_sequence<256>{});

static_assert(enumerators[1] && !enumerators[0] && !enumerators[255]);

constexpr Condition conditions[] = {Condition::protocol_violation, Condition::refused,
                                    Condition::unreachable,        Condition::overloaded,
                                    Condition::closed,             Condition::misuse};

}  // namespace

TEST_CASE("every error has a text of its own, and nothing else has") {
    std::set<std::string> texts;
    std::size_t errors = 0;
    for (std::size_t value = 0; value != enumerators.size(); ++value) {
        CAPTURE(value);
        const std::string text = hawser::error_category().message(static_cast<int>(value));
        CHECK(!text.empty());
        CHECK((text != "unknown error") == enumerators[value]);
        if (!enumerators[value]) continue;
        ++errors;
        texts.insert(text);
    }
    // The same fault of the peer and of the application have different names and one text.
    CHECK(texts.size() == errors - 1);
}

TEST_CASE("every error belongs to exactly one condition, and nothing else does") {
    for (std::size_t value = 0; value != enumerators.size(); ++value) {
        CAPTURE(value);
        const std::error_code error{static_cast<int>(value), hawser::error_category()};
        std::size_t matches = 0;
        for (const Condition condition : conditions) {
            if (error == condition) ++matches;
        }
        CHECK(matches == (enumerators[value] ? 1 : 0));
    }
}

TEST_CASE("an error converts to an error code of its own category") {
    const std::error_code error = Error::closed;
    CHECK(error);
    CHECK(error.category() == hawser::error_category());
    CHECK(error.category() != hawser::condition_category());
    CHECK(std::string{error.category().name()} == "hawser");
    CHECK(error.message() == "the channel was closed");
    CHECK(error == Error::closed);
    CHECK(error != Error::aborted);
}

TEST_CASE("errors are grouped by what can be done about them") {
    const auto condition_of = [](Error error) { return make_error_code(error); };
    CHECK(condition_of(Error::closed) == Condition::closed);
    CHECK(condition_of(Error::connection_lost) == Condition::unreachable);
    CHECK(condition_of(Error::slow_consumer) == Condition::overloaded);
    CHECK(condition_of(Error::invalid_text) == Condition::misuse);
    CHECK(condition_of(Error::invalid_utf8) == Condition::protocol_violation);
    CHECK(condition_of(Error::origin_refused) == Condition::refused);
    CHECK(condition_of(Error::tls_required) == Condition::misuse);
}

TEST_CASE("each condition has a text of its own") {
    std::set<std::string> texts;
    for (const Condition condition : conditions) {
        texts.insert(make_error_condition(condition).message());
    }
    CHECK(texts.size() == std::size(conditions));
    CHECK(!texts.contains("unknown condition"));
    CHECK(std::string{hawser::condition_category().name()} == "hawser.condition");
    CHECK(hawser::condition_category().message(0) == "unknown condition");
}

TEST_CASE("a value that is no error is none in other categories either") {
    const std::error_code error{1, std::generic_category()};
    CHECK(error != Error::closed);
    CHECK(error != Condition::closed);
}
