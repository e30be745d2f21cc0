#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/socket_base.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace test {

/// The peer of a stream in memory, and what becomes of the stream's operations.
class Wire {
public:
    static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
    using Handler = std::function<void(std::error_code, std::size_t)>;

    explicit Wire(asio::any_io_executor executor) : executor_{std::move(executor)} {}

    // What the peer does.
    void send(std::string_view bytes) {
        incoming_ += bytes;
        tell_reader();
    }
    void end() {
        ended_ = true;
        tell_reader();
    }
    /// From now on the stream takes `bytes` more.
    void take(std::size_t bytes) {
        room = bytes;
        tell_writer();
    }
    /// Forgets the handlers that wait, which may hold the stream.
    void abandon() { reader_ = writer_ = nullptr; }

    // What the stream does.
    [[nodiscard]] bool is_readable() const { return !incoming_.empty() || ended_; }
    std::size_t read(asio::mutable_buffer into, std::error_code& error) {
        if (!begin(error)) return 0;
        if (!is_readable()) error = asio::error::would_block;
        if (incoming_.empty() && ended_) error = asio::error::eof;
        return move_in(into);
    }
    template <class Buffers>
    std::size_t write(const Buffers& from, std::error_code& error) {
        if (!begin(error)) return 0;
        ++writes;
        std::size_t left = std::min(room, write_step);
        if (left == 0) error = asio::error::would_block;
        std::size_t size = 0;
        for (auto at = asio::buffer_sequence_begin(from);
             at != asio::buffer_sequence_end(from); ++at) {
            const asio::const_buffer buffer{*at};
            const std::size_t part = std::min(left - size, buffer.size());
            written.append(static_cast<const char*>(buffer.data()), part);
            size += part;
        }
        if (room != no_limit) room -= size;
        return size;
    }
    void await_read(Handler handler) {
        if (reject(handler)) return;
        reader_ = std::move(handler);
        if (is_readable()) tell_reader();
    }
    void await_write(Handler handler) {
        if (reject(handler)) return;
        writer_ = std::move(handler);
        if (room != 0) tell_writer();
    }
    void cancel() {
        post(std::exchange(reader_, nullptr), asio::error::operation_aborted);
        post(std::exchange(writer_, nullptr), asio::error::operation_aborted);
    }
    void close() {
        is_closed = true;
        cancel();
    }

    /// What the stream has written.
    std::string written;
    std::size_t writes = 0;
    /// The most bytes of one read, and of one write.
    std::size_t read_step = no_limit;
    std::size_t write_step = no_limit;
    /// How many bytes can still be written.
    std::size_t room = no_limit;
    /// The operation that fails, counted from 0.
    std::size_t failing = no_limit;
    std::size_t operations = 0;
    bool is_output_ended = false;
    bool is_closed = false;

    [[nodiscard]] bool is_awaited() const { return reader_ != nullptr; }
    [[nodiscard]] const asio::any_io_executor& executor() const { return executor_; }

private:
    [[nodiscard]] bool begin(std::error_code& error) {
        error = operations++ == failing ? asio::error::connection_reset : std::error_code{};
        if (is_closed) error = asio::error::bad_descriptor;
        return !error;
    }
    [[nodiscard]] bool reject(Handler& handler) {
        std::error_code error;
        if (begin(error)) return false;
        post(std::move(handler), error);
        return true;
    }
    std::size_t move_in(asio::mutable_buffer into) {
        const std::size_t size = std::min({into.size(), incoming_.size(), read_step});
        std::copy_n(incoming_.begin(), size, static_cast<char*>(into.data()));
        incoming_.erase(0, size);
        return size;
    }
    void tell_reader() { post(std::exchange(reader_, nullptr), {}); }
    void tell_writer() { post(std::exchange(writer_, nullptr), {}); }
    void post(Handler handler, std::error_code error) {
        if (!handler) return;
        asio::post(executor_, [handler = std::move(handler), error] { handler(error, 0); });
    }

    asio::any_io_executor executor_;
    std::string incoming_;
    bool ended_ = false;
    Handler reader_;
    Handler writer_;
};

/// What both kinds of streams share. Destroying it closes it.
class OnWire {
public:
    explicit OnWire(std::shared_ptr<Wire> wire) : wire_{std::move(wire)} {}
    OnWire(OnWire&&) = default;
    ~OnWire() {
        if (wire_) wire_->close();
    }

    [[nodiscard]] asio::any_io_executor get_executor() const { return wire_->executor(); }
    void close(std::error_code& error) {
        error = {};
        wire_->close();
    }

protected:
    /// As a wire's handlers are copied, and those of streams need not be.
    template <class Handler>
    static auto keep(Handler handler) {
        return std::make_shared<Handler>(std::move(handler));
    }

    std::shared_ptr<Wire> wire_;
};

/// A stream that only knows asynchronous operations.
class ScriptedStream : public OnWire {
public:
    using OnWire::OnWire;

    template <class Handler>
    void async_read_some(asio::mutable_buffer into, Handler handler) {
        wire_->await_read([wire = wire_, into, kept = keep(std::move(handler))](
                              std::error_code error, std::size_t) {
            const std::size_t size = error ? 0 : wire->read(into, error);
            (*kept)(error, size);
        });
    }
    template <class Buffers, class Handler>
    void async_write_some(const Buffers& from, Handler handler) {
        wire_->await_write([wire = wire_, from, kept = keep(std::move(handler))](
                               std::error_code error, std::size_t) {
            const std::size_t size = error ? 0 : wire->write(from, error);
            (*kept)(error, size);
        });
    }
    void end_output() { wire_->is_output_ended = true; }
};

/// A stream that can be waited for, as a socket can.
class ScriptedSocket : public ScriptedStream {
public:
    using ScriptedStream::ScriptedStream;

    template <class Handler>
    void async_wait(asio::socket_base::wait_type what, Handler handler) {
        auto plain = [kept = keep(std::move(handler))](std::error_code error, std::size_t) {
            (*kept)(error);
        };
        if (what == asio::socket_base::wait_read) return wire_->await_read(std::move(plain));
        wire_->await_write(std::move(plain));
    }
    std::size_t read_some(asio::mutable_buffer into, std::error_code& error) {
        return wire_->read(into, error);
    }
    template <class Buffers>
    std::size_t write_some(const Buffers& from, std::error_code& error) {
        return wire_->write(from, error);
    }
    void non_blocking(bool, std::error_code& error) { error = {}; }
    void shutdown(asio::socket_base::shutdown_type, std::error_code& error) {
        error = {};
        wire_->is_output_ended = true;
    }
    void cancel(std::error_code& error) {
        error = {};
        wire_->cancel();
    }
};

}  // namespace test
