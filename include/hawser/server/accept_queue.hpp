#pragma once

#include <hawser/channel/channel.hpp>
#include <hawser/channel/completion.hpp>
#include <hawser/core/error.hpp>
#include <hawser/core/queue.hpp>
#include <hawser/net/task.hpp>

#include <asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// The channels that an endpoint has opened and the application has not accepted yet. Lives on one
/// executor, but for `put`.
template <class T>
class AcceptQueue : public std::enable_shared_from_this<AcceptQueue<T>> {
public:
    using Accepted = Completion<void(std::error_code, Channel<T>)>;
    using Take = std::function<void(Channel<T>)>;

    /// Where more than `most` channels wait, further ones are closed again.
    AcceptQueue(asio::any_io_executor executor, std::size_t most)
        : executor_{std::move(executor)}, most_{most} {}

    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return executor_; }

    /// Has every channel given to `take`, on the channel's own executor, instead of being queued.
    /// To be called before the first channel comes.
    void set_taker(Take take) { take_ = std::move(take); }

    void accept(Accepted completion) {
        if (closed_) return std::move(completion).post(Error::aborted, Channel<T>{nullptr});
        if (waiting_channels_.empty()) return waiting_accepts_.push(std::move(completion));
        std::move(completion).post(std::error_code{}, waiting_channels_.pop());
    }

    /// Ends all outstanding accepts with `Error::aborted`, and closes what was not accepted.
    void close() {
        closed_ = true;
        while (!waiting_accepts_.empty()) {
            waiting_accepts_.pop().post(Error::aborted, Channel<T>{nullptr});
        }
        waiting_channels_.clear();
    }

    /// Takes an open channel; on the channel's executor.
    void put(Channel<T> channel) {
        if (take_) return take_(std::move(channel));
        net::dispatch(executor_, net::Task{[self = this->shared_from_this(),
                                            channel = std::move(channel)]() mutable {
                          self->deliver(std::move(channel));
                      }});
    }

private:
    void deliver(Channel<T> channel) {
        if (closed_) return;
        if (!waiting_accepts_.empty()) {
            return waiting_accepts_.pop().complete(executor_, std::error_code{},
                                                   std::move(channel));
        }
        if (waiting_channels_.size() < most_) waiting_channels_.push(std::move(channel));
    }

    asio::any_io_executor executor_;
    std::size_t most_;
    Take take_;
    Queue<Accepted> waiting_accepts_;
    Queue<Channel<T>> waiting_channels_;
    bool closed_ = false;
};

}  // namespace hawser::inline HAWSER_MODE
