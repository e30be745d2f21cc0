#pragma once

#include <hawser/transport/polling_server.hpp>

#include <algorithm>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL PollingServerCarrier::PollingServerCarrier(Parts parts)
    : SessionCarrier{polling::ServerSession{parts.options->server, system_entropy(), Clock::now()},
                     {.message = parts.options->server.message,
                      .inbox = parts.options->server.inbox},
                     std::move(parts.loop)},
      token_{std::move(parts.token)}, options_{std::move(parts.options)},
      observer_{std::move(parts.observer)}, facts_{std::make_unique<ChannelFacts::Block>(
                                                std::move(parts.facts))} {}

HAWSER_DECL polling::RequestId PollingServerCarrier::remember(std::string audience,
                                                              Responder responder) {
    const polling::RequestId id = ++last_id_;
    const auto self = std::static_pointer_cast<PollingServerCarrier>(shared_from_this());
    responder.hold(self, id, port().executor());
    asked_.push_back({id, std::move(audience), std::move(responder)});
    return id;
}

HAWSER_DECL auto PollingServerCarrier::forget(polling::RequestId id) -> std::optional<Asked> {
    const auto found = std::ranges::find(asked_, id, &Asked::id);
    if (found == asked_.end()) return std::nullopt;
    Asked asked = std::move(*found);
    asked_.erase(found);
    return asked;
}

HAWSER_DECL void PollingServerCarrier::receive(const polling::ReceiveRequest& request,
                                               std::string audience, Responder responder) {
    const auto id = remember(std::move(audience), std::move(responder));
    session().receive(id, request, Clock::now());
    turn();
}

HAWSER_DECL void PollingServerCarrier::send(polling::SendRequest request, std::string audience,
                                            Responder responder) {
    const auto id = remember(std::move(audience), std::move(responder));
    session().send(id, std::move(request), Clock::now());
    turn();
}

HAWSER_DECL void PollingServerCarrier::handle(Event&& event) {
    if (auto* const answered = std::get_if<polling::ServerSession::Answer>(&event)) {
        return answer(std::move(*answered));
    }
    // Opened: the application sees the channel at the session's first use.
    set_info(ChannelFacts{std::move(*facts_)});
    facts_.reset();
    observer_->opened(std::static_pointer_cast<PollingServerCarrier>(shared_from_this()));
}

HAWSER_DECL void PollingServerCarrier::answer(polling::ServerSession::Answer answer) {
    auto asked = forget(answer.request);
    if (!asked) return;
    const polling::Door door{options_->server};
    http::Response response = door.respond(std::move(answer.reply), asked->audience);
    std::move(asked->responder).respond(std::move(response), port().executor());
}

HAWSER_DECL void PollingServerCarrier::turned() {
    if ((session().is_over() || session().finished()) && !std::exchange(over_told_, true)) {
        leave_roster();
        observer_->over(token_);
    }
    if (session().finished() && !std::exchange(finished_told_, true)) observer_->finished(token_);
}

HAWSER_DECL void PollingServerCarrier::on_own_executor(const asio::any_io_executor& current,
                                                       Action action, std::uint64_t request) {
    const auto act = [action, request](PollingServerCarrier& self) {
        (self.*action)(request);
        self.changed();
    };
    if (current == port().executor()) return act(*this);
    auto self = std::static_pointer_cast<PollingServerCarrier>(shared_from_this());
    loop()->mailroom()->run(net::Task{[self = std::move(self), act] { act(*self); }});
}

HAWSER_DECL void PollingServerCarrier::hurry(std::uint64_t request,
                                             const asio::any_io_executor& current) {
    on_own_executor(current, &PollingServerCarrier::interrupt, request);
}

HAWSER_DECL void PollingServerCarrier::written(std::uint64_t request,
                                               const asio::any_io_executor& current) {
    on_own_executor(current, &PollingServerCarrier::note_written, request);
}

HAWSER_DECL void PollingServerCarrier::give_up(std::uint64_t request,
                                               const asio::any_io_executor& current) {
    on_own_executor(current, &PollingServerCarrier::disconnect, request);
}

HAWSER_DECL void PollingServerCarrier::interrupt(std::uint64_t request) {
    session().interrupt(request, Clock::now());
}

HAWSER_DECL void PollingServerCarrier::note_written(std::uint64_t request) {
    session().written(request, Clock::now());
}

HAWSER_DECL void PollingServerCarrier::disconnect(std::uint64_t request) {
    static_cast<void>(forget(request));
    session().disconnected(request, Clock::now());
}

}  // namespace hawser::inline HAWSER_MODE
