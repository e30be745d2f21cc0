#pragma once

#include <hawser/net/epoll_stream.hpp>

#if defined(HAWSER_HAS_EPOLL)

#include <asio/error.hpp>

#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>

namespace hawser::inline HAWSER_MODE::net {

namespace detail {

/// Takes what a system call returned for what it has moved; it has failed where that is negative.
[[nodiscard]] inline std::size_t moved(ssize_t returned, std::error_code& error) noexcept {
    error.clear();
    if (returned >= 0) return static_cast<std::size_t>(returned);
    error.assign(errno, asio::error::get_system_category());
    return 0;
}

}  // namespace detail

HAWSER_DECL std::size_t EpollStream::read_some(asio::mutable_buffer into,
                                               std::error_code& error) noexcept {
    const int from = watch_.descriptor();
    const std::size_t size =
        detail::moved(::recv(from, into.data(), into.size(), MSG_DONTWAIT), error);
    if (size == 0 && into.size() != 0 && !error) error = asio::error::eof;
    return size;
}

HAWSER_DECL std::size_t EpollStream::write_parts(std::span<const asio::const_buffer> parts,
                                                 std::error_code& error) noexcept {
    constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    if (parts.size() == 1) {
        const asio::const_buffer part = parts.front();
        return detail::moved(::send(watch_.descriptor(), part.data(), part.size(), flags), error);
    }
    std::array<iovec, most_parts> vectors;
    for (std::size_t i = 0; i != parts.size(); ++i) {
        vectors[i] = {const_cast<void*>(parts[i].data()), parts[i].size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = parts.size();
    return detail::moved(::sendmsg(watch_.descriptor(), &message, flags), error);
}

HAWSER_DECL void EpollStream::shutdown(asio::socket_base::shutdown_type what,
                                       std::error_code& error) noexcept {
    error.clear();
    if (::shutdown(watch_.descriptor(), static_cast<int>(what)) != 0) {
        error.assign(errno, asio::error::get_system_category());
    }
}

}  // namespace hawser::inline HAWSER_MODE::net

#endif  // HAWSER_HAS_EPOLL
