#pragma once

#include <hawser/transport/polling_client.hpp>

#include <hawser/core/entropy.hpp>
#include <hawser/transport/head_facts.hpp>

#include <variant>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL PollingClientCarrier::PollingClientCarrier(Parts parts)
    : SessionCarrier{polling::ClientSession{parts.options->client, parts.url, parts.options->fields,
                                            system_entropy(), Clock::now()},
                     {.message = parts.options->client.message,
                      .inbox = parts.options->client.inbox},
                     std::move(parts.loop)},
      url_{std::move(parts.url)}, options_{std::move(parts.options)},
      secure_{std::move(parts.secure)}, on_open_{std::move(parts.on_open)} {}

HAWSER_DECL void PollingClientCarrier::start() {
    // The session goes on when the channel is gone.
    loop()->keep(shared_from_this());
    is_kept_ = true;
    receive_lane_ = make_lane(polling::Lane::receive);
    send_lane_ = make_lane(polling::Lane::send);
    changed();
}

HAWSER_DECL std::shared_ptr<ExchangeLane> PollingClientCarrier::make_lane(polling::Lane which) {
    return std::make_shared<ExchangeLane>(ExchangeLane::Parts{
        .loop = loop(),
        .url = url_,
        .connection = {.head = options_->reply_head,
                       .body = polling::reply_limit(options_->client),
                       .idle_timeout = options_->idle_timeout},
        .link = options_->link,
        .secure = secure_,
        .on_outcome =
            [weak = weak_from_this(), which](std::error_code error,
                                             http::ReceivedResponse response) {
                const auto alive = std::static_pointer_cast<PollingClientCarrier>(weak.lock());
                if (alive) alive->exchanged(which, error, response);
            },
    });
}

HAWSER_DECL void PollingClientCarrier::exchanged(polling::Lane which, std::error_code error,
                                                 const http::ReceivedResponse& response) {
    if (error) {
        session().failed(which, error, Clock::now());
    } else {
        session().replied(which, response, Clock::now());
    }
    turn();
}

HAWSER_DECL ExchangeLane& PollingClientCarrier::lane(polling::Lane which) noexcept {
    return which == polling::Lane::receive ? *receive_lane_ : *send_lane_;
}

HAWSER_DECL void PollingClientCarrier::handle(Event&& event) {
    using Session = polling::ClientSession;
    if (auto* const exchange = std::get_if<Session::Exchange>(&event)) {
        return lane(exchange->lane)
            .perform(std::move(exchange->head), std::move(exchange->body), exchange->times);
    }
    if (const auto* const cancel = std::get_if<Session::Cancel>(&event)) {
        return lane(cancel->lane).cancel();
    }
    set_peer_limit(session().message_limit());
    ChannelFacts::Block facts{
        .peer_address = url_.host, .peer_port = url_.port, .target = url_.target};
    if (options_->keep_head) keep_head(facts, std::get<Session::Opened>(event).head);
    set_info(ChannelFacts{std::move(facts)});
    std::exchange(on_open_, nullptr)(
        {}, std::static_pointer_cast<PollingClientCarrier>(shared_from_this()));
}

HAWSER_DECL void PollingClientCarrier::ended(const CloseReason& reason) {
    if (const auto on_open = std::exchange(on_open_, nullptr)) on_open(reason.error, nullptr);
}

HAWSER_DECL void PollingClientCarrier::turned() {
    if (!session().finished() || !std::exchange(is_kept_, false)) return;
    receive_lane_->cancel();
    send_lane_->cancel();
    loop()->release(static_cast<Carrier*>(this));
}

}  // namespace hawser::inline HAWSER_MODE
