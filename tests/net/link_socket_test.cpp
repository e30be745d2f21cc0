#include "net/line_host.hpp"
#include "net/socket_pair.hpp"

#include <hawser/net/epoll_stream.hpp>

#include <asio/io_context.hpp>
#include <asio/local/connect_pair.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/write.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// Links over the sockets of the system, where everything waits for an event and nothing for time.

using namespace hawser;
using Entries = std::vector<std::string>;

namespace {

struct Tcp {
    using Socket = asio::ip::tcp::socket;
    static std::pair<Socket, Socket> pair(asio::io_context& io) { return test::connected_pair(io); }
    static Socket from(Socket socket) { return socket; }
};

struct Local {
    using Socket = asio::local::stream_protocol::socket;
    static std::pair<Socket, Socket> pair(asio::io_context& io) {
        std::pair<Socket, Socket> ends{io, io};
        asio::local::connect_pair(ends.first, ends.second);
        return ends;
    }
};

#if defined(HAWSER_HAS_EPOLL)
/// The same in an epoll set.
template <class Kind>
struct InSet {
    using Socket = net::EpollStream;
    static std::pair<Socket, Socket> pair(asio::io_context& io) {
        auto [one, two] = Kind::pair(io);
        return {from(std::move(one)), from(std::move(two))};
    }
    static Socket from(typename Kind::Socket socket) {
        net::EpollSet& set = *net::EpollSet::of(socket.get_executor());
        return Socket{set, std::move(socket)};
    }
};
#define KINDS Tcp, Local, InSet<Tcp>, InSet<Local>
#define TCP_KINDS Tcp, InSet<Tcp>
#else
#define KINDS Tcp, Local
#define TCP_KINDS Tcp
#endif

/// Two links that are connected.
template <class Kind>
struct Pair {
    using Socket = typename Kind::Socket;
    using Host = test::LineHost<Socket>;

    Pair() {
        const auto loop = net::Loop::of(io.get_executor());
        auto [first, second] = Kind::pair(io);
        const net::LinkOptions options{.linger = std::chrono::hours{1}};
        one = std::make_shared<Host>(std::move(first), loop, one_log, options);
        two = std::make_shared<Host>(std::move(second), loop, two_log, options);
        one->start();
        two->start();
    }

    asio::io_context io{1};
    typename Host::Log one_log;
    typename Host::Log two_log;
    std::shared_ptr<Host> one;
    std::shared_ptr<Host> two;
};

}  // namespace

TEST_CASE_TEMPLATE("lines go both ways until one side has enough", Kind, KINDS) {
    Pair<Kind> pair;
    pair.two->on_line = test::echo<typename Kind::Socket>;
    unsigned count = 0;
    pair.one->on_line = [&](auto& host, const std::string& text) {
        if (++count == 1000) return host.engine().close();
        test::echo(host, text);
    };
    pair.one->command([](auto& engine) { engine.send("ball\n"); });
    pair.io.run();
    CHECK(pair.one_log.entries.size() == 1002);
    CHECK(pair.two_log.entries.size() == 1002);
    CHECK(pair.one_log.entries.back() == "end");
    CHECK(pair.two_log.entries.back() == "end");
    CHECK_FALSE(pair.one_log.error);
    CHECK_FALSE(pair.two_log.error);
}

TEST_CASE_TEMPLATE("a large output goes through a full socket, byte-exact", Kind, KINDS) {
    Pair<Kind> pair;
    std::vector<std::string> expected;
    pair.one->command([&](auto& engine) {
        for (std::size_t i = 0; i != 400; ++i) {
            const std::string text(i * i, static_cast<char>('a' + i % 26));
            engine.send(Message::text(text));
            engine.send("\n");
            const Message message = Message::text(text);
            expected.push_back("line " + std::string{as_characters(message.frame())});
        }
        engine.close();
    });
    pair.io.run();
    // The frame of a message of 10 bytes, or of 2560 to 2815, has a line's end in its header.
    std::string sent;
    std::string received;
    for (const std::string& line : expected) sent += line.substr(5) + "\n";
    for (const std::string& entry : pair.two_log.entries) {
        if (entry.starts_with("line ")) received += entry.substr(5) + "\n";
    }
    CHECK(received == sent);
    CHECK(pair.one_log.most_unsent > 1'000'000);
    CHECK_FALSE(pair.two_log.error);
}

TEST_CASE_TEMPLATE("the peer's last bytes are not answered by a reset before ours are read", Kind,
                   TCP_KINDS) {
    asio::io_context io{1};
    const auto loop = net::Loop::of(io.get_executor());
    auto [socket, peer] = test::connected_pair(io);
    using Host = test::LineHost<typename Kind::Socket>;
    typename Host::Log log;
    const net::LinkOptions options{.linger = std::chrono::hours{1}};
    auto host = std::make_shared<Host>(Kind::from(std::move(socket)), loop, log, options);
    host->on_line = [](auto& self, const std::string&) {
        self.engine().send("enough");
        self.engine().close();
    };
    host->start();
    host.reset();
    // More than is looked at, all of it under way before the answer can be read.
    asio::write(peer, asio::buffer("one\n" + std::string(100'000, 'x')));
    std::string answer(100, ' ');
    std::size_t size = 0;
    while (log.entries.size() < 2) {
        io.poll_one();
        if (peer.available() == 6) break;
    }
    asio::write(peer, asio::buffer(std::string(100'000, 'y')));
    for (int i = 0; i != 10; ++i) io.poll();
    std::error_code error;
    while (!error) size += peer.read_some(asio::buffer(&answer[size], answer.size() - size), error);
    CHECK(error == asio::error::eof);
    CHECK(answer.substr(0, size) == "enough");
    peer.close();
    io.run();
    CHECK(log.entries == Entries{"line one", "closed", "end"});
}

TEST_CASE_TEMPLATE("a connection that is reset is lost", Kind, TCP_KINDS) {
    asio::io_context io{1};
    const auto loop = net::Loop::of(io.get_executor());
    auto [socket, peer] = test::connected_pair(io);
    using Host = test::LineHost<typename Kind::Socket>;
    typename Host::Log log;
    auto host = std::make_shared<Host>(Kind::from(std::move(socket)), loop, log);
    host->start();
    host.reset();
    peer.set_option(asio::socket_base::linger{true, 0});  // so that close resets
    peer.close();
    io.run();
    CHECK(log.entries == Entries{"closed", "end"});
    CHECK(log.error == Error::connection_lost);
}

TEST_CASE("an idle link over a socket stays small") {
    // What a channel of 512 bytes can afford beside its engine; 88 bytes are Asio's socket.
    using Tcp = asio::ip::tcp::socket;
    constexpr std::size_t link = sizeof(test::LineHost<Tcp>) - sizeof(test::LineEngine);
    CHECK(link + sizeof(net::TransferOf<Tcp>) <= 464);
#if defined(HAWSER_HAS_EPOLL)
    CHECK(link + sizeof(net::TransferOf<net::EpollStream>) <= 432);
#endif
}
