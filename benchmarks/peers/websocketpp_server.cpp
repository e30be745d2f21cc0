// websocketpp, configured as its manual advises for speed: no logging, no locks, one thread.
//
//   websocketpp_server PORT
//
// Its connections answer one HTTP request and close, so that there is none for a GET that is kept
// alive.

#include <websocketpp/concurrency/none.hpp>
#include <websocketpp/config/core.hpp>
#include <websocketpp/logger/stub.hpp>
#include <websocketpp/server.hpp>
#include <websocketpp/transport/asio/endpoint.hpp>

#include <cstdlib>
#include <memory>
#include <set>

namespace {

struct Config : websocketpp::config::core {
    using type = Config;
    using concurrency_type = websocketpp::concurrency::none;
    using alog_type = websocketpp::log::stub;
    using elog_type = websocketpp::log::stub;

    struct transport_config : websocketpp::config::core::transport_config {
        using concurrency_type = Config::concurrency_type;
        using alog_type = Config::alog_type;
        using elog_type = Config::elog_type;
        using request_type = websocketpp::config::core::request_type;
        using response_type = websocketpp::config::core::response_type;
        using socket_type = websocketpp::transport::asio::basic_socket::endpoint;
        static const bool enable_multithreading = false;
    };
    using transport_type = websocketpp::transport::asio::endpoint<transport_config>;
};

using Server = websocketpp::server<Config>;
using Handle = websocketpp::connection_hdl;

void serve(std::uint16_t port) {
    Server server;
    std::set<Handle, std::owner_less<Handle>> room;
    server.init_asio();
    server.set_reuse_addr(true);
    server.set_listen_backlog(4096);
    server.set_tcp_post_init_handler([&](Handle handle) {
        server.get_con_from_hdl(handle)->get_raw_socket().set_option(
            boost::asio::ip::tcp::no_delay{true});
    });
    server.set_open_handler([&](Handle handle) {
        const auto connection = server.get_con_from_hdl(handle);
        if (connection->get_resource() == "/fan-out") room.insert(handle);
    });
    server.set_close_handler([&](Handle handle) { room.erase(handle); });
    server.set_fail_handler([&](Handle handle) { room.erase(handle); });
    server.set_message_handler([&](Handle handle, Server::message_ptr message) {
        websocketpp::lib::error_code error;
        if (room.count(handle) == 0) {
            server.send(handle, message->get_payload(), message->get_opcode(), error);
            return;
        }
        for (const Handle& member : room) {
            server.send(member, message->get_payload(), message->get_opcode(), error);
        }
    });
    server.listen(boost::asio::ip::address_v4::loopback(), port);
    server.start_accept();
    server.run();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    serve(static_cast<std::uint16_t>(std::atoi(argv[1])));
}
