#pragma once

#include <hawser/core/config.hpp>
#include <hawser/http/response.hpp>
#include <hawser/net/mailroom.hpp>

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Names one request of an `Asker`.
using AskNumber = std::uint64_t;

/// Somebody who holds a request back and wants to know what becomes of its asker. Called on the
/// asker's executor, `current`.
class Holder {
public:
    virtual ~Holder() = default;

    /// The asker would rather have an answer now: its connection has something else to say.
    virtual void hurry(std::uint64_t request, const asio::any_io_executor& current) = 0;
    /// The answer has been written.
    virtual void written(std::uint64_t request, const asio::any_io_executor& current) = 0;
    /// The asker is gone; nobody reads an answer, or the rest of it.
    virtual void give_up(std::uint64_t request, const asio::any_io_executor& current) = 0;
};

/// Somebody who has asked and waits for an answer: a connection of our own server, or the operation
/// of a foreign one. It sees to its own life until it is answered. Used on its own executor, but
/// for `executor()` and `mailroom()`.
class Asker {
public:
    virtual ~Asker() = default;

    [[nodiscard]] virtual asio::any_io_executor executor() const = 0;
    /// The way to the executor from others.
    [[nodiscard]] virtual const std::shared_ptr<net::Mailroom>& mailroom() const noexcept = 0;
    /// Takes the answer to its request `number`; ignored where that does not wait any more.
    virtual void answer(AskNumber number, http::Response response) = 0;
    /// Has `holder` told what becomes of the request; it calls it `request`. At most one holder.
    virtual void hold(AskNumber number, std::weak_ptr<Holder> holder, std::uint64_t request) = 0;
};

/// The right and the duty to answer one request. Move-only. Where it is destroyed without having
/// answered, it answers 500: no path through the code leaves a request unanswered.
/// May be moved to another executor, and answered there. An asker that has gone gets no answer.
class Responder {
public:
    Responder() noexcept = default;
    Responder(const std::shared_ptr<Asker>& asker, AskNumber number) noexcept
        : asker_{asker}, number_{number} {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept {
        std::swap(asker_, other.asker_);
        std::swap(number_, other.number_);
        return *this;
    }
    ~Responder() { post(http::make_text_response(500, "The request was not answered.\n")); }

    /// Answers, on the executor `current`, on which the caller runs, or by way of the asker's own.
    void respond(http::Response response, const asio::any_io_executor& current) && {
        auto asker = std::exchange(asker_, {}).lock();
        if (!asker) return;
        if (asker->executor() == current) return asker->answer(number_, std::move(response));
        post(std::move(asker), std::move(response));
    }
    /// Answers by way of the asker's executor.
    void post(http::Response response) {
        if (auto asker = std::exchange(asker_, {}).lock()) {
            post(std::move(asker), std::move(response));
        }
    }

    /// Has `holder` told what becomes of the request. To be called before the answer; takes effect
    /// at once where the caller runs on the asker's executor `current`.
    void hold(std::weak_ptr<Holder> holder, std::uint64_t request,
              const asio::any_io_executor& current) const {
        auto asker = asker_.lock();
        if (!asker) return;
        if (asker->executor() == current) return asker->hold(number_, std::move(holder), request);
        run(std::move(asker), [number = number_, holder = std::move(holder),
                               request](Asker& there) { there.hold(number, holder, request); });
    }

    /// Where the asker lives; empty where there is none any more.
    [[nodiscard]] asio::any_io_executor get_executor() const {
        const auto asker = asker_.lock();
        return asker ? asker->executor() : asio::any_io_executor{};
    }

private:
    void post(std::shared_ptr<Asker> asker, http::Response response) const {
        run(std::move(asker),
            [number = number_, response = std::move(response)](Asker& there) mutable {
                there.answer(number, std::move(response));
            });
    }
    /// Has `action(asker)` called on the asker's executor, where the asker is let go of, too.
    template <class Action>
    static void run(std::shared_ptr<Asker> asker, Action action) {
        const auto mailroom = asker->mailroom();
        mailroom->run(net::Task{
            [asker = std::move(asker), action = std::move(action)]() mutable { action(*asker); }});
    }

    std::weak_ptr<Asker> asker_;
    AskNumber number_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE
