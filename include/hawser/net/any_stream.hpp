#pragma once

#include <hawser/net/stream.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/buffer.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

/// A byte stream whose type is decided at run time: TLS, or whatever an application brings. Owns
/// the stream. Costs a virtual call and the erasure of the handler for each operation. Not to be
/// used once it has been moved from.
class AnyStream {
public:
    using executor_type = asio::any_io_executor;
    using Handler = std::function<void(std::error_code, std::size_t)>;

    template <class Stream>
        requires(!std::same_as<Stream, AnyStream>) && ByteStream<Stream>
    explicit AnyStream(Stream stream)
        : stream_{std::make_unique<Model<Stream>>(std::move(stream))} {}

    [[nodiscard]] executor_type get_executor() const { return stream_->executor(); }

    void async_read_some(asio::mutable_buffer into, Handler handler) {
        stream_->read(into, std::move(handler));
    }
    /// The buffers stay the caller's, their sequence too, until `handler` is called.
    void async_write_some(std::span<const asio::const_buffer> from, Handler handler) {
        stream_->write(from, std::move(handler));
    }
    /// Tells the peer, where the protocol of the stream can, that nothing more will be written.
    void end_output() { stream_->end_output(); }
    void close(std::error_code& error) { stream_->close(error); }

private:
    struct Concept {
        virtual ~Concept() = default;
        virtual executor_type executor() = 0;
        virtual void read(asio::mutable_buffer into, Handler handler) = 0;
        virtual void write(std::span<const asio::const_buffer> from, Handler handler) = 0;
        virtual void end_output() = 0;
        virtual void close(std::error_code& error) = 0;
    };

    template <class Stream>
    struct Model final : Concept {
        explicit Model(Stream moved) : stream{std::move(moved)} {}
        executor_type executor() override { return stream.get_executor(); }
        void read(asio::mutable_buffer into, Handler handler) override {
            stream.async_read_some(into, std::move(handler));
        }
        void write(std::span<const asio::const_buffer> from, Handler handler) override {
            stream.async_write_some(from, std::move(handler));
        }
        void end_output() override {
            std::error_code ignored;  // the peer may be gone already
            if constexpr (requires { stream.end_output(); }) {
                stream.end_output();
            } else if constexpr (WaitableStream<Stream>) {
                stream.shutdown(asio::socket_base::shutdown_send, ignored);
            }
        }
        void close(std::error_code& error) override { stream.close(error); }

        Stream stream;
    };

    std::unique_ptr<Concept> stream_;
};

}  // namespace hawser::inline HAWSER_MODE::net
