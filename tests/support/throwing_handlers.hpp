#pragma once

#include "support/world.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// What handlers were called for, in order.
using Log = std::vector<std::string>;

/// Handlers that write down what they are called for, and throw.
[[nodiscard]] inline hawser::Handlers throwing_handlers(Log& log) {
    const auto note = [&log](std::string what) {
        log.push_back(std::move(what));
        throw std::runtime_error{"the test's"};
    };
    return {.message = [note](const hawser::Message& message) {
                note(std::string{message.view()});
            },
            .drained = [note] { note("drained"); },
            .closed = [note](const hawser::CloseReason& reason) { note(reason.error.message()); }};
}

/// Runs what can be run, over everything that is thrown; returns how often something was.
inline int run_over_exceptions(World& world) {
    for (int thrown = 0;; ++thrown) {
        try {
            world.run_ready();
            return thrown;
        } catch (const std::runtime_error&) {
            continue;
        }
    }
}

}  // namespace test
