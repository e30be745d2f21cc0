#pragma once

#include <hawser/core/config.hpp>

#include <asio/execution_context.hpp>

#include <mutex>

namespace hawser::inline HAWSER_MODE {

class Port;

namespace detail {

class Ports;

/// Where a port stands among those of its execution context.
struct PortPlace {
    /// Null when it stands nowhere, as the context is gone.
    Ports* ports = nullptr;
    Port* previous = nullptr;
    Port* next = nullptr;
};

/// The ports of one execution context, so that what they keep is destroyed with it. Safe from any
/// thread, but for the context's end.
class Ports : public asio::execution_context::service {
public:
    using key_type = Ports;
    inline static asio::execution_context::id id;

    explicit Ports(asio::execution_context& context) : service{context} {}

    void add(Port& port) noexcept;
    /// Takes `port` out from where it stands, if it stands anywhere.
    static void remove(Port& port) noexcept;

private:
    void shutdown() override;

    std::mutex mutex_;
    Port* first_ = nullptr;
    bool is_shut_ = false;
};

}  // namespace detail

}  // namespace hawser::inline HAWSER_MODE
