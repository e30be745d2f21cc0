#pragma once

#include <hawser/core/time.hpp>

#include <chrono>

namespace test {

/// When simulated time begins; not at zero, so that nothing takes it for a time that was not set.
inline constexpr hawser::TimePoint start{std::chrono::hours{1}};

}  // namespace test
