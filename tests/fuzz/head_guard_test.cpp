#include <fuzz/target.hpp>

#include <http/guarding.hpp>

#include <hawser/http/head_guard.hpp>
#include <hawser/http/parser.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace hawser;
using namespace hawser::http;
using Section = HeadGuard::Section;

// The first byte says which section and which limits; the rest is what arrives.

namespace {

/// A head as it is read line by line, once it is here: a way to decide that has nothing in common
/// with the guard's.
struct PlainHead {
    std::size_t size = 0;
    std::string_view first_line;
    std::vector<Field> fields;
};

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
    });
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
    });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    return line;
}

bool is_request_line(std::string_view line) {
    const std::size_t one = line.find(' ');
    const std::size_t two = line.rfind(' ');
    if (one == two || one == std::string_view::npos) return false;
    const auto target = line.substr(one + 1, two - one - 1);
    const auto version = line.substr(two + 1);
    return is_token(line.substr(0, one)) && !target.empty() &&
           std::ranges::all_of(target,
                               [](char c) { return c > ' ' && c < '\x7f' && c != '#'; }) &&
           (version == "HTTP/1.0" || version == "HTTP/1.1");
}

bool is_status_line(std::string_view line) {
    if (!line.starts_with("HTTP/1.0 ") && !line.starts_with("HTTP/1.1 ")) return false;
    line.remove_prefix(9);
    if (line.size() < 3 || line[0] < '1' || line[0] > '5') return false;
    for (const char c : line.substr(0, 3)) {
        if (c < '0' || c > '9') return false;
    }
    line.remove_prefix(3);
    return line.empty() || (line[0] == ' ' && !has_control(line));
}

std::optional<PlainHead> read_plainly(Section section, const std::string_view text) {
    PlainHead head;
    std::string_view left = text;
    if (section == Section::request && left.starts_with("\r\n")) left.remove_prefix(2);
    if (section != Section::trailers) {
        const auto line = take_line(left);
        if (!line) return std::nullopt;
        const bool good = section == Section::request ? is_request_line(*line)
                                                      : is_status_line(*line);
        if (!good) return std::nullopt;
        head.first_line = *line;
    }
    while (const auto line = take_line(left)) {
        if (line->empty()) {
            head.size = text.size() - left.size();
            return head;
        }
        const std::size_t colon = line->find(':');
        if (colon == std::string_view::npos || !is_token(line->substr(0, colon)) ||
            has_control(*line)) {
            return std::nullopt;
        }
        head.fields.push_back({line->substr(0, colon), trimmed(line->substr(colon + 1))});
    }
    return std::nullopt;
}

/// The head that llhttp reads is the one that stands there, or it is refused.
template <class Parsed>
void check_parsed(const Parsed& parsed, const PlainHead& plain) {
    if (!parsed) return;
    REQUIRE(parsed->fields.size() == plain.fields.size());
    for (std::size_t i = 0; i != plain.fields.size(); ++i) {
        CHECK(parsed->fields[i] == plain.fields[i]);
    }
}

void check_parser(Section section, std::string_view text, const PlainHead& plain) {
    text = text.substr(0, plain.size);
    if (section == Section::response) {
        const auto head = parse_response_head(text);
        check_parsed(head, plain);
        if (head) CHECK(std::to_string(head->status) == plain.first_line.substr(9, 3));
        return;
    }
    const auto head = parse_request_head(text);
    check_parsed(head, plain);
    if (!head) return;
    CHECK(head->method + ' ' + head->target + " HTTP/1." + std::to_string(head->minor_version) ==
          plain.first_line);
}

void fuzz(ByteView input) {
    if (input.empty()) return;
    const auto choice = std::to_integer<unsigned>(input.front());
    const auto section = static_cast<Section>(choice % 3);
    HeadLimits limits;
    if (choice / 3 % 2 == 1) limits = {.bytes = 60, .fields = 3, .target = 20};
    const ByteView bytes = input.subspan(1);
    const std::string_view text = as_characters(bytes);

    test::Random cuts = test::random_of(input);
    const auto whole = test::guard_pieces(std::vector{bytes}, section, limits);
    CHECK(test::guard_pieces(test::cut_at_random(bytes, cuts), section, limits) == whole);

    const auto plain = read_plainly(section, text);
    if (whole.complete) {
        REQUIRE(plain);
        CHECK(whole.size == plain->size);
        CHECK(whole.fields == plain->fields.size());
        CHECK(whole.size <= limits.bytes);
        CHECK(whole.fields <= limits.fields);
        if (section != Section::trailers) check_parser(section, text, *plain);
        return;
    }
    // What it does not let through is no head, or exceeds a limit.
    if (plain) {
        CHECK((whole.error == Error::head_too_big || whole.error == Error::too_many_fields ||
               whole.error == Error::target_too_long));
    }
}

const bool offered = test::offer(&fuzz);

}  // namespace

TEST_CASE("the guard lets through what is a head line by line, and llhttp reads the same in it") {
    CHECK(offered);
    test::replay("head_guard", fuzz);
    test::try_at_random("head_guard", fuzz, 1000);
}
