#pragma once

#include "support/random.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace test {

/// What a proxy does to a request.
enum class Fate : std::size_t {
    passed,
    /// The server answers, and the answer is lost.
    reply_dropped,
    /// The server gets the first half.
    request_cut,
    /// The client gets the first half of the answer.
    reply_cut,
    /// The server gets it twice, at the same time.
    doubled,
    /// The server gets it when many later ones have passed; the client gets no answer.
    delayed,
    /// The client is hung up on at once, while the server still works on it.
    overlapped,
    /// The proxy answers it itself.
    foreign,
    /// Passed, but the connection is closed then.
    closed,
    /// Nothing ever comes back, and the connection stays open.
    swallowed,
};

/// An HTTP proxy that does not do its work well: a part of the requests meets some fate.
/// Independent of the library, so that both do not err in the same way.
class FaultyProxy {
    using Tcp = asio::ip::tcp;

public:
    static constexpr std::size_t fates = 10;

    /// A proxy for the server at `port` of this machine; `percent` of the requests do not pass.
    FaultyProxy(const asio::any_io_executor& executor, std::uint16_t port, std::size_t percent,
                Random& random)
        : state_{std::make_shared<State>(executor, port, percent, random)} {
        asio::co_spawn(executor, accept(state_), asio::detached);
    }
    FaultyProxy(const FaultyProxy&) = delete;
    FaultyProxy& operator=(const FaultyProxy&) = delete;
    ~FaultyProxy() {
        std::error_code ignored;
        state_->acceptor.close(ignored);
    }

    [[nodiscard]] std::uint16_t port() const { return state_->acceptor.local_endpoint().port(); }
    /// How many requests met `fate`.
    [[nodiscard]] std::size_t count(Fate fate) const {
        return state_->counts[static_cast<std::size_t>(fate)];
    }

private:
    struct State {
        State(const asio::any_io_executor& executor, std::uint16_t port, std::size_t chance,
              Random& source)
            : acceptor{executor, {asio::ip::address_v4::loopback(), 0}},
              target{asio::ip::address_v4::loopback(), port},
              percent{chance},
              random{source} {}

        [[nodiscard]] Fate choose() {
            const bool is_bad = random.below(100) < percent;
            // A swallowed request costs a deadline, so there are few of them.
            const std::size_t last = random.one_in(10) ? fates : fates - 1;
            const std::size_t fate = is_bad ? 1 + random.below(last - 1) : 0;
            ++counts[fate];
            return static_cast<Fate>(fate);
        }

        Tcp::acceptor acceptor;
        Tcp::endpoint target;
        std::size_t percent;
        Random& random;
        std::array<std::size_t, fates> counts{};
        std::vector<std::string> delayed;
        /// Connections that are kept open and never used again.
        std::vector<Tcp::socket> swallowed;
    };
    using Shared = std::shared_ptr<State>;
    using Quiet = asio::redirect_error_t<asio::use_awaitable_t<>>;

    static Quiet into(std::error_code& error) { return {asio::use_awaitable, error}; }

    static asio::awaitable<void> accept(Shared state) {
        for (;;) {
            std::error_code error;
            Tcp::socket client = co_await state->acceptor.async_accept(into(error));
            if (error) co_return;
            asio::co_spawn(client.get_executor(), serve(state, std::move(client)), asio::detached);
        }
    }

    /// Reads a whole message: head, and as much body as it announces. Empty at the end of input.
    static asio::awaitable<std::string> read(Tcp::socket& from, std::string& buffer) {
        std::error_code error;
        const std::size_t head = co_await asio::async_read_until(from, asio::dynamic_buffer(buffer),
                                                                 "\r\n\r\n", into(error));
        if (error) co_return std::string{};
        const std::size_t field = buffer.find("Content-Length: ");
        const std::size_t body = field < head ? std::stoul(buffer.substr(field + 16)) : 0;
        if (buffer.size() < head + body) {
            co_await asio::async_read(from, asio::dynamic_buffer(buffer),
                                      asio::transfer_exactly(head + body - buffer.size()),
                                      into(error));
        }
        if (error) co_return std::string{};
        std::string message = buffer.substr(0, head + body);
        buffer.erase(0, head + body);
        co_return message;
    }

    static asio::awaitable<bool> write(Tcp::socket& to, std::string bytes) {
        std::error_code error;
        co_await asio::async_write(to, asio::buffer(bytes), into(error));
        co_return !error;
    }

    /// Has the server answer `request`, on a connection of its own.
    static asio::awaitable<std::string> ask(Shared state, std::string request) {
        Tcp::socket server{co_await asio::this_coro::executor};
        std::error_code error;
        co_await server.async_connect(state->target, into(error));
        if (error || !co_await write(server, std::move(request))) co_return std::string{};
        std::string buffer;
        co_return co_await read(server, buffer);
    }
    /// The same, with nobody to read the answer.
    static void ask_alone(const Shared& state, std::string request) {
        asio::co_spawn(state->acceptor.get_executor(), ask(state, std::move(request)),
                       asio::detached);
    }

    static asio::awaitable<void> serve(Shared state, Tcp::socket client) {
        std::string buffer;
        for (;;) {
            std::string request = co_await read(client, buffer);
            if (request.empty() || !state->acceptor.is_open()) co_return;
            if (state->delayed.size() > 5) {
                for (auto& late : std::exchange(state->delayed, {})) {
                    ask_alone(state, std::move(late));
                }
            }
            const Fate fate = state->choose();
            if (fate == Fate::swallowed) {
                state->swallowed.push_back(std::move(client));
                co_return;
            }
            if (!co_await meet(fate, state, client, std::move(request))) co_return;
        }
    }

    /// False when the client is to be hung up on.
    static asio::awaitable<bool> meet(Fate fate, Shared state, Tcp::socket& client,
                                      std::string request) {
        switch (fate) {
        case Fate::reply_dropped:
            co_await ask(state, std::move(request));
            co_return false;
        case Fate::request_cut:
            request.resize(request.size() / 2);
            co_await send_and_close(state, std::move(request));
            co_return false;
        case Fate::delayed:
            state->delayed.push_back(std::move(request));
            co_return false;
        case Fate::overlapped:
            ask_alone(state, std::move(request));
            co_return false;
        case Fate::foreign:
            co_return co_await write(
                client, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nOops");
        case Fate::doubled:
            ask_alone(state, request);
            break;
        case Fate::passed:
        case Fate::reply_cut:
        case Fate::closed:
        case Fate::swallowed:
            break;
        }
        std::string reply = co_await ask(state, std::move(request));
        if (reply.empty()) co_return false;
        if (fate == Fate::reply_cut) reply.resize(reply.size() / 2);
        const bool is_written = co_await write(client, std::move(reply));
        co_return is_written && fate != Fate::reply_cut && fate != Fate::closed;
    }

    static asio::awaitable<void> send_and_close(Shared state, std::string bytes) {
        Tcp::socket server{co_await asio::this_coro::executor};
        std::error_code error;
        co_await server.async_connect(state->target, into(error));
        if (!error) co_await write(server, std::move(bytes));
    }

    Shared state_;
};

}  // namespace test
