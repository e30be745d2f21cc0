#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/output.hpp>
#include <hawser/net/stream.hpp>
#include <hawser/net/waiter.hpp>

#include <asio/any_io_executor.hpp>
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

/// How bytes get in and out of a stream, whatever its type: what is read or written at once, and
/// what is waited for. One wait for reading and one for writing may be under way; the owner
/// keeps this alive until those who wait have been called.
class Transfer {
public:
    Transfer() noexcept = default;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    virtual ~Transfer() = default;

    [[nodiscard]] virtual asio::any_io_executor get_executor() = 0;
    /// Whether a wait reads nothing, and the end of the output is no more than that: plain sockets.
    [[nodiscard]] virtual bool is_plain() const noexcept = 0;

    /// Has `waiter` called when `read` has something to give, at most `limit` bytes.
    virtual void wait_read(std::size_t limit, Waiter waiter) = 0;
    /// Puts what has arrived into `into`; 0 without an error: nothing is left.
    virtual std::size_t read(MutableBytes into, std::error_code& error) = 0;
    /// Whether `read` has more to give without waiting.
    [[nodiscard]] virtual bool has_more() const noexcept { return false; }
    /// Frees what an idle stream need not hold; only while no wait for reading is under way.
    virtual void rest() noexcept {}

    /// Writes `output`, which is not empty, as far as the stream takes it at once, and takes over
    /// the rest; leaves it empty. When it fails, what is left is dropped, as it can never be
    /// written. Only while nothing is unsent.
    virtual void write(Output& output, std::error_code& error) = 0;
    /// Bytes taken over that the stream has not taken yet.
    [[nodiscard]] std::size_t unsent() const noexcept { return pending_ ? pending_->size() : 0; }
    [[nodiscard]] bool is_writing() const noexcept { return pending_ != nullptr; }
    /// Has `waiter` called when `go_on` is to be called; only while something is unsent.
    virtual void wait_write(Waiter waiter) = 0;
    /// The wait is over: writes on.
    virtual void go_on(std::error_code& error) = 0;

    /// Tells the peer, where the protocol of the stream can, that nothing more will be written.
    virtual void end_output() = 0;
    /// Ends the waits of a plain socket; there may be none.
    virtual void cancel() noexcept {}
    virtual void close() noexcept = 0;

protected:
    /// Null, or not empty.
    std::unique_ptr<Output> pending_;
};

/// The transfer of a stream that only knows asynchronous operations (TLS, streams of tests): what
/// is being read or written is kept here meanwhile.
template <ByteStream Stream>
class TransferOf final : public Transfer {
public:
    explicit TransferOf(Stream stream) : stream_{std::move(stream)} {}

    [[nodiscard]] asio::any_io_executor get_executor() override { return stream_.get_executor(); }
    [[nodiscard]] bool is_plain() const noexcept override { return false; }

    void wait_read(std::size_t limit, Waiter waiter) override {
        if (!chunk_) chunk_ = std::make_unique_for_overwrite<std::byte[]>(chunk_size);
        const asio::mutable_buffer into{chunk_.get(), std::min(limit, chunk_size)};
        stream_.async_read_some(into, [this, waiter = std::move(waiter)](
                                          std::error_code error, std::size_t size) mutable {
            ready_ = {chunk_.get(), size};
            std::move(waiter)(error);
        });
    }
    std::size_t read(MutableBytes into, std::error_code&) override {
        const std::size_t size = std::min(into.size(), ready_.size());
        std::ranges::copy(ready_.first(size), into.begin());
        ready_ = ready_.subspan(size);
        return size;
    }
    [[nodiscard]] bool has_more() const noexcept override { return !ready_.empty(); }
    void rest() noexcept override {
        if (ready_.empty()) chunk_.reset();
    }

    void write(Output& output, std::error_code&) override {
        pending_ = std::make_unique<Output>(std::move(output));
    }
    void wait_write(Waiter waiter) override {
        gathered_ = std::make_unique<Gathered>(*pending_);
        stream_.async_write_some(gathered_->buffers(),
                                 [this, waiter = std::move(waiter)](
                                     std::error_code error, std::size_t size) mutable {
                                     written_ = size;
                                     std::move(waiter)(error);
                                 });
    }
    void go_on(std::error_code&) override {
        gathered_.reset();
        pending_->consume(written_);
        if (pending_->empty()) pending_.reset();
    }

    void end_output() override {
        if constexpr (requires { stream_.end_output(); }) stream_.end_output();
    }
    void close() noexcept override {
        std::error_code ignored;  // there is nobody left to tell
        stream_.close(ignored);
    }

private:
    static constexpr std::size_t chunk_size = 16 * 1024;

    Stream stream_;
    std::unique_ptr<Gathered> gathered_;
    /// How much the latest write has written.
    std::size_t written_ = 0;
    std::unique_ptr<std::byte[]> chunk_;
    MutableBytes ready_;
};

/// The transfer of a plain socket: when it is ready, without blocking, and with nothing kept but
/// what the kernel has refused.
template <WaitableStream Stream>
class TransferOf<Stream> final : public Transfer {
public:
    explicit TransferOf(Stream stream) : stream_{std::move(stream)} {
        std::error_code ignored;  // a socket that cannot do it fails at the first read
        stream_.non_blocking(true, ignored);
    }

    [[nodiscard]] asio::any_io_executor get_executor() override { return stream_.get_executor(); }
    [[nodiscard]] bool is_plain() const noexcept override { return true; }

    void wait_read(std::size_t, Waiter waiter) override {
        stream_.async_wait(asio::socket_base::wait_read, std::move(waiter));
    }
    std::size_t read(MutableBytes into, std::error_code& error) override {
        const std::size_t size = stream_.read_some(asio::buffer(into.data(), into.size()), error);
        if (is_for_later(error)) error.clear();
        return size;
    }

    void write(Output& output, std::error_code& error) override {
        if (write_some(output, error)) return;
        pending_ = std::make_unique<Output>(std::move(output));
    }
    void wait_write(Waiter waiter) override {
        stream_.async_wait(asio::socket_base::wait_write, std::move(waiter));
    }
    void go_on(std::error_code& error) override {
        if (write_some(*pending_, error)) pending_.reset();
    }

    void end_output() override {
        std::error_code ignored;  // the peer may be gone already
        stream_.shutdown(asio::socket_base::shutdown_send, ignored);
    }
    void cancel() noexcept override {
        std::error_code ignored;
        stream_.cancel(ignored);
    }
    void close() noexcept override {
        std::error_code ignored;  // there is nobody left to tell
        stream_.close(ignored);
    }

private:
    [[nodiscard]] static bool is_for_later(std::error_code error) noexcept {
        return error == asio::error::would_block || error == asio::error::try_again ||
               error == asio::error::interrupted;
    }

    /// Writes until all is written (true), the socket takes no more (false), or it fails (true,
    /// with the error and nothing left).
    bool write_some(Output& output, std::error_code& error) {
        while (!output.empty()) {
            const Gathered gathered{output};
            const std::size_t size = stream_.write_some(gathered.buffers(), error);
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

    Stream stream_;
};

}  // namespace hawser::inline HAWSER_MODE::net
