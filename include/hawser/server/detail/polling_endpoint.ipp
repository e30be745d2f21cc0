#pragma once

#include <hawser/server/polling_endpoint.hpp>

#include <hawser/server/run_on.hpp>
#include <hawser/session/token.hpp>
#include <hawser/transport/head_facts.hpp>

#include <system_error>
#include <utility>
#include <variant>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL PollingEndpoint::PollingEndpoint(const std::vector<asio::any_io_executor>& executors,
                                             PollingOptions options, OnOpen on_open)
    : on_open_{std::move(on_open)},
      options_{std::make_shared<const PollingOptions>(std::move(options))},
      door_{options_->server},
      shards_{executors, options_->server.caps} {
    if (const auto error = polling::check(options_->server)) {
        throw std::system_error{error, "the options of a polling endpoint"};
    }
}

HAWSER_DECL std::shared_ptr<const PollingServerCarrier::Observer> PollingEndpoint::observer_of(
    Shard& shard) {
    if (shard.observer) return shard.observer;
    // The shard lives as long as the endpoint, which the sessions must not keep alive: they are
    // its.
    const auto on_shard = [weak = weak_from_this(), &shard](auto action) {
        return [weak, &shard, action](const std::string& token) {
            if (const auto alive = weak.lock()) action(shard.sessions, token);
        };
    };
    shard.observer = std::make_shared<const PollingServerCarrier::Observer>(
        PollingServerCarrier::Observer{
            .opened =
                [weak = weak_from_this()](std::shared_ptr<PollingServerCarrier> carrier) {
                    if (const auto alive = weak.lock()) alive->on_open_(std::move(carrier));
                },
            .over = on_shard([](Sessions& all, const std::string& token) { all.retire(token); }),
            .finished = on_shard([](Sessions& all, const std::string& token) { all.erase(token); }),
        });
    return shard.observer;
}

HAWSER_DECL HeadVerdict PollingEndpoint::judge(const http::RequestHead& head,
                                               const PeerFacts& peer) {
    if (auto answer = door_.judge_head(head, peer.security)) return {.answer = std::move(*answer)};
    HeadVerdict verdict{.body_limit = polling::body_limit(options_->server)};
    // An announced length has been judged: only a body without one can still turn out too long.
    if (head.method == "POST" && !head.fields.contains("Content-Length")) {
        verdict.too_big = door_.refuse(polling::Refusal::body_too_big, door_.audience(head));
    }
    return verdict;
}

HAWSER_DECL void PollingEndpoint::handle(http::Request request, const PeerFacts& peer,
                                         Responder responder) {
    const asio::any_io_executor executor = responder.get_executor();
    std::string audience = door_.audience(request.head);
    polling::Call call = door_.read(std::move(request), peer.security);
    if (auto* const response = std::get_if<http::Response>(&call)) {
        return std::move(responder).respond(std::move(*response), executor);
    }
    if (auto* const receive = std::get_if<polling::ReceiveCall>(&call)) {
        return pass_on(receive->token, receive->request, std::move(audience),
                       std::move(responder));
    }
    if (auto* const send = std::get_if<polling::SendCall>(&call)) {
        return pass_on(send->token, std::move(send->request), std::move(audience),
                       std::move(responder));
    }
    const std::size_t index = shards_.index_of(executor);
    PeerFacts facts = peer;
    facts.place = nullptr;  // the connection's, and not to be let go of on another executor
    Shard& shard = shards_[index];
    run_on(shard.loop->executor(),
           [self = shared_from_this(), &shard, index,
            head = std::move(std::get<polling::OpenCall>(call).head), facts = std::move(facts),
            responder = std::move(responder)]() mutable {
               auto response = self->open(shard, static_cast<std::uint8_t>(index), head, facts);
               std::move(responder).respond(std::move(response), shard.loop->executor());
           });
}

HAWSER_DECL void PollingEndpoint::pass_on(std::string_view token, SessionRequest asked,
                                          std::string audience, Responder responder) {
    const auto parsed = session::parse_token(token);
    if (!parsed || parsed->shard >= shards_.size()) {
        const asio::any_io_executor executor = responder.get_executor();
        return std::move(responder).respond(unknown_session(audience), executor);
    }
    Shard& shard = shards_[parsed->shard];
    run_on(shard.loop->executor(),
           [self = shared_from_this(), &shard, name = *parsed, asked = std::move(asked),
            audience = std::move(audience), responder = std::move(responder)]() mutable {
               const auto* const found = shard.sessions.find(name);
               if (found == nullptr) {
                   return std::move(responder).respond(self->unknown_session(audience),
                                                       shard.loop->executor());
               }
               const auto session = *found;
               if (auto* const receive = std::get_if<polling::ReceiveRequest>(&asked)) {
                   return session->receive(*receive, std::move(audience), std::move(responder));
               }
               session->send(std::move(std::get<polling::SendRequest>(asked)), std::move(audience),
                             std::move(responder));
           });
}

HAWSER_DECL http::Response PollingEndpoint::open(Shard& shard, std::uint8_t index,
                                                 const http::RequestHead& head,
                                                 const PeerFacts& peer) {
    const std::string audience = door_.audience(head);
    if (shard.is_draining) return door_.refuse(polling::Refusal::draining, audience);
    if (options_->admit) {
        if (auto refusal = options_->admit(head, peer)) {
            return door_.mark(*std::move(refusal), audience);
        }
    }
    const auto evicted = [](const std::shared_ptr<PollingServerCarrier>&) {};
    switch (shard.sessions.make_room(peer.address, evicted)) {
    case session::Admission::granted: break;
    case session::Admission::too_many: return door_.refuse(polling::Refusal::too_many, audience);
    case session::Admission::too_many_of_address:
        return door_.refuse(polling::Refusal::too_many_of_address, audience);
    }
    ChannelFacts::Block facts = peer.as_facts();
    if (options_->keep_head) keep_head(facts, head);
    std::string token;
    std::shared_ptr<PollingServerCarrier>* place = nullptr;
    while (place == nullptr) {  // 64 random bits do not come twice, but it costs nothing to look
        token = session::make_token(system_entropy(), index);
        place = shard.sessions.insert(token, peer.address, nullptr);
    }
    const auto carrier = *place = std::make_shared<PollingServerCarrier>(
        PollingServerCarrier::Parts{.token = token,
                                    .options = options_,
                                    .loop = shard.loop,
                                    .observer = observer_of(shard),
                                    .facts = std::move(facts)});
    shard.living.join(*carrier);
    carrier->start();
    return door_.opened(token, audience);
}

HAWSER_DECL void PollingEndpoint::drain(const asio::any_io_executor& executor) {
    Shard& shard = shards_.of(executor);
    shard.is_draining = true;
    shard.living.for_each([](PollingServerCarrier& carrier) {
        carrier.close({.code = static_cast<std::uint16_t>(CloseCode::going_away)});
    });
}

HAWSER_DECL void PollingEndpoint::when_drained(const asio::any_io_executor& executor,
                                               std::function<void()> then) {
    shards_.of(executor).living.when_empty(std::move(then));
}

HAWSER_DECL void PollingEndpoint::abort(const asio::any_io_executor& executor) {
    // Those that are over too: they only wait for a repeat of what has been answered.
    shards_.of(executor).sessions.for_each([](const auto& carrier) { carrier->abort(); });
}

}  // namespace hawser::inline HAWSER_MODE
