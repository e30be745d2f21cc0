#pragma once

#include <hawser/channel/completion.hpp>
#include <hawser/net/task.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE {

/// Dispatches `function`. Where it can be seen that the caller is on `executor` it is called, so
/// that what a handler of the application throws leaves at once: Asio would keep it until the end
/// of the batch of events, and make `asio::multiple_exceptions` of two.
template <class Function>
void run_on(const asio::any_io_executor& executor, Function function) {
    const auto* const plain = detail::target_of<asio::io_context::executor_type>(executor);
    if (plain != nullptr && plain->running_in_this_thread()) return function();
    net::dispatch(executor, net::Task{std::move(function)});
}

}  // namespace hawser::inline HAWSER_MODE
