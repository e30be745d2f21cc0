#pragma once

#include "../ruler/sha1.hpp"
#include "../socket.hpp"
#include "connection.hpp"
#include "http.hpp"
#include "polling.hpp"
#include "websocket.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace limit {

using bench::Descriptor;
using bench::throw_errno;

/// What a server has in common with those of other threads.
enum class Sharing : std::uint8_t { nothing, port };

/// One thread, one epoll set, one buffer for whatever is read.
class Server {
public:
    Server(std::uint16_t port, Sharing sharing) : listener_{listen(port, sharing)} {
        add(listener_.number(), nullptr);
    }

    [[noreturn]] void run() {
        for (;;) {
            const int count = ::epoll_wait(poll_.number(), events_.data(), most_events, -1);
            for (int i = 0; i < count; ++i) {
                handle(events_[static_cast<std::size_t>(i)]);
            }
            end_turn();
        }
    }

private:
    static constexpr int most_events = 128;
    static constexpr std::size_t room_size = 512 * 1024;
    /// A frame of which more than this is missing is received straight into a block of its own.
    static constexpr std::size_t most_gathered = 64 * 1024;

    static Descriptor listen(std::uint16_t port, Sharing sharing) {
        constexpr int kind = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
        Descriptor socket{::socket(AF_INET, kind, 0), "socket"};
        const int on = 1;
        ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (sharing == Sharing::port) {
            ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        }
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
        if (::bind(socket.number(), generic, sizeof address) != 0) throw_errno("bind");
        if (::listen(socket.number(), 4096) != 0) throw_errno("listen");
        return socket;
    }

