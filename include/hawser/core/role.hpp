#pragma once

#include <hawser/core/config.hpp>

#include <cstdint>

namespace hawser::inline HAWSER_MODE {

/// The side of a conversation: who listens, and who calls.
enum class Role : std::uint8_t { server, client };

}  // namespace hawser::inline HAWSER_MODE
