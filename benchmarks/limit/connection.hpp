#pragma once

#include "block.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace limit {

enum class Protocol : std::uint8_t { http, echo, fan_out };

/// What a connection needs only while a message is under way.
struct Baggage {
    /// The begin of a frame or a request that has not come whole.
    Part unread;
    /// Whether the rest of it, `unread.block.capacity()` in all, is received straight into it.
    bool is_straight = false;
    /// What the kernel did not take.
    std::vector<Part> unsent;
};

/// A connection: at rest nothing but this.
class Connection {
public:
    Connection(int socket, int poll) noexcept : socket_{socket}, poll_{poll} {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { ::close(socket_); }

    [[nodiscard]] int socket() const noexcept { return socket_; }
    [[nodiscard]] bool is_over() const noexcept { return is_over_; }
    void end() noexcept { is_over_ = true; }

    [[nodiscard]] bool has_unread() const noexcept { return baggage_ && baggage_->unread.end != 0; }
    [[nodiscard]] bool has_unsent() const noexcept { return baggage_ && !baggage_->unsent.empty(); }
    [[nodiscard]] Baggage& baggage() {
        if (!baggage_) baggage_ = std::make_unique<Baggage>();
        return *baggage_;
    }
    void drop_baggage_if_empty() noexcept {
        if (baggage_ && !has_unread() && !has_unsent()) baggage_.reset();
    }

    /// Sends now; what the kernel does not take is kept, and nothing is read until it has left.
    void send(std::string_view bytes, BlockStore& store) {
        const std::size_t sent = has_unsent() ? 0 : send_some(bytes);
        if (sent != bytes.size() && !is_over_) keep(copy_of(bytes.substr(sent), store));
    }
    /// The same, without a copy.
    void send(Part part, BlockStore& store) {
        if (!has_unsent()) part.begin += send_some(part.view());
        if (part.size() != 0 && !is_over_) return keep(std::move(part));
        store.give_back(std::move(part.block));
    }
    /// Sends what was kept.
    void flush(BlockStore& store) {
        auto& unsent = baggage_->unsent;
        while (!unsent.empty() && !is_over_) {
            Part& part = unsent.front();
            part.begin += send_some(part.view());
            if (part.size() != 0) return;
            store.give_back(std::move(part.block));
            unsent.erase(unsent.begin());
        }
        watch(EPOLLIN);
    }

    Protocol protocol = Protocol::http;

private:
    std::size_t send_some(std::string_view bytes) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno != EAGAIN && errno != EINTR) end();
        return 0;
    }
    void keep(Part part) {
        if (!has_unsent()) watch(EPOLLOUT);
        baggage().unsent.push_back(std::move(part));
    }
    void watch(std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = this;
        if (::epoll_ctl(poll_, EPOLL_CTL_MOD, socket_, &event) != 0) end();
    }

    int socket_;
    int poll_;
    bool is_over_ = false;
    std::unique_ptr<Baggage> baggage_;
};

}  // namespace limit