    void add(int socket, Connection* connection) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = connection;
        if (::epoll_ctl(poll_.number(), EPOLL_CTL_ADD, socket, &event) != 0) {
            throw_errno("epoll_ctl");
        }
    }

    void accept() {
        for (;;) {
            const int socket = ::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) return;
            const int on = 1;
            ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            add(socket, new Connection{socket, poll_.number()});
        }
    }

    void handle(const epoll_event& event) {
        auto* const connection = static_cast<Connection*>(event.data.ptr);
        if (connection == nullptr) return accept();
        if (connection->is_over()) return;
        if ((event.events & EPOLLOUT) != 0) {
            connection->flush(store_);
        } else if (connection->has_unread() && connection->baggage().is_straight) {
            receive_straight(*connection);
        } else {
            receive(*connection);
        }
        connection->drop_baggage_if_empty();
        if (connection->is_over()) over_.push_back(connection);
    }

    std::size_t receive_some(Connection& connection, char* to, std::size_t size) {
        const auto received = ::recv(connection.socket(), to, size, MSG_DONTWAIT);
        if (received > 0) return static_cast<std::size_t>(received);
        if (received == 0 || (errno != EAGAIN && errno != EINTR)) connection.end();
        return 0;
    }

    /// Behind the begin of a message, if there is one, into the buffer of all.
    void receive(Connection& connection) {
        std::size_t size = 0;
        if (connection.has_unread()) {
            Part& unread = connection.baggage().unread;
            size = unread.size();
            std::memcpy(room_.data(), unread.view().data(), size);
            store_.give_back(std::exchange(unread, {}).block);
        }
        size += receive_some(connection, room_.data() + size, room_.size() - size);
        char* const end = room_.data() + size;
        char* at = room_.data();
        if (connection.protocol == Protocol::http) at = serve_requests(connection, at, end);
        if (connection.protocol != Protocol::http) at = serve_frames(connection, at, end);
        if (at != end && !connection.is_over()) keep(connection, at, end);
    }

    void keep(Connection& connection, char* begin, char* end) {
        const auto size = static_cast<std::size_t>(end - begin);
        Baggage& baggage = connection.baggage();
        const auto frame =
            connection.protocol == Protocol::http ? std::nullopt : parse_frame(begin, size);
        baggage.is_straight = frame && frame->size() - size > most_gathered;
        if (baggage.is_straight) {
            baggage.unread = {store_.take(frame->size()), 0, size};
            std::memcpy(baggage.unread.block.data(), begin, size);
        } else {
            baggage.unread = copy_of({begin, size}, store_);
        }
    }

    void receive_straight(Connection& connection) {
        Part& part = connection.baggage().unread;
        const auto frame = parse_frame(part.block.data(), part.end);
        part.end +=
            receive_some(connection, part.block.data() + part.end, frame->size() - part.end);
        if (part.end != frame->size()) return;
        Part whole = std::exchange(part, {});
        if (connection.protocol == Protocol::fan_out) {
            broadcast(whole.block.data(), *frame);
            return store_.give_back(std::move(whole.block));
        }
        char* const begin = whole.block.data() + (frame->head - frame->answer_head());
        turn_frame(begin, whole.block.data(), *frame);
        whole.begin = frame->head - frame->answer_head();
        connection.send(std::move(whole), store_);
    }

    /// Answers the frames that are whole, all in one; returns where the rest begins.
    char* serve_frames(Connection& connection, char* at, char* end) {
        char* const begin = at + 4;  // the first payload stays where it is
        char* to = begin;
        while (const auto frame = parse_frame(at, static_cast<std::size_t>(end - at))) {
            if (static_cast<std::size_t>(end - at) < frame->size()) break;
            if (frame->opcode() == 8) connection.end();
            if (connection.protocol == Protocol::fan_out && frame->opcode() < 8) {
                broadcast(at, *frame);
            } else {
                to = turn_frame(to, at, *frame);
            }
            at += frame->size();
        }
        if (to != begin) {
            connection.send({begin, static_cast<std::size_t>(to - begin)}, store_);
        }
        return at;
    }

    /// At the end of the turn, to all.
    void broadcast(char* at, const Frame& frame) {
        std::array<char, 14> head;
        unmask(at + frame.head, frame.payload, frame.key);
        broadcast_.append(head.data(), write_answer_head(head.data(), frame));
        broadcast_.append(at + frame.head, frame.payload);
    }

    char* serve_requests(Connection& connection, char* at, char* end) {
        answers_.clear();
        while (connection.protocol == Protocol::http) {
            const auto request = parse_request({at, static_cast<std::size_t>(end - at)});
            if (!request) break;
            serve(connection, *request);
            at += request->size();
        }
        if (!answers_.empty()) connection.send(answers_, store_);
        return at;
    }

    void serve(Connection& connection, const Request& request) {
        const std::string_view path = request.path();
        if (path == "/http") {
            answers_ += "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "Content-Length: 13\r\n\r\nHello, World!";
        } else if (path == "/long-polling") {
            sessions_.serve(connection, request, PollingSessions::Hold::allowed);
        } else if (path == "/polling") {
            sessions_.serve(connection, request, PollingSessions::Hold::none);
        } else {
            upgrade(connection, request);
        }
    }

    void upgrade(Connection& connection, const Request& request) {
        const auto key = request.field("\r\nSec-WebSocket-Key: ");
        answers_ += "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                    bench::accept_of(key) + "\r\n\r\n";
        const bool is_fan_out = request.path() == "/fan-out";
        connection.protocol = is_fan_out ? Protocol::fan_out : Protocol::echo;
        if (is_fan_out) members_.push_back(&connection);
    }

    void end_turn() {
        if (!over_.empty()) sweep();
        if (broadcast_.empty()) return;
        for (Connection* const member : members_) {
            member->send(broadcast_, store_);
            if (member->is_over()) over_.push_back(member);
        }
        broadcast_.clear();
    }

    void sweep() {
        std::ranges::sort(over_);
        over_.erase(std::ranges::unique(over_).begin(), over_.end());
        for (Connection* const connection : over_) {
            if (connection->protocol == Protocol::http) sessions_.forget(*connection);
            if (connection->protocol == Protocol::fan_out) std::erase(members_, connection);
            delete connection;
        }
        over_.clear();
    }

    Descriptor poll_{::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"};
    Descriptor listener_;
    std::array<epoll_event, most_events> events_{};
    std::vector<char> room_ = std::vector<char>(room_size);
    BlockStore store_;
    PollingSessions sessions_{store_};
    std::string answers_;
    std::string broadcast_;
    std::vector<Connection*> members_;
    /// Connections that are gone, but that events of this turn may name.
    std::vector<Connection*> over_;
};

}  // namespace limit
