#pragma once

#include <hawser/channel/completion.hpp>
#include <hawser/http/response.hpp>
#include <hawser/server/held_request.hpp>
#include <hawser/server/route.hpp>
#include <hawser/transport/responder.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/cancellation_type.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// A foreign server's request, as an asker: its completion handler is called with the answer.
class ForeignAsker final : public Asker, public std::enable_shared_from_this<ForeignAsker> {
public:
    ForeignAsker(asio::any_io_executor executor, Completion<void(http::Response)> completion)
        : executor_{std::move(executor)}, completion_{std::move(completion)} {}

    [[nodiscard]] asio::any_io_executor executor() const override { return executor_; }

    void answer(AskNumber, http::Response response) override {
        if (!completion_) return;
        // Posted: the answer may be given from inside the call that asks.
        std::exchange(completion_, {}).post(std::move(response));
        held_.written();
    }
    void hold(AskNumber, std::weak_ptr<Holder> holder, std::uint64_t request) override {
        held_ = {std::move(holder), request};
    }

    /// The foreign server does not want an answer any more.
    void cancel() {
        if (!completion_) return;
        std::exchange(completion_, {}).post(http::make_text_response(503, "Cancelled.\n"));
        held_.give_up();
    }

private:
    asio::any_io_executor executor_;
    Completion<void(http::Response)> completion_;
    HeldRequest held_;
};

/// Asks `route` on behalf of a foreign server, whose `handler` is called with the response.
template <class Handler>
void ask(Route& route, Handler handler, const asio::any_io_executor& fallback,
         http::Request request, const PeerFacts& peer) {
    const asio::any_io_executor executor = asio::get_associated_executor(handler, fallback);
    auto slot = asio::get_associated_cancellation_slot(handler);
    const auto asker = std::make_shared<ForeignAsker>(
        executor, Completion<void(http::Response)>{std::move(handler), fallback});
    if (slot.is_connected()) {
        slot.assign([weak = std::weak_ptr{asker}](asio::cancellation_type) {
            if (const auto alive = weak.lock()) alive->cancel();
        });
    }
    HeadVerdict verdict = route.judge(request.head, peer);
    Responder responder{asker, 0};
    if (verdict.answer) return std::move(responder).respond(*std::move(verdict.answer), executor);
    route.handle(std::move(request), peer, std::move(responder));
}

}  // namespace hawser::inline HAWSER_MODE
