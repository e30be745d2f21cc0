#pragma once

#include <hawser/net/dial.hpp>

#include <hawser/core/error.hpp>

#include <asio/connect.hpp>
#include <asio/ip/address.hpp>
#include <asio/post.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE::net {

HAWSER_DECL Dial::Dial(std::shared_ptr<Loop> loop, Handler handler)
    : loop_{std::move(loop)},
      handler_{std::move(handler)},
      resolver_{loop_->executor()},
      socket_{loop_->executor()} {}

HAWSER_DECL Dial::~Dial() { loop_->disarm(*this); }

HAWSER_DECL void Dial::start(const Remote& remote, Duration patience) {
    loop_->arm(*this, deadline_after(Clock::now(), patience));
    using Results = asio::ip::tcp::resolver::results_type;
    const std::string port = std::to_string(remote.port);
    std::error_code not_a_literal;
    const auto address = asio::ip::make_address(remote.host, not_a_literal);
    if (!not_a_literal) {
        return connect(Results::create({address, remote.port}, remote.host, port));
    }
    resolver_.async_resolve(
        remote.host, port, asio::ip::resolver_base::numeric_service,
        [self = shared_from_this()](std::error_code error, const Results& addresses) {
            if (error) return self->complete(error);
            self->connect(addresses);
        });
}

HAWSER_DECL void Dial::connect(const asio::ip::tcp::resolver::results_type& addresses) {
    if (!handler_) return;  // cancelled, or late
    asio::async_connect(socket_, addresses,
                        [self = shared_from_this()](std::error_code error, const auto&) {
                            self->complete(error);
                        });
}

HAWSER_DECL void Dial::cancel() {
    handler_ = nullptr;
    loop_->disarm(*this);
    resolver_.cancel();
    std::error_code ignored;  // there is nobody left to tell
    socket_.close(ignored);
}

HAWSER_DECL void Dial::complete(std::error_code error) {
    if (!handler_) return;
    loop_->disarm(*this);
    std::error_code ignored;  // small messages merely wait longer without it
    if (!error) socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
    std::exchange(handler_, nullptr)(error, std::move(socket_));
}

HAWSER_DECL void Dial::expired() noexcept {
    if (weak_from_this().expired()) return;
    loop_->defer({shared_from_this(), this});
}

HAWSER_DECL void Dial::end_of_turn() {
    if (!handler_) return;
    const auto handler = std::exchange(handler_, nullptr);
    asio::ip::tcp::socket unconnected{loop_->executor()};
    cancel();
    handler(Error::connect_timeout, std::move(unconnected));
}

}  // namespace hawser::inline HAWSER_MODE::net
