#pragma once

#include <hawser/net/waiter.hpp>

#include <asio/any_io_executor.hpp>

namespace hawser::inline HAWSER_MODE::net {

/// What is to be done on some executor.
using Task = Once<>;

// As those of Asio, but compiled once and not for each type of function: for an executor whose type
// is erased that is much code.

/// Has `task` called on `executor`, never from inside this call.
HAWSER_DECL void post(const asio::any_io_executor& executor, Task task);
/// Has `task` called on `executor`, from inside this call where that is allowed.
HAWSER_DECL void dispatch(const asio::any_io_executor& executor, Task task);

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/task.ipp>
#endif
