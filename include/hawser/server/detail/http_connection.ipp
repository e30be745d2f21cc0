#pragma once

#include <hawser/server/http_connection.hpp>

// The members of `HttpConnection`. A template, so never compiled separately.

namespace hawser::inline HAWSER_MODE {

template <net::ByteStream Stream>
void HttpConnection<Stream>::on_event(http::ServerConnection::Event&& event) {
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
    if (answered_ != held_number_ || has_written()) held_.give_up(this->loop().executor());
}

/// From now on perhaps nothing more is read, and no operation under way keeps this object: the loop
/// does, until the end.
template <net::ByteStream Stream>
void HttpConnection<Stream>::interrupted() {
    this->loop().keep(this->shared_from_this());
    held_.hurry(this->loop().executor());
}

template <net::ByteStream Stream>
template <class Use>
void HttpConnection<Stream>::with_peer_of(const http::RequestHead& head, Use use) {
    auto forwarded = forwarded_address(head, peer_->address, host_->trusted_proxies);
    if (!forwarded) return use(std::as_const(*peer_));
    PeerFacts peer = *peer_;
    peer.address = *std::move(forwarded);
    peer.port = 0;
    use(std::as_const(peer));
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::judge(const http::RequestHead& head, const PeerFacts& peer) {
    route_ = host_->router.find(head);
    if (!route_) {
        return this->engine().respond(http::make_text_response(404, "There is nothing here.\n"),
                                      Clock::now());
    }
    HeadVerdict verdict = route_->judge(head, peer);
    if (verdict.answer) return this->engine().respond(std::move(*verdict.answer), Clock::now());
    this->engine().accept_body(verdict.body_limit, std::move(verdict.too_big));
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::handle(http::Request request) {
    ++asked_;
    if (route_->upgrades_to() != nullptr && websocket::asks_for_websocket(request.head)) {
        upgrade_ = std::make_unique<http::Request>(std::move(request));
        return upgrade();
    }
    const auto route = std::move(route_);
    Responder responder{this->shared_from_this(), asked_};
    with_peer_of(request.head, [&](const PeerFacts& peer) {
        route->handle(std::move(request), peer, std::move(responder));
    });
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::upgrade() {
    // Tried again when the earlier answers have left.
    if (this->engine().has_output() || !this->can_release()) return;
    const auto request = std::move(upgrade_);
    with_peer_of(request->head, [&](const PeerFacts& peer) { upgrade(request->head, peer); });
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::upgrade(const http::RequestHead& head, const PeerFacts& peer) {
    WebSocketEndpoint& endpoint = *route_->upgrades_to();
    auto verdict = endpoint.judge_upgrade(head, peer, executor());
    if (auto* const refusal = std::get_if<http::Response>(&verdict)) {
        return answer(asked_, std::move(*refusal));
    }
    this->leave_roster();
    auto [stream, unread] = this->release();
    auto& accepted = std::get<websocket::Upgrade>(verdict);
    endpoint.adopt(std::move(stream), head, std::move(accepted), unread, peer);
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::answer(AskNumber number, http::Response response) {
    if (number != asked_ || !this->engine().awaits_response()) return;
    answered_ = number;
    this->engine().respond(std::move(response), Clock::now());
    this->engine_changed();
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::hold(AskNumber number, std::weak_ptr<Holder> holder,
                                  std::uint64_t request) {
    if (number != asked_ || !this->engine().awaits_response()) {
        return HeldRequest{std::move(holder), request}.give_up(this->loop().executor());
    }
    // The answer to an earlier, pipelined request is on its way; nothing more is known of it.
    held_.written(this->loop().executor());
    held_ = {std::move(holder), request};
    held_number_ = number;
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::shut_down() {
    if (this->engine().is_idle()) {
        this->engine().shut_down(Clock::now());
    } else {
        this->engine().close_after_answer();
    }
    this->engine_changed();
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::on_output(std::size_t) {
    if (upgrade_) return upgrade();
    if (answered_ == held_number_ && has_written()) held_.written(this->loop().executor());
}

template <net::ByteStream Stream>
void HttpConnection<Stream>::on_end() {
    held_.give_up(this->loop().executor());
    this->leave_roster();
    this->loop().release(this);
}

}  // namespace hawser::inline HAWSER_MODE
