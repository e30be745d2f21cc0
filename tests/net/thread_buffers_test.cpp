#include <hawser/net/thread_buffers.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <thread>

using namespace hawser;

namespace {

/// Borrows for a moment, to tell which buffer that is.
const std::byte* borrow() {
    net::BorrowedBuffers buffers;
    return buffers->input.get();
}

}  // namespace

TEST_CASE("all borrowers of a thread use one buffer in turn") {
    const std::byte* const first = borrow();
    CHECK(borrow() == first);
    net::BorrowedBuffers buffers;
    CHECK(buffers->input_bytes().data() == first);
    CHECK(buffers->input_bytes().size() == net::ThreadBuffers::input_size);
}

TEST_CASE("who borrows inside of another's use gets buffers of its own") {
    net::BorrowedBuffers outer;
    {
        net::BorrowedBuffers inner;
        CHECK(inner->input.get() != outer->input.get());
        inner->input[0] = std::byte{1};
    }
    outer->input[0] = std::byte{2};
    CHECK(borrow() != outer->input.get());
}

TEST_CASE("each thread has its own") {
    const net::BorrowedBuffers kept;
    const std::byte* const mine = borrow();
    const std::byte* theirs = nullptr;
    std::jthread{[&] { theirs = borrow(); }}.join();
    CHECK(theirs != nullptr);
    CHECK(borrow() == mine);
}

TEST_CASE("output that somebody leaves behind reaches nobody else") {
    {
        net::BorrowedBuffers buffers;
        buffers->output.append("secret");
    }
    net::BorrowedBuffers buffers;
    CHECK(buffers->output.empty());
}
