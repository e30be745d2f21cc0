#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/output.hpp>
#include <hawser/net/stream.hpp>

#include <asio/buffer.hpp>
#include <asio/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

/// The first bytes of an output, as the buffers of one gathering write. Valid as long as the output
/// is not changed.
class Gathered {
public:
    /// The most pieces of one write: with the long ones that are shared, 64 KiB and more.
    static constexpr std::size_t most = 16;

    explicit Gathered(const Output& output) {
        std::array<ByteView, most> views;
        const std::size_t count = output.gather(views);
        for (std::size_t i = 0; i != count; ++i) {
            buffers_[i] = asio::const_buffer{views[i].data(), views[i].size()};
            size_ += views[i].size();
        }
        used_ = std::span{buffers_}.first(count);
    }
    Gathered(const Gathered&) = delete;
    Gathered& operator=(const Gathered&) = delete;

    [[nodiscard]] std::span<const asio::const_buffer> buffers() const noexcept { return used_; }
    /// Bytes in all buffers together.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    std::array<asio::const_buffer, most> buffers_;
    std::span<const asio::const_buffer> used_;
    std::size_t size_ = 0;
};

/// How bytes get in and out of a stream that only knows asynchronous operations (TLS, streams of
/// tests): what is being read or written is kept here meanwhile. One read and one write may be
/// under way; the owner keeps both objects alive until their handlers have been called.
template <ByteStream Stream>
class Transfer {
public:
    void prepare(Stream&) noexcept {}

    /// Calls `handler(error)` when `read` has something to give, at most `limit` bytes.
    template <class Handler>
    void wait_read(Stream& stream, std::size_t limit, Handler handler) {
        if (!chunk_) chunk_ = std::make_unique_for_overwrite<std::byte[]>(chunk_size);
        const asio::mutable_buffer into{chunk_.get(), std::min(limit, chunk_size)};
        stream.async_read_some(into, [this, handler = std::move(handler)](
                                         std::error_code error, std::size_t size) mutable {
            ready_ = {chunk_.get(), size};
            handler(error);
        });
    }

    /// Puts what has arrived into `into`; the rest is given at the next call. 0: nothing is left.
    std::size_t read(Stream&, MutableBytes into, std::error_code&) noexcept {
        const std::size_t size = std::min(into.size(), ready_.size());
        std::ranges::copy(ready_.first(size), into.begin());
        ready_ = ready_.subspan(size);
        return size;
    }
    /// Whether `read` has more to give without waiting.
    [[nodiscard]] bool has_more() const noexcept { return !ready_.empty(); }
    /// Frees what an idle stream need not hold; only while no read is under way.
    void rest() noexcept {
        if (ready_.empty()) chunk_.reset();
    }

    /// Takes over `output`, which is not empty, and leaves it empty; only while nothing is unsent.
    void write(Stream&, Output& output, std::error_code&) noexcept { pending_ = std::move(output); }
    /// Bytes taken over that the stream has not taken yet.
    [[nodiscard]] std::size_t unsent() const noexcept { return pending_.size(); }
    [[nodiscard]] bool is_writing() const noexcept { return unsent() != 0; }
    /// Calls `handler(error, size)` when `go_on` is to be called; only while something is unsent.
    template <class Handler>
    void wait_write(Stream& stream, Handler handler) {
        gathered_ = std::make_unique<Gathered>(pending_);
        stream.async_write_some(gathered_->buffers(), std::move(handler));
    }
    /// The wait is over, and the stream has taken `size` bytes of what is unsent.
    void go_on(Stream&, std::size_t size, std::error_code&) noexcept {
        gathered_.reset();
        pending_.consume(size);
        if (pending_.empty()) pending_ = Output{};
    }

    /// Tells the peer, where the protocol of the stream can, that nothing more will be written.
    void end_output(Stream& stream) {
        if constexpr (requires { stream.end_output(); }) stream.end_output();
    }

private:
    static constexpr std::size_t chunk_size = 16 * 1024;

    Output pending_;
    std::unique_ptr<Gathered> gathered_;
    std::unique_ptr<std::byte[]> chunk_;
    MutableBytes ready_;
};

/// How bytes get in and out of a plain socket: when it is ready, without blocking, and with nothing
/// kept but what the kernel has refused.
template <WaitableStream Stream>
class Transfer<Stream> {
public:
    void prepare(Stream& stream) noexcept {
        std::error_code ignored;  // a socket that cannot do it fails at the first read
        stream.non_blocking(true, ignored);
    }

    template <class Handler>
    void wait_read(Stream& stream, std::size_t, Handler handler) {
        stream.async_wait(asio::socket_base::wait_read, std::move(handler));
    }

    /// Reads what has arrived; 0 without an error: nothing has.
    std::size_t read(Stream& stream, MutableBytes into, std::error_code& error) {
        const std::size_t size = stream.read_some(asio::buffer(into.data(), into.size()), error);
        if (is_for_later(error)) error.clear();
        return size;
    }
    [[nodiscard]] bool has_more() const noexcept { return false; }
    void rest() noexcept {}

    /// Writes `output` as far as the socket takes it, and takes over the rest. When it fails, what
    /// is left is dropped, as it can never be written.
    void write(Stream& stream, Output& output, std::error_code& error) {
        if (write_some(stream, output, error)) return;
        pending_ = std::make_unique<Output>(std::move(output));
    }
    [[nodiscard]] std::size_t unsent() const noexcept { return pending_ ? pending_->size() : 0; }
    [[nodiscard]] bool is_writing() const noexcept { return pending_ != nullptr; }

    template <class Handler>
    void wait_write(Stream& stream, Handler handler) {
        stream.async_wait(asio::socket_base::wait_write,
                          [handler = std::move(handler)](std::error_code error) mutable {
                              handler(error, std::size_t{0});
                          });
    }
    /// The wait is over: writes on.
    void go_on(Stream& stream, std::size_t, std::error_code& error) {
        if (write_some(stream, *pending_, error)) pending_.reset();
    }

    void end_output(Stream& stream) {
        std::error_code ignored;  // the peer may be gone already
        stream.shutdown(asio::socket_base::shutdown_send, ignored);
    }

private:
    [[nodiscard]] static bool is_for_later(std::error_code error) noexcept {
        return error == asio::error::would_block || error == asio::error::try_again ||
               error == asio::error::interrupted;
    }

    /// Writes until all is written (true), the socket takes no more (false), or it fails (true,
    /// with the error and nothing left).
    static bool write_some(Stream& stream, Output& output, std::error_code& error) {
        while (!output.empty()) {
            const Gathered gathered{output};
            const std::size_t size = stream.write_some(gathered.buffers(), error);
            if (is_for_later(error)) {
                error.clear();
                return false;
            }
            if (error) {
                output.clear();
                return true;
            }
            output.consume(size);
            if (size != gathered.size()) return false;
        }
        return true;
    }

    std::unique_ptr<Output> pending_;
};

}  // namespace hawser::inline HAWSER_MODE::net
