#pragma once

#include <hawser/transport/exchange_lane.hpp>

#include <variant>

namespace hawser::inline HAWSER_MODE {

/// A connection's engine, which knows whether a byte has come since the latest request.
class ExchangeLane::Engine final : public http::ClientConnection {
public:
    using ClientConnection::ClientConnection;

    void request(http::RequestHead head, Output body, const http::ExchangeTimes& times,
                 TimePoint now) {
        response_ = Response::awaited;
        ClientConnection::request(std::move(head), std::move(body), times, now);
    }
    [[nodiscard]] std::size_t receive(MutableBytes bytes, TimePoint now) {
        if (!bytes.empty()) response_ = Response::begun;
        return ClientConnection::receive(bytes, now);
    }
    [[nodiscard]] Response response() const noexcept { return response_; }

private:
    Response response_ = Response::awaited;
};

/// A connection of a lane.
class ExchangeLane::Connection final
    : public std::enable_shared_from_this<ExchangeLane::Connection>,
      public net::Link<ExchangeLane::Connection, ExchangeLane::Engine> {
public:
    Connection(net::AnyStream stream, ExchangeLane& lane)
        : Link{std::move(stream), Engine{*lane.connection_options_, Clock::now()}, lane.parts_.loop,
               lane.parts_.link},
          lane_{lane.weak_from_this()},
          options_{lane.connection_options_} {}

    [[nodiscard]] bool is_reusable() const noexcept { return engine().is_reusable(); }
    void request(http::RequestHead head, Output body, const http::ExchangeTimes& times) {
        engine().request(std::move(head), std::move(body), times, Clock::now());
        engine_changed();
    }
    /// Closes it at once; its lane hears no more of it.
    void drop() {
        lane_.reset();
        cut();
    }

    // net::Link
    void on_event(http::ClientConnection::Event&& event) {
        const auto lane = lane_.lock();
        if (!lane) return;
        if (auto* const response = std::get_if<http::ReceivedResponse>(&event)) {
            return lane->responded(std::move(*response));
        }
        lane->ended(this, std::get<http::ClientConnection::Closed>(event).error,
                    engine().response());
    }
    void on_output(std::size_t) {}
    void on_end() {}

private:
    std::weak_ptr<ExchangeLane> lane_;
    /// Held for the engine.
    std::shared_ptr<const http::ClientConnectionOptions> options_;
};

HAWSER_DECL void ExchangeLane::perform(http::RequestHead head, Output body,
                                       const http::ExchangeTimes& times) {
    exchange_ = Exchange{std::move(head), std::move(body), times};
    if (connection_ && connection_->is_reusable()) {
        exchange_->is_on_kept_connection = true;
        return ask();
    }
    dial();
}

HAWSER_DECL void ExchangeLane::ask() {
    // On a kept connection the request may have to be made again; else it is given away.
    if (exchange_->is_on_kept_connection) {
        return connection_->request(exchange_->head, exchange_->body, exchange_->times);
    }
    connection_->request(std::move(exchange_->head), std::move(exchange_->body), exchange_->times);
}

HAWSER_DECL void ExchangeLane::dial() {
    drop_connection();
    attempt_ = dial_url(parts_.loop, parts_.url, parts_.secure.get(), exchange_->times.progress,
                        [weak = weak_from_this()](std::error_code error, net::AnyStream stream) {
                            const auto lane = weak.lock();
                            if (lane) lane->connected(error, std::move(stream));
                        });
}

HAWSER_DECL void ExchangeLane::connected(std::error_code error, net::AnyStream stream) {
    const auto attempt = std::move(attempt_);
    if (!exchange_) return;
    if (error) return finish(error, {});
    connection_ = std::make_shared<Connection>(std::move(stream), *this);
    connection_->start();
    ask();
}

HAWSER_DECL void ExchangeLane::responded(http::ReceivedResponse response) {
    if (exchange_) finish({}, std::move(response));
}

HAWSER_DECL void ExchangeLane::ended(const Connection* connection, std::error_code error,
                                     Response response) {
    if (connection_.get() != connection) return;
    connection_.reset();
    if (!exchange_) return;
    const bool is_dead = error == Error::connection_lost && response == Response::awaited;
    if (std::exchange(exchange_->is_on_kept_connection, false) && is_dead) return dial();
    finish(error, {});
}

HAWSER_DECL void ExchangeLane::finish(std::error_code error, http::ReceivedResponse response) {
    exchange_.reset();
    parts_.on_outcome(error, std::move(response));
}

HAWSER_DECL void ExchangeLane::cancel() {
    exchange_.reset();
    attempt_.reset();
    drop_connection();
}

HAWSER_DECL void ExchangeLane::drop_connection() {
    if (const auto connection = std::exchange(connection_, nullptr)) connection->drop();
}

}  // namespace hawser::inline HAWSER_MODE
