#include <hawser/http/server_connection.hpp>

#include <http/serving.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Well-formed input in which every part of the grammar occurs.
const std::string valid =
    "\r\n" +
    test::get("X-Long: " + std::string(30, 'x') + "\r\nConnection: keep-alive\r\n", "/a?b=%20") +
    test::post("Content-Length: 11\r\nExpect: 100-continue\r\n", "hello world") +
    test::post_chunked("5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n") +
    "GET http://a/ HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n" +
    test::get("Connection: Upgrade\r\nUpgrade: websocket\r\n");

/// One small change: a byte replaced, removed, repeated or inserted, or a piece moved.
std::string mutate(std::string text, std::mt19937& random) {
    constexpr std::string_view likely{"\r\n\t :;,#%/0\0\x7f\x80"
                                      "5a",
                                      16};
    const std::size_t at = random() % text.size();
    const char c = likely[random() % likely.size()];
    switch (random() % 6) {
    case 0: text[at] = c; break;
    case 1: text.erase(at, 1 + random() % 3); break;
    case 2: text.insert(at, 1, c); break;
    case 3: text.insert(at, 1, text[at]); break;
    case 4: text[at] = static_cast<char>(random() % 256); break;
    default: text.insert(at, text.substr(random() % text.size(), random() % 40)); break;
    }
    return text;
}

}  // namespace

TEST_CASE("a connection that gets damaged requests behaves the same in whatever pieces they come") {
    for (unsigned seed = 1; seed <= 1500; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        std::string input = valid;
        for (auto changes = 1 + random() % 3; changes != 0; --changes) {
            input = mutate(input, random);
        }
        const auto outcome = test::serve(input);
        // Nothing is answered behind an answer that ends the connection.
        const std::size_t last = outcome.output.find("Connection: close\r\n");
        CHECK(outcome.output.find("HTTP/1.1 ",
                                  last == std::string::npos ? outcome.output.size() : last) ==
              std::string::npos);
    }
}
