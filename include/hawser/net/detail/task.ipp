#pragma once

#include <hawser/net/task.hpp>

#include <asio/dispatch.hpp>
#include <asio/post.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE::net {

HAWSER_DECL void post(const asio::any_io_executor& executor, Task task) {
    asio::post(executor, std::move(task));
}

HAWSER_DECL void dispatch(const asio::any_io_executor& executor, Task task) {
    asio::dispatch(executor, std::move(task));
}

}  // namespace hawser::inline HAWSER_MODE::net
