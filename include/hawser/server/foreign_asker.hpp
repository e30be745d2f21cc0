#pragma once

#include <hawser/channel/completion.hpp>
#include <hawser/http/response.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/server/held_request.hpp>
#include <hawser/server/route.hpp>
#include <hawser/server/run_on.hpp>
#include <hawser/transport/responder.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/cancellation_type.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// A foreign server's request, as an asker: its completion handler is called with the answer, or
/// destroyed with its executor's context. The executor's loop keeps it until then.
class ForeignAsker final : public Asker, public std::enable_shared_from_this<ForeignAsker> {
public:
    ForeignAsker(std::shared_ptr<net::Loop> loop, Completion<void(http::Response)> completion)
        : loop_{std::move(loop)}, completion_{std::move(completion)} {}

    /// Asks `route`. To be called once, on the executor.
    void ask(Route& route, http::Request request, const PeerFacts& peer) {
        if (!completion_) return;  // cancelled meanwhile
        loop_->keep(shared_from_this());
        HeadVerdict verdict = route.judge(request.head, peer);
        if (verdict.answer) return answer(0, *std::move(verdict.answer));
        route.handle(std::move(request), peer, Responder{shared_from_this(), 0});
    }

    [[nodiscard]] asio::any_io_executor executor() const override { return loop_->executor(); }
    [[nodiscard]] const std::shared_ptr<net::Mailroom>& mailroom() const noexcept override {
        return loop_->mailroom();
    }

    void answer(AskNumber, http::Response response) override {
        if (!completion_) return;
        // Posted: the answer may be given from inside the call that asks.
        std::exchange(completion_, {}).post(std::move(response));
        held_.written(loop_->executor());
        loop_->release(this);
    }
    void hold(AskNumber, std::weak_ptr<Holder> holder, std::uint64_t request) override {
        held_ = {std::move(holder), request};
    }

    /// The foreign server does not want an answer any more.
    void cancel() {
        if (!completion_) return;
        std::exchange(completion_, {}).post(http::make_text_response(503, "Cancelled.\n"));
        held_.give_up(loop_->executor());
        loop_->release(this);
    }

private:
    std::shared_ptr<net::Loop> loop_;
    Completion<void(http::Response)> completion_;
    HeldRequest held_;
};

/// Asks `route` on behalf of a foreign server, whose `handler` is called with the response; on the
/// executor of the handler, else on `fallback`.
template <class Handler>
void ask(std::shared_ptr<Route> route, Handler handler, const asio::any_io_executor& fallback,
         http::Request request, PeerFacts peer) {
    const asio::any_io_executor executor = asio::get_associated_executor(handler, fallback);
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto asker = std::make_shared<ForeignAsker>(
        net::Loop::of(executor), Completion<void(http::Response)>{std::move(handler), fallback});
    if (slot.is_connected()) {
        slot.assign([weak = std::weak_ptr{asker}](asio::cancellation_type) {
            if (const auto alive = weak.lock()) alive->cancel();
        });
    }
    run_on(executor,
           [route = std::move(route), asker = std::move(asker), request = std::move(request),
            peer = std::move(peer)]() mutable { asker->ask(*route, std::move(request), peer); });
}

}  // namespace hawser::inline HAWSER_MODE
