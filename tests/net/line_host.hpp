#pragma once

#include "net/line_engine.hpp"

#include <hawser/net/link.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace test {

/// A link, on a `Stream`, that notes down what it is told, in a log that outlives it: "line x",
/// "closed", "end".
template <class Stream>
class LineHost final : public hawser::net::Link<LineHost<Stream>, LineEngine>,
                       public std::enable_shared_from_this<LineHost<Stream>> {
    using Link = hawser::net::Link<LineHost, LineEngine>;

public:
    struct Log {
        std::vector<std::string> entries;
        /// The reason in the Closed event.
        std::error_code error;
        /// The last number of `on_output`, and the greatest.
        std::size_t unsent = 0;
        std::size_t most_unsent = 0;
    };

    LineHost(hawser::net::AnyStream stream, std::shared_ptr<hawser::net::Loop> loop, Log& log,
             hawser::net::LinkOptions options = {})
        : Link{std::move(stream), LineEngine{}, std::move(loop), options}, log_{log} {}

    void on_event(LineEngine::Event&& event) {
        if (const auto* const closed = std::get_if<LineEngine::Closed>(&event)) {
            log_.entries.push_back("closed");
            log_.error = closed->error;
            if (on_closed) on_closed(*this);
            return;
        }
        const std::string text = std::get<LineEngine::Line>(event).text;
        log_.entries.push_back("line " + text);
        if (on_line) on_line(*this, text);
    }
    void on_output(std::size_t unsent) {
        log_.unsent = unsent;
        log_.most_unsent = std::max(log_.most_unsent, unsent);
        if (on_turn) on_turn(*this);
    }
    void on_end() { log_.entries.push_back("end"); }

    /// Gives commands from outside of the link.
    template <class Command>
    void command(Command give) {
        give(this->engine());
        this->engine_changed();
    }

    std::function<void(LineHost&, const std::string&)> on_line = {};
    std::function<void(LineHost&)> on_closed = {};
    std::function<void(LineHost&)> on_turn = {};

private:
    Log& log_;
};

/// Sends every line back.
template <class Stream>
void echo(LineHost<Stream>& host, const std::string& text) {
    host.engine().send(text + "\n");
}

}  // namespace test
