#pragma once

#include <hawser/transport/exchange_lane.hpp>

#include <variant>

namespace hawser::inline HAWSER_MODE {

template <net::ByteStream Stream>
class ExchangeLane::Connection final
    : public LaneConnection,
      public std::enable_shared_from_this<ExchangeLane::Connection<Stream>>,
      public net::Link<ExchangeLane::Connection<Stream>, Stream, http::ClientConnection> {
    using Link = net::Link<Connection, Stream, http::ClientConnection>;

public:
    Connection(Stream stream, ExchangeLane& lane)
        : Link{std::move(stream), http::ClientConnection{lane.parts_.connection, Clock::now()},
               lane.parts_.loop, lane.parts_.link},
          lane_{lane.weak_from_this()},
          options_{lane.parts_.connection} {}

    // LaneConnection
    [[nodiscard]] bool is_reusable() const noexcept override {
        return this->engine().is_reusable();
    }
    void request(http::RequestHead head, Output body, const http::ExchangeTimes& times) override {
        this->engine().request(std::move(head), std::move(body), times, Clock::now());
        this->engine_changed();
    }
    void drop() override {
        lane_.reset();
        this->cut();
    }

    // Link
    void on_event(http::ClientConnection::Event&& event) {
        const auto lane = lane_.lock();
        if (!lane) return;
        if (auto* const response = std::get_if<http::ReceivedResponse>(&event)) {
            return lane->responded(std::move(*response));
        }
        lane->ended(this, std::get<http::ClientConnection::Closed>(event).error);
    }
    void on_output(std::size_t) {}
    void on_end() {}

private:
    std::weak_ptr<ExchangeLane> lane_;
    http::ClientConnectionOptions options_;
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
                        [weak = weak_from_this()](std::error_code error,
                                                  std::unique_ptr<ClientStream> stream) {
                            const auto lane = weak.lock();
                            if (lane) lane->connected(error, std::move(stream));
                        });
}

HAWSER_DECL void ExchangeLane::connected(std::error_code error,
                                         std::unique_ptr<ClientStream> stream) {
    const auto attempt = std::move(attempt_);
    if (!exchange_) return;
    if (error) return finish(error, {});
    std::visit(
        [this]<class Stream>(Stream& stream_of_type) {
            const auto connection =
                std::make_shared<Connection<Stream>>(std::move(stream_of_type), *this);
            connection->start();
            connection_ = connection;
        },
        *stream);
    ask();
}

HAWSER_DECL void ExchangeLane::responded(http::ReceivedResponse response) {
    if (exchange_) finish({}, std::move(response));
}

HAWSER_DECL void ExchangeLane::ended(const LaneConnection* connection, std::error_code error) {
    if (connection_.get() != connection) return;
    connection_.reset();
    if (!exchange_) return;
    if (std::exchange(exchange_->is_on_kept_connection, false)) return dial();
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
