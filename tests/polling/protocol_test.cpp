#include <hawser/polling/field_names.hpp>

#include <doctest/doctest.h>

#include <hawser/polling/refusal.hpp>
#include <polling/transcript.hpp>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

using namespace hawser;
using namespace hawser::polling;

namespace {

struct Transcript {
    std::string title;
    std::vector<std::string> lines;
};

std::vector<std::string> protocol_text() {
    std::ifstream file{"include/hawser/polling/PROTOCOL.md"};
    REQUIRE_MESSAGE(file, "to be run where the project's tree begins");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

std::vector<Transcript> transcripts() {
    std::vector<Transcript> found;
    std::string title;
    bool inside = false;
    for (const std::string& line : protocol_text()) {
        if (line.starts_with("### ")) title = line.substr(4);
        if (line == "```transcript") {
            found.push_back({title, {}});
            inside = true;
        } else if (line == "```") {
            inside = false;
        } else if (inside) {
            found.back().lines.push_back(line);
        }
    }
    return found;
}

bool mentions(const std::vector<std::string>& lines, std::string_view word) {
    const std::string quoted = "`" + std::string{word} + "`";
    return std::ranges::any_of(lines, [&quoted](const std::string& line) {
        return line.find(quoted) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("the server does what the transcripts of the protocol say") {
    const auto all = transcripts();
    CHECK(all.size() == 6);
    for (const Transcript& transcript : all) {
        CAPTURE(transcript.title);
        REQUIRE_FALSE(transcript.lines.empty());
        TranscriptPlayer{}.play(transcript.lines);
    }
}

TEST_CASE("the protocol's text knows every field and every refusal") {
    const auto lines = protocol_text();
    for (const std::string_view name :
         {field::session, field::after, field::request, field::hold, field::first, field::received,
          field::interval, field::grace, field::max_message, field::max_body, field::error}) {
        CAPTURE(name);
        CHECK(mentions(lines, name));
    }
    for (unsigned value = 0; value <= static_cast<unsigned>(Refusal::draining); ++value) {
        const auto terms = terms_of(static_cast<Refusal>(value));
        CAPTURE(terms.word);
        CHECK(mentions(lines, terms.word));
    }
}
