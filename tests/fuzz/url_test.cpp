#include <fuzz/target.hpp>

#include <hawser/http/target.hpp>
#include <hawser/http/url.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

using namespace hawser;
using namespace hawser::http;

namespace {

std::string_view name_of(Scheme scheme) {
    constexpr std::string_view names[] = {"http", "https", "ws", "wss"};
    return names[static_cast<std::size_t>(scheme)];
}

/// What is parsed says the same when it is written down and parsed again, and can stand in a
/// request line and in a Host field.
void check_url(std::string_view text) {
    const auto url = parse_url(text);
    if (!url) return;
    const std::string again =
        std::string{name_of(url->scheme)} + "://" + url->authority() + url->target;
    const auto reread = parse_url(again);
    REQUIRE(reread);
    CHECK(*reread == *url);
    CHECK(url->port != 0);
    CHECK(!url->host.empty());
    CHECK(url->target.starts_with('/'));
    for (const std::string& part : {url->target, url->authority()}) {
        CHECK(std::ranges::all_of(part, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; }));
    }
    CHECK(url->host.find_first_of("@/?%") == std::string::npos);
    const auto authority = parse_authority(url->authority());
    REQUIRE(authority);
    CHECK(authority->host == url->host);
    CHECK(authority->port.value_or(default_port(url->scheme)) == url->port);
}

void check_authority(std::string_view text) {
    const auto authority = parse_authority(text);
    if (!authority) return;
    const bool has_brackets = authority->host.find(':') != std::string::npos;
    const std::string host = has_brackets ? '[' + authority->host + ']' : authority->host;
    const auto again = parse_authority(
        authority->port ? host + ':' + std::to_string(*authority->port) : host);
    REQUIRE(again);
    CHECK(*again == *authority);
}

int digit(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const char small = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto at = digits.find(small);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::optional<std::string> decode_plainly(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size() || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return {};
        decoded += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    return decoded;
}

bool has_dot_segments_plainly(const std::string& path) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const auto segment = decode_plainly(path.substr(begin, end - begin));
        if (segment && (*segment == "." || *segment == "..")) return true;
        begin = end + 1;
    }
    return false;
}

void check_target(std::string_view text) {
    CHECK(percent_decode(text) == decode_plainly(text));
    CHECK(percent_decode(percent_encode(text)) == std::string{text});
    const auto decoded = decode_plainly(text);
    const bool no_nul = text.find("%00") == std::string_view::npos;
    CHECK(is_well_encoded(text) == (decoded.has_value() && no_nul));
    CHECK(has_dot_segments(text) == has_dot_segments_plainly(std::string{text}));
    // A parameter that is put in is found again, unless the first of its name is another.
    const std::string name{text.substr(0, std::min<std::size_t>(text.size(), 3))};
    const std::string pair = percent_encode(name) + '=' + percent_encode(text);
    CHECK(query_parameter(pair, name) == std::string{text});
    CHECK(query_parameter_count(pair + '&' + pair, name) == 2);
    if (query_parameter(text, name)) CHECK(query_parameter_count(text, name) > 0);
}

void fuzz(ByteView input) {
    const std::string_view text = as_characters(input);
    check_url(text);
    check_authority(text);
    check_target(text);
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("any URL, authority or target means the same when it is written down and read again") {
    CHECK(offered);
    test::replay("url", fuzz);
    test::try_at_random("url", fuzz, 1000);
}
