#pragma once

#include <hawser/core/time.hpp>
#include <hawser/net/loop.hpp>

#include <asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

namespace hawser::inline HAWSER_MODE::net {

/// Where to connect to: a host name or an address literal (IPv6 without brackets), and a port.
struct Remote {
    std::string host;
    std::uint16_t port = 0;
};

/// An attempt to connect by TCP: resolves, tries each address in turn, and gives up at a deadline.
/// Asio resolves names on a thread of its own; address literals need none.
class Dial final : public std::enable_shared_from_this<Dial>, private Timer, private Deferred {
public:
    /// Called once, on the loop's executor, never from inside `start`; not at all after `cancel`.
    /// Errors: `Error::connect_timeout`, or the system's of the last address tried.
    using Handler = std::function<void(std::error_code, asio::ip::tcp::socket)>;

    Dial(std::shared_ptr<Loop> loop, Handler handler);
    Dial(const Dial&) = delete;
    Dial& operator=(const Dial&) = delete;
    ~Dial();

    /// Begins; `patience` is for all of it together.
    void start(const Remote& remote, Duration patience);
    /// Gives up without calling the handler.
    void cancel();

private:
    void connect(const asio::ip::tcp::resolver::results_type& addresses);
    void complete(std::error_code error);
    void expired() noexcept override;
    void end_of_turn() override;

    std::shared_ptr<Loop> loop_;
    Handler handler_;
    asio::ip::tcp::resolver resolver_;
    asio::ip::tcp::socket socket_;
};

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/dial.ipp>
#endif
