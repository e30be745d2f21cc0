// Hawser in a server that is not Hawser's: this one accepts, reads requests and writes answers by
// itself. What is for a channel it hands over: the stream of a WebSocket for good, a polling
// request until it is answered. Deadlines, and how many may connect, are for the server to add.
#include "arguments.hpp"

#include <hawser/http/semantics.hpp>
#include <hawser/server.hpp>

#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>

#include <iostream>

namespace {

using asio::use_awaitable;
using asio::ip::tcp;
using hawser::http::Persistence;
using hawser::http::Request;
using hawser::http::RequestHead;
using hawser::http::Response;

asio::awaitable<void> echo(hawser::AnyChannel channel) {
    while (auto message = co_await channel.receive()) {
        if (!co_await channel.send(*std::move(message))) co_return;
    }
}

struct Endpoints {
    hawser::Endpoint<hawser::WebSocket> websocket;
    hawser::Endpoint<hawser::LongPolling> polling;
};

asio::awaitable<void> write(tcp::socket& socket, Response response,
                            Persistence persistence = Persistence::close) {
    hawser::Output output;
    hawser::http::write_response_head(output, response, {.persistence = persistence});
    output.append(std::move(response.body));
    const auto bytes = output.flatten();
    co_await asio::async_write(socket, asio::buffer(bytes), use_awaitable);
}

/// Reads a head; nothing where it is not one that should be trusted. A server with a parser of its
/// own only has to fill in what it has read.
asio::awaitable<std::optional<RequestHead>> read_head(tcp::socket& socket, std::string& input) {
    const hawser::HeadLimits limits;
    const auto size = co_await asio::async_read_until(
        socket, asio::dynamic_buffer(input, limits.bytes), "\r\n\r\n", use_awaitable);
    hawser::http::HeadGuard guard{hawser::http::HeadGuard::Section::request, limits};
    static_cast<void>(guard.feed(std::string_view{input}.substr(0, size)));
    if (!guard.complete()) co_return std::nullopt;
    auto head = hawser::http::parse_request_head(std::string_view{input}.substr(0, size));
    input.erase(0, size);
    if (!head || hawser::http::check_request(*head)) co_return std::nullopt;
    co_return *std::move(head);
}

/// Reads a body of at most `limit` bytes; nothing where it is longer, or of unknown length.
asio::awaitable<std::optional<std::vector<std::byte>>> read_body(tcp::socket& socket,
                                                                 std::string& input,
                                                                 const RequestHead& head,
                                                                 std::size_t limit) {
    const auto length =
        hawser::http::request_body_length(head, hawser::http::ChunkedCoding::refused);
    if (!length || length->bytes > limit) co_return std::nullopt;
    const auto size = static_cast<std::size_t>(length->bytes);
    if (input.size() < size) {
        co_await asio::async_read(socket, asio::dynamic_buffer(input),
                                  asio::transfer_at_least(size - input.size()), use_awaitable);
    }
    const auto body = hawser::as_bytes(input).first(size);
    std::vector<std::byte> bytes{body.begin(), body.end()};
    input.erase(0, size);
    co_return bytes;
}

/// Has a polling request answered; nothing where the client does not wait for the answer.
asio::awaitable<std::optional<Response>> poll(tcp::socket& socket, Endpoints& endpoints,
                                              Request request, const hawser::PeerFacts& peer) {
    using namespace asio::experimental::awaitable_operators;
    auto first =
        co_await (endpoints.polling.async_handle(std::move(request), peer, use_awaitable) ||
                  socket.async_wait(tcp::socket::wait_read, use_awaitable));
    if (first.index() == 1) co_return std::nullopt;
    co_return std::get<0>(std::move(first));
}

asio::awaitable<void> serve(tcp::socket socket, Endpoints& endpoints) {
    const auto remote = socket.remote_endpoint();
    const hawser::PeerFacts peer{.address = remote.address().to_string(), .port = remote.port()};
    std::string input;
    while (auto head = co_await read_head(socket, input)) {
        const bool goes_on = hawser::http::keeps_alive(head->fields, head->minor_version);
        if (head->path() != "/channel") {
            co_return co_await write(socket,
                                     hawser::http::make_text_response(200, "My own page.\n"));
        }
        if (hawser::websocket::asks_for_websocket(*head)) {
            endpoints.websocket.serve(std::move(socket), *head, hawser::as_bytes(input), peer);
            co_return;
        }
        auto verdict = endpoints.polling.judge(*head, peer);
        if (verdict.answer) co_return co_await write(socket, *std::move(verdict.answer));
        auto body = co_await read_body(socket, input, *head, verdict.body_limit);
        if (!body) co_return co_await write(socket, *std::move(verdict.too_big));
        Request request{.head = *std::move(head), .body = *std::move(body)};
        auto response = co_await poll(socket, endpoints, std::move(request), peer);
        if (!response) co_return;
        co_await write(socket, *std::move(response),
                       goes_on ? Persistence::keep_alive : Persistence::close);
        if (!goes_on) co_return;
    }
}

asio::awaitable<void> accept(tcp::acceptor acceptor, Endpoints& endpoints) {
    for (;;) {
        auto socket = co_await acceptor.async_accept(use_awaitable);
        asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), endpoints),
                       asio::detached);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    Arguments arguments{argc, argv, "embedded [--port P]"};
    const auto port = arguments.number<std::uint16_t>("--port", 8080);
    arguments.end();

    asio::io_context io{1};
    const asio::any_io_executor executor = io.get_executor();
    Endpoints endpoints{hawser::Endpoint<hawser::WebSocket>{executor},
                        hawser::Endpoint<hawser::LongPolling>{executor}};
    hawser::spawn_each(endpoints.websocket, echo);
    hawser::spawn_each(endpoints.polling, echo);
    tcp::acceptor acceptor{executor, {asio::ip::address_v4::loopback(), port}};
    std::cout << "listening on http://" << acceptor.local_endpoint() << std::endl;
    asio::co_spawn(io, accept(std::move(acceptor), endpoints), asio::detached);
    io.run();
} catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
