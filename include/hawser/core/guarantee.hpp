#pragma once

#include <hawser/core/config.hpp>

#include <cstdint>

namespace hawser::inline HAWSER_MODE {

/// What a transport promises about a message that a channel has accepted.
enum class Guarantee : std::uint8_t {
    /// In order and whole, but what is under way when the connection breaks is lost.
    at_most_once,
    /// In order, whole and exactly once, as long as the session lives.
    exactly_once,
};

}  // namespace hawser::inline HAWSER_MODE
