#pragma once

#include <hawser/core/error.hpp>
#include <hawser/core/time.hpp>
#include <hawser/http/url.hpp>
#include <hawser/net/any_stream.hpp>
#include <hawser/net/best_stream.hpp>
#include <hawser/net/dial.hpp>
#include <hawser/net/loop.hpp>

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>

#include <functional>
#include <memory>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Called once with a stream, or with why there is none; on the loop's executor.
using OnStream = std::function<void(std::error_code, net::AnyStream)>;

/// An attempt to get a stream. Destroying it gives up, and the handler is not called any more.
class DialAttempt {
public:
    virtual ~DialAttempt() = default;
};

/// Makes the streams of `https` and `wss` URLs; the optional TLS part implements it.
class SecureDialer {
public:
    virtual ~SecureDialer() = default;

    /// Begins to connect; `patience` is for connecting and securing together.
    [[nodiscard]] virtual std::unique_ptr<DialAttempt> dial(std::shared_ptr<net::Loop> loop,
                                                            const net::Remote& remote,
                                                            Duration patience,
                                                            OnStream handler) const = 0;
};

/// An attempt to connect by plain TCP.
class PlainDialAttempt final : public DialAttempt {
public:
    PlainDialAttempt(std::shared_ptr<net::Loop> loop, const net::Remote& remote, Duration patience,
                     net::Dial::Handler handler)
        : dial_{std::make_shared<net::Dial>(std::move(loop), std::move(handler))} {
        dial_->start(remote, patience);
    }
    PlainDialAttempt(const PlainDialAttempt&) = delete;
    PlainDialAttempt& operator=(const PlainDialAttempt&) = delete;
    ~PlainDialAttempt() override { dial_->cancel(); }

private:
    std::shared_ptr<net::Dial> dial_;
};

/// A handler that hands on the best stream for the plain socket it gets.
[[nodiscard]] inline net::Dial::Handler on_best_stream(OnStream handler) {
    return [handler = std::move(handler)](std::error_code error, asio::ip::tcp::socket socket) {
        if (error) return handler(error, {});
        net::with_best_stream(std::move(socket), [&](auto stream) {
            handler({}, net::AnyStream{std::move(stream)});
        });
    };
}

/// Begins to connect to the server of `url`. `secure` makes the streams of https and wss; without
/// it they fail with `Error::tls_required`.
[[nodiscard]] inline std::unique_ptr<DialAttempt> dial_url(std::shared_ptr<net::Loop> loop,
                                                           const http::Url& url,
                                                           const SecureDialer* secure,
                                                           Duration patience, OnStream handler) {
    const net::Remote remote{.host = url.host, .port = url.port};
    if (!http::uses_tls(url.scheme)) {
        return std::make_unique<PlainDialAttempt>(std::move(loop), remote, patience,
                                                  on_best_stream(std::move(handler)));
    }
    if (secure != nullptr) {
        return secure->dial(std::move(loop), remote, patience, std::move(handler));
    }
    asio::post(loop->executor(),
               [handler = std::move(handler)] { handler(Error::tls_required, {}); });
    return std::make_unique<DialAttempt>();
}

}  // namespace hawser::inline HAWSER_MODE
