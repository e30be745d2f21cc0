#pragma once

#include <hawser/net/stream.hpp>
#include <hawser/net/transfer.hpp>

#include <asio/any_io_executor.hpp>

#include <concepts>
#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

/// A byte stream of any type: a socket, however it is waited for, TLS, or whatever an application
/// brings. Owns the stream, and what is on its way through it. All that runs over streams runs over
/// this, and so is compiled once, for a virtual call where bytes are read, written or waited for.
class AnyStream {
public:
    /// None: only to be assigned to, destroyed and tested. So is one that has been moved from.
    AnyStream() noexcept = default;
    /// Any stream becomes one.
    template <class Stream>
        requires(!std::same_as<Stream, AnyStream>) && ByteStream<Stream>
    AnyStream(Stream stream)
        : transfer_{std::make_unique<TransferOf<Stream>>(std::move(stream))} {}

    [[nodiscard]] explicit operator bool() const noexcept { return transfer_ != nullptr; }
    [[nodiscard]] asio::any_io_executor get_executor() const { return transfer_->get_executor(); }

    /// The way of the bytes.
    [[nodiscard]] Transfer* operator->() const noexcept { return transfer_.get(); }

private:
    std::unique_ptr<Transfer> transfer_;
};

}  // namespace hawser::inline HAWSER_MODE::net
