#pragma once

#include <hawser/core/config.hpp>

#if defined(HAWSER_HAS_EPOLL)

#include <hawser/net/waiter.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>

namespace hawser::inline HAWSER_MODE::net {

class Watch;

/// The descriptors that one `io_context` waits for without Asio's reactor, which would change what
/// it waits for at every message: a level-triggered epoll(7) set, which is itself one descriptor of
/// the context. When that is readable, all who wait for something that has come are called, one
/// after the other; then whatever the context has to do follows.
///
/// It lives as long as its context, and keeps it running while somebody waits. Nothing is locked:
/// the context is run by one thread (with several, streams are on strands, which have no set).
/// After fork(2) call `io_context::notify_fork`, as Asio asks for: the child gets a set of its own.
class EpollSet final : public asio::execution_context::service {
public:
    using key_type = EpollSet;
    inline static asio::execution_context::id id;

    /// The set of the `io_context` that `executor` is of. Null where it is something else (a
    /// strand, a thread pool), and where the system has no room for a set.
    [[nodiscard]] static EpollSet* of(const asio::any_io_executor& executor);

    explicit EpollSet(asio::io_context& io);

    [[nodiscard]] asio::io_context::executor_type executor() noexcept {
        return host_.get_executor();
    }

private:
    friend class Watch;

    /// Where a watch is found by the events that the kernel has noted for it.
    struct Place {
        /// Null while the place is free.
        Watch* watch = nullptr;
        /// How many watches were here before: what is noted for them is not for this one.
        std::uint32_t generation = 0;
        /// The events that the kernel looks for; 0 while the watch is not in the set. While the
        /// place is free: the next free one.
        std::uint32_t interest = 0;
    };
    /// Ends a batch, be it by an exception.
    struct EndBatch {
        void operator()(EpollSet* set) const { set->end_batch(); }
    };

    // execution_context::service
    void shutdown() override;
    void notify_fork(asio::execution_context::fork_event event) override;

    [[nodiscard]] std::error_code open();
    void await();
    void take_batch();
    void end_batch();
    void dispatch(std::uint64_t tag, std::uint32_t events);
    [[nodiscard]] bool wake_reader(std::uint64_t tag);
    void wake_writer(std::uint64_t tag);

    [[nodiscard]] std::uint32_t occupy_place(Watch& watch);
    void free_place(std::uint32_t place) noexcept;
    [[nodiscard]] std::uint64_t tag_of(std::uint32_t place) const noexcept;
    [[nodiscard]] Watch* find(std::uint64_t tag) const noexcept;
    /// Has the kernel look for `interest`, and nothing else.
    std::error_code look_for(const Watch& watch, std::uint32_t interest) noexcept;
    void began_to_wait();
    void ended_waits(std::size_t count) noexcept;

    asio::posix::basic_stream_descriptor<asio::io_context::executor_type> host_;
    std::vector<Place> places_;
    std::uint32_t first_free_ = 0;
    /// How many waits there are.
    std::size_t waiting_ = 0;
    /// Whether the context waits for the set.
    bool is_awaited_ = false;
    bool is_shut_ = false;
    /// Batches under way: several, where one of those who are called runs the context.
    unsigned depth_ = 0;
    std::uint64_t batches_ = 0;
};

/// A descriptor whose readiness is waited for in a set. Owns it: destroying the watch closes it.
/// To be used on the thread of the set's context; whoever waits is called there, never from inside
/// a member of this class. It may then move and destroy any watch, run the context, and throw.
///
/// A wait may end although nothing has come: who was called finds out by trying.
class Watch {
public:
    /// `descriptor` may be -1: then it is closed from the beginning.
    Watch(EpollSet& set, int descriptor);
    Watch(Watch&& other) noexcept;
    Watch& operator=(Watch&&) = delete;
    ~Watch() { close(); }

    [[nodiscard]] EpollSet& set() const noexcept { return *set_; }
    /// -1 once it is closed.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    /// Has `waiter` called once when there is something to read, the end or an error included. One
    /// at a time. The kernel goes on looking afterwards, until something comes and nobody waits.
    void wait_read(Waiter waiter);
    /// Has `waiter` called once when something can be written, or never will be. One at a time.
    void wait_write(Waiter waiter);
    /// Those who wait are called with `operation_aborted`.
    void cancel();
    /// Cancels, and closes the descriptor.
    void close();

private:
    friend class EpollSet;

    void post(Waiter waiter, std::error_code error);

    EpollSet* set_;
    int descriptor_;
    /// Meaningless once it is closed.
    std::uint32_t place_;
    Waiter reader_;
    /// Seldom there, so that a watch is small.
    std::unique_ptr<Waiter> writer_;
};

}  // namespace hawser::inline HAWSER_MODE::net

#if !defined(HAWSER_COMPILED)
#include <hawser/net/detail/epoll_set.ipp>
#endif

#endif  // HAWSER_HAS_EPOLL
