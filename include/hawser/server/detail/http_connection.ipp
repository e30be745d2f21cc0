#pragma once

#include <hawser/server/http_connection.hpp>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL HttpConnection::HttpConnection(net::AnyStream stream, PeerFacts peer,
                                           std::shared_ptr<const HttpHost> host,
                                           std::shared_ptr<net::Loop> loop)
    : Link{std::move(stream), http::ServerConnection{host->http, Clock::now()}, std::move(loop),
           host->link},
      host_{std::move(host)},
      peer_{std::make_unique<PeerFacts>(std::move(peer))} {}

HAWSER_DECL void HttpConnection::on_event(http::ServerConnection::Event&& event) {
    using Engine = http::ServerConnection;
    if (const auto* const arrived = std::get_if<Engine::Head>(&event)) {
        const http::RequestHead& head = *arrived->head;
        return with_peer_of(head, [&](const PeerFacts& peer) { judge(head, peer); });
    }
    if (auto* const request = std::get_if<http::Request>(&event))
        return handle(std::move(*request));
    if (std::holds_alternative<Engine::Interrupted>(event)) return interrupted();
    // Closed. The last answer may still be on its way: also to a peer that has ended its own half,
    // as a client may that has nothing more to ask (RFC 9112 §9.6).
    if (answered_ != held_number_ || has_written()) held_.give_up(loop().executor());
}

/// From now on perhaps nothing more is read, and no operation under way keeps this object: the loop
/// does, until the end.
HAWSER_DECL void HttpConnection::interrupted() {
    loop().keep(shared_from_this());
    held_.hurry(loop().executor());
}

template <class Use>
void HttpConnection::with_peer_of(const http::RequestHead& head, Use use) {
    auto forwarded = forwarded_address(head, peer_->address, host_->trusted_proxies);
    if (!forwarded) return use(std::as_const(*peer_));
    PeerFacts peer = *peer_;
    peer.address = *std::move(forwarded);
    peer.port = 0;
    use(std::as_const(peer));
}

HAWSER_DECL void HttpConnection::judge(const http::RequestHead& head, const PeerFacts& peer) {
    route_ = host_->router.find(head);
    if (!route_) {
        return engine().respond(http::make_text_response(404, "There is nothing here.\n"),
                                Clock::now());
    }
    HeadVerdict verdict = route_->judge(head, peer);
    if (verdict.answer) return engine().respond(std::move(*verdict.answer), Clock::now());
    engine().accept_body(verdict.body_limit, std::move(verdict.too_big));
}

HAWSER_DECL void HttpConnection::handle(http::Request request) {
    ++asked_;
    if (route_->upgrades_to() != nullptr && websocket::asks_for_websocket(request.head)) {
        upgrade_ = std::make_unique<http::Request>(std::move(request));
        return upgrade();
    }
    const auto route = std::move(route_);
    Responder responder{shared_from_this(), asked_};
    with_peer_of(request.head, [&](const PeerFacts& peer) {
        route->handle(std::move(request), peer, std::move(responder));
    });
}

HAWSER_DECL void HttpConnection::upgrade() {
    // Tried again when the earlier answers have left.
    if (engine().has_output() || !can_release()) return;
    const auto request = std::move(upgrade_);
    with_peer_of(request->head, [&](const PeerFacts& peer) { upgrade(request->head, peer); });
}

HAWSER_DECL void HttpConnection::upgrade(const http::RequestHead& head, const PeerFacts& peer) {
    WebSocketEndpoint& endpoint = *route_->upgrades_to();
    auto verdict = endpoint.judge_upgrade(head, peer, executor());
    if (auto* const refusal = std::get_if<http::Response>(&verdict)) {
        return answer(asked_, std::move(*refusal));
    }
    leave_roster();
    auto [stream, unread] = release();
    auto& accepted = std::get<websocket::Upgrade>(verdict);
    endpoint.adopt(std::move(stream), head, std::move(accepted), unread, peer);
}

HAWSER_DECL void HttpConnection::answer(AskNumber number, http::Response response) {
    if (number != asked_ || !engine().awaits_response()) return;
    answered_ = number;
    engine().respond(std::move(response), Clock::now());
    engine_changed();
}

HAWSER_DECL void HttpConnection::hold(AskNumber number, std::weak_ptr<Holder> holder,
                                      std::uint64_t request) {
    if (number != asked_ || !engine().awaits_response()) {
        return HeldRequest{std::move(holder), request}.give_up(loop().executor());
    }
    // The answer to an earlier, pipelined request is on its way; nothing more is known of it.
    held_.written(loop().executor());
    held_ = {std::move(holder), request};
    held_number_ = number;
}

HAWSER_DECL void HttpConnection::shut_down() {
    if (engine().is_idle()) {
        engine().shut_down(Clock::now());
    } else {
        engine().close_after_answer();
    }
    engine_changed();
}

HAWSER_DECL void HttpConnection::on_output(std::size_t) {
    if (upgrade_) return upgrade();
    if (answered_ == held_number_ && has_written()) held_.written(loop().executor());
}

HAWSER_DECL void HttpConnection::on_end() {
    held_.give_up(loop().executor());
    leave_roster();
    loop().release(this);
}

}  // namespace hawser::inline HAWSER_MODE
