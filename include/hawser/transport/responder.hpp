#pragma once

#include <hawser/core/config.hpp>
#include <hawser/http/response.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/post.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Names one request of an `Asker`.
using AskNumber = std::uint64_t;

/// Somebody who holds a request back and wants to know what becomes of its asker. Called from the
/// asker's executor.
class Holder {
public:
    virtual ~Holder() = default;

    /// The asker would rather have an answer now: its connection has something else to say.
    virtual void hurry(std::uint64_t request) = 0;
    /// The answer has been written.
    virtual void written(std::uint64_t request) = 0;
    /// The asker is gone; nobody reads an answer, or the rest of it.
    virtual void give_up(std::uint64_t request) = 0;
};

/// Somebody who has asked and waits for an answer: a connection of our own server, or the operation
/// of a foreign one. Used on its own executor, but for `executor()`.
class Asker {
public:
    virtual ~Asker() = default;

    [[nodiscard]] virtual asio::any_io_executor executor() const = 0;
    /// Takes the answer to its request `number`; ignored where that does not wait any more.
    virtual void answer(AskNumber number, http::Response response) = 0;
    /// Has `holder` told what becomes of the request; it calls it `request`. At most one holder.
    virtual void hold(AskNumber number, std::weak_ptr<Holder> holder, std::uint64_t request) = 0;
};

/// The right and the duty to answer one request. Move-only. Where it is destroyed without having
/// answered, it answers 500: no path through the code leaves a request unanswered.
/// May be moved to another executor, and answered there.
class Responder {
public:
    Responder() noexcept = default;
    Responder(std::shared_ptr<Asker> asker, AskNumber number) noexcept
        : asker_{std::move(asker)}, number_{number} {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept {
        std::swap(asker_, other.asker_);
        std::swap(number_, other.number_);
        return *this;
    }
    ~Responder() {
        if (asker_ != nullptr)
            post(http::make_text_response(500, "The request was not answered.\n"));
    }

    /// Answers, on the executor `current`, on which the caller runs, or by way of the asker's own.
    void respond(http::Response response, const asio::any_io_executor& current) && {
        if (asker_->executor() != current) return post(std::move(response));
        std::exchange(asker_, nullptr)->answer(number_, std::move(response));
    }
    /// Answers by way of the asker's executor.
    void post(http::Response response) {
        const asio::any_io_executor executor = asker_->executor();
        asio::post(executor, [asker = std::exchange(asker_, nullptr), number = number_,
                              response = std::move(response)]() mutable {
            asker->answer(number, std::move(response));
        });
    }

    /// Has `holder` told what becomes of the request. To be called before the answer; takes effect
    /// at once where the caller runs on the asker's executor `current`.
    void hold(std::weak_ptr<Holder> holder, std::uint64_t request,
              const asio::any_io_executor& current) const {
        if (asker_->executor() == current) {
            return asker_->hold(number_, std::move(holder), request);
        }
        auto tell = [asker = asker_, number = number_, holder = std::move(holder),
                     request]() mutable { asker->hold(number, std::move(holder), request); };
        asio::post(asker_->executor(), std::move(tell));
    }

    /// Where the asker lives.
    [[nodiscard]] asio::any_io_executor get_executor() const { return asker_->executor(); }
    [[nodiscard]] explicit operator bool() const noexcept { return asker_ != nullptr; }

private:
    std::shared_ptr<Asker> asker_;
    AskNumber number_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE
