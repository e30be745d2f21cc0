#pragma once

#include <hawser/server/websocket_endpoint.hpp>

#include <system_error>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL WebSocketEndpoint::WebSocketEndpoint(
    const std::vector<asio::any_io_executor>& executors, WebSocketOptions options, OnOpen on_open)
    : options_{std::make_shared<const WebSocketOptions>(std::move(options))},
      on_open_{std::move(on_open)},
      shards_{executors} {
    if (const auto error = check(*options_)) {
        throw std::system_error{error, "the options of a WebSocket endpoint"};
    }
}

HAWSER_DECL http::Response WebSocketEndpoint::refuse_draining() const {
    http::Response response = http::make_text_response(503, "The server is going away.\n");
    response.fields.add("Retry-After", "1");
    return response;
}

HAWSER_DECL std::variant<websocket::Upgrade, http::Response>
WebSocketEndpoint::judge_upgrade(const http::RequestHead& head, const PeerFacts& peer,
                                 const asio::any_io_executor& executor) {
    if (shards_.of(executor).is_draining) return refuse_draining();
    // Whoever names a session means it to become a WebSocket, and there is no such way.
    if (head.fields.contains(polling::field::session)) {
        return http::make_text_response(400, "A session of polling cannot be upgraded.\n");
    }
    auto verdict = websocket::accept_upgrade(head, options_->handshake, peer.security,
                                             options_->compression.get());
    if (auto* const refusal = std::get_if<websocket::Refusal>(&verdict)) {
        return std::move(refusal->response);
    }
    if (options_->admit) {
        if (auto refusal = options_->admit(head, peer)) return *std::move(refusal);
    }
    return std::move(std::get<websocket::Upgrade>(verdict));
}

HAWSER_DECL void WebSocketEndpoint::adopt(net::AnyStream stream, const http::RequestHead& head,
                                          websocket::Upgrade upgrade, ByteView unread,
                                          const PeerFacts& peer) {
    Shard& shard = shards_.of(stream.get_executor());
    ChannelFacts::Block facts = peer.as_facts();
    if (options_->keep_head) keep_head(facts, head);
    const auto link = std::make_shared<WebSocketCarrier>(WebSocketCarrier::Parts{
        .stream = std::move(stream),
        .connection = websocket::Connection::server(std::move(upgrade), options_->connection,
                                                    Clock::now()),
        .loop = shard.loop,
        .options = options_,
        .facts = std::move(facts),
        .on_open =
            [self = shared_from_this()](std::error_code,
                                        std::shared_ptr<WebSocketCarrier> carrier) {
                self->on_open_(std::move(carrier));  // no error: a server's end is open from birth
            },
        .place = peer.place,
    });
    shard.carriers.join(*link);
    link->start(unread);
}

HAWSER_DECL HeadVerdict WebSocketEndpoint::judge(const http::RequestHead& head,
                                                 const PeerFacts& peer) {
    if (websocket::asks_for_websocket(head)) return {};
    // The handshake has the words for what is missing.
    auto verdict = websocket::accept_upgrade(head, options_->handshake, peer.security);
    return {.answer = std::move(std::get<websocket::Refusal>(verdict).response)};
}

HAWSER_DECL void WebSocketEndpoint::handle(http::Request, const PeerFacts&, Responder responder) {
    responder.post(http::make_text_response(400, "This path is for WebSockets.\n"));
}

HAWSER_DECL void WebSocketEndpoint::drain(const asio::any_io_executor& executor) {
    Shard& shard = shards_.of(executor);
    shard.is_draining = true;
    shard.carriers.for_each([](WebSocketCarrier& carrier) {
        carrier.close({.code = static_cast<std::uint16_t>(CloseCode::going_away)});
    });
}

HAWSER_DECL void WebSocketEndpoint::when_drained(const asio::any_io_executor& executor,
                                                 std::function<void()> then) {
    shards_.of(executor).carriers.when_empty(std::move(then));
}

HAWSER_DECL void WebSocketEndpoint::abort(const asio::any_io_executor& executor) {
    shards_.of(executor).carriers.for_each([](WebSocketCarrier& carrier) { carrier.abort(); });
}

}  // namespace hawser::inline HAWSER_MODE
