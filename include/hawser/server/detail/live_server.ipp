#pragma once

#include <hawser/server/live_server.hpp>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL LiveServer::LiveServer(const asio::any_io_executor& executor, Router router,
                                   ServerOptions options)
    : loop_{net::Loop::of(executor)}, options_{std::move(options)},
      host_{
          std::make_shared<const HttpHost>(HttpHost{.router = std::move(router),
                                                    .http = options_.http,
                                                    .link = options_.link,
                                                    .trusted_proxies = options_.trusted_proxies})},
      counter_{options_.caps} {}

HAWSER_DECL std::error_code LiveServer::listen(const asio::ip::tcp::endpoint& endpoint) {
    const auto take = [weak = weak_from_this()](Tcp::socket socket) {
        if (const auto alive = weak.lock()) alive->accepted(std::move(socket));
    };
    const auto listener = std::make_shared<net::Listener<Tcp>>(loop_, take, options_.listen);
    if (const auto error = listener->open(endpoint)) return error;
    listener->start();
    listeners_.push_back(listener);
    return {};
}

HAWSER_DECL std::error_code LiveServer::listen(
    const asio::local::stream_protocol::endpoint& endpoint) {
    const auto take = [weak = weak_from_this(), path = endpoint.path()](Local::socket socket) {
        const auto alive = weak.lock();
        if (alive) alive->serve_best(std::move(socket), {.address = path});
    };
    const auto listener = std::make_shared<net::Listener<Local>>(loop_, take, options_.listen);
    if (const auto error = listener->open(endpoint)) return error;
    listener->start();
    local_listeners_.push_back(listener);
    return {};
}

HAWSER_DECL std::uint16_t LiveServer::port() const {
    return listeners_.empty() ? std::uint16_t{0} : listeners_.front()->local_endpoint().port();
}

HAWSER_DECL void LiveServer::accepted(Tcp::socket socket) {
    std::error_code gone;  // a peer may have gone again before it was looked at
    const auto remote = socket.remote_endpoint(gone);
    if (gone) return;
    PeerFacts peer{.address = remote.address().to_string(), .port = remote.port()};
    if (!options_.tls) return serve_best(std::move(socket), std::move(peer));
    // Counted from here on, as shaking hands costs more than all that may follow. Who is not
    // admitted is not answered: it could not read it yet.
    peer.place = counter_.admit(peer.address);
    if (peer.place == nullptr) return;
    options_.tls->secure(
        loop_, std::move(socket), options_.http.head_timeout,
        [weak = weak_from_this(), peer](SecureAcceptor::Secured secured) mutable {
            const auto alive = weak.lock();
            if (!alive) return;
            peer.security = http::Security::tls;
            peer.tls_version = std::move(secured.version);
            peer.tls_cipher = std::move(secured.cipher);
            alive->serve_admitted(std::move(secured.stream), std::move(peer));
        });
}

HAWSER_DECL void LiveServer::serve_best(asio::generic::stream_protocol::socket socket,
                                        PeerFacts peer) {
    net::with_best_stream(std::move(socket), [&](auto stream) {
        serve(std::move(stream), std::move(peer));
    });
}

HAWSER_DECL void LiveServer::serve(net::AnyStream stream, PeerFacts peer) {
    if (is_over_) return;  // nobody is there to answer
    peer.place = counter_.admit(peer.address);
    if (peer.place == nullptr) {
        http::Response refusal = http::make_text_response(503, "There are too many connections.\n");
        refusal.fields.add("Retry-After", "1");
        return bid_farewell(std::move(stream), std::move(refusal), loop_);
    }
    serve_admitted(std::move(stream), std::move(peer));
}

HAWSER_DECL void LiveServer::serve_admitted(net::AnyStream stream, PeerFacts peer) {
    if (is_over_) return;  // its TLS handshake ended too late
    const auto connection =
        std::make_shared<HttpConnection>(std::move(stream), std::move(peer), host_, loop_);
    peers_.join(*connection);
    connection->start();
}

HAWSER_DECL void LiveServer::end_service() {
    is_over_ = true;
    for (const auto& listener : listeners_) listener->close();
    for (const auto& listener : local_listeners_) listener->close();
}

HAWSER_DECL void LiveServer::drain(Duration within, Done done) {
    drained_.push_back(std::move(done));
    if (drained_.size() != 1) return;  // it is under way
    loop_->arm(*this, deadline_after(Clock::now(), within));
    const auto over = [weak = weak_from_this(), executor = executor()] {
        // Posted: the last channel may be leaving from inside its own turn.
        net::post(executor, net::Task{[weak] {
                      const auto alive = weak.lock();
                      if (alive && --alive->draining_ == 0) alive->channels_over();
                  }});
    };
    draining_ = 1;  // until every route has been told
    host_->router.for_each([&](Route& route) {
        ++draining_;
        route.drain(executor());
        route.when_drained(executor(), over);
    });
    over();
}

HAWSER_DECL void LiveServer::channels_over() {
    end_service();
    peers_.for_each([](HttpPeer& peer) { peer.shut_down(); });
    peers_.when_empty([self = shared_from_this()] {
        self->loop_->disarm(*self);
        self->stop();
        for (auto& done : std::exchange(self->drained_, {}))
            std::move(done).post(std::error_code{});
    });
}

HAWSER_DECL void LiveServer::expired() noexcept {
    // Null when the server is being destroyed.
    if (auto self = weak_from_this().lock()) loop_->defer({std::move(self), this});
}

HAWSER_DECL void LiveServer::end_of_turn() {
    // The deadline of the drain: what is left is ended, which ends the drain.
    stop();
}

HAWSER_DECL void LiveServer::stop() {
    end_service();
    host_->router.for_each([this](Route& route) { route.abort(executor()); });
    peers_.for_each([](HttpPeer& peer) { peer.cut_off(); });
}

}  // namespace hawser::inline HAWSER_MODE
