#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/core/output.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

/// The buffers that all connections of a thread read into and write from in turn, so that an idle
/// connection holds none. Whoever uses them takes them out, so that a nested event loop, run from
/// inside a handler, finds them gone and makes its own.
struct ThreadBuffers {
    /// Long enough that a large message is read with few calls.
    static constexpr std::size_t input_size = 512 * 1024;

    std::unique_ptr<std::byte[]> input = std::make_unique_for_overwrite<std::byte[]>(input_size);
    Output output;

    [[nodiscard]] MutableBytes input_bytes() noexcept { return {input.get(), input_size}; }
};

/// The present thread's buffers, taken out for the lifetime of this object. Its output begins
/// empty.
class BorrowedBuffers {
public:
    BorrowedBuffers() : buffers_{std::move(parked())} {
        if (!buffers_) buffers_ = std::make_unique<ThreadBuffers>();
    }
    BorrowedBuffers(const BorrowedBuffers&) = delete;
    BorrowedBuffers& operator=(const BorrowedBuffers&) = delete;
    ~BorrowedBuffers() {
        buffers_->output.clear();  // the bytes of one connection never reach another
        parked() = std::move(buffers_);
    }

    ThreadBuffers* operator->() noexcept { return buffers_.get(); }

private:
    static std::unique_ptr<ThreadBuffers>& parked() noexcept {
        thread_local std::unique_ptr<ThreadBuffers> buffers;
        return buffers;
    }

    std::unique_ptr<ThreadBuffers> buffers_;
};

}  // namespace hawser::inline HAWSER_MODE::net
