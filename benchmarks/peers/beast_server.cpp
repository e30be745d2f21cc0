// Boost.Beast, in callbacks, configured as the "fast" server among its examples: no compression, no
// automatic fragments, the insecure generator for mask keys, one thread.
//
//   beast_server PORT

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <cstdlib>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Tcp = asio::ip::tcp;
using Error = beast::error_code;
using Socket = asio::basic_stream_socket<Tcp, asio::io_context::executor_type>;
using Request = http::request<http::empty_body>;

/// One WebSocket. Of a fan-out, where it has the others.
class Channel : public std::enable_shared_from_this<Channel> {
public:
    using Room = std::set<Channel*>;

    Channel(Socket socket, Room* room) : stream_{std::move(socket)}, room_{room} {
        stream_.auto_fragment(false);
        stream_.secure_prng(false);
        stream_.read_message_max(16 << 20);
    }
    ~Channel() {
        if (room_ != nullptr) room_->erase(this);
    }

    void accept(const Request& request) {
        stream_.async_accept(request, [self = shared_from_this()](Error error) {
            if (error) return;
            if (self->room_ != nullptr) self->room_->insert(self.get());
            self->read();
        });
    }

private:
    void read() {
        stream_.async_read(buffer_, [self = shared_from_this()](Error error, std::size_t) {
            if (error) return;
            self->stream_.text(self->stream_.got_text());
            self->room_ == nullptr ? self->echo() : self->tell_all();
        });
    }
    void echo() {
        stream_.async_write(buffer_.data(), [self = shared_from_this()](Error error, std::size_t) {
            self->buffer_.clear();
            if (!error) self->read();
        });
    }
    void tell_all() {
        const auto text = std::make_shared<std::string>(beast::buffers_to_string(buffer_.data()));
        buffer_.clear();
        for (Channel* const member : *room_) {
            member->stream_.text(stream_.got_text());
            member->waiting_.push_back(text);
            if (member->waiting_.size() == 1) member->write();
        }
        read();
    }
    void write() {
        stream_.async_write(asio::buffer(*waiting_.front()),
                            [self = shared_from_this()](Error error, std::size_t) {
                                self->waiting_.pop_front();
                                if (!error && !self->waiting_.empty()) self->write();
                            });
    }

    websocket::stream<Socket> stream_;
    beast::flat_buffer buffer_;
    Room* room_;
    std::deque<std::shared_ptr<std::string>> waiting_;
};

/// A connection before it is, if ever, a WebSocket.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Socket socket, Channel::Room& room) : socket_{std::move(socket)}, room_{room} {
        response_.result(http::status::ok);
        response_.set(http::field::content_type, "text/plain");
        response_.body() = "Hello, World!";
        response_.prepare_payload();
    }

    void read() {
        request_ = {};
        http::async_read(socket_, buffer_, request_,
                         [self = shared_from_this()](Error error, std::size_t) {
                             if (!error) self->serve();
                         });
    }

private:
    void serve() {
        if (!websocket::is_upgrade(request_)) return answer();
        Channel::Room* const room = request_.target() == "/fan-out" ? &room_ : nullptr;
        std::make_shared<Channel>(std::move(socket_), room)->accept(request_);
    }
    void answer() {
        http::async_write(socket_, response_,
                          [self = shared_from_this()](Error error, std::size_t) {
                              if (!error) self->read();
                          });
    }

    Socket socket_;
    Channel::Room& room_;
    beast::flat_buffer buffer_;
    Request request_;
    http::response<http::string_body> response_;
};

void accept(asio::basic_socket_acceptor<Tcp, asio::io_context::executor_type>& acceptor,
            Channel::Room& room) {
    acceptor.async_accept([&](Error error, Socket socket) {
        if (!error) {
            socket.set_option(Tcp::no_delay{true});
            std::make_shared<Connection>(std::move(socket), room)->read();
        }
        accept(acceptor, room);
    });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    asio::io_context io{1};
    Channel::Room room;
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    asio::basic_socket_acceptor<Tcp, asio::io_context::executor_type> acceptor{
        io, Tcp::endpoint{asio::ip::address_v4::loopback(), port}};
    acceptor.listen(4096);
    accept(acceptor, room);
    io.run();
}
