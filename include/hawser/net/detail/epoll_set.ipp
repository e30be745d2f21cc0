#pragma once

#include <hawser/net/epoll_set.hpp>

#if defined(HAWSER_HAS_EPOLL)

#include <asio/error.hpp>
#include <asio/post.hpp>

#include <array>
#include <cassert>
#include <cerrno>
#include <typeinfo>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

namespace hawser::inline HAWSER_MODE::net {

namespace detail {

inline constexpr std::uint32_t readable = EPOLLIN;
inline constexpr std::uint32_t writable = EPOLLOUT;
/// Told whether it is looked for or not, and for as long as it is in the set.
inline constexpr std::uint32_t broken = EPOLLERR | EPOLLHUP;

/// What the last call of the system has failed with.
[[nodiscard]] inline std::error_code last_system_error() noexcept {
    return {errno, asio::error::get_system_category()};
}

}  // namespace detail

HAWSER_DECL EpollSet* EpollSet::of([[maybe_unused]] const asio::any_io_executor& executor) {
#if defined(ASIO_NO_TYPEID)
    return nullptr;  // nobody can tell what it is
#else
    using Plain = asio::io_context::executor_type;
    // Asio 1.22 gives its target as whatever is asked for.
    if (executor.target_type() != typeid(Plain)) return nullptr;
    auto& set = asio::use_service<EpollSet>(executor.target<Plain>()->context());
    return set.host_.is_open() || !set.open() ? &set : nullptr;
#endif
}

HAWSER_DECL EpollSet::EpollSet(asio::io_context& io) : service{io}, host_{io} {}

HAWSER_DECL std::error_code EpollSet::open() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set == -1) return detail::last_system_error();
    std::error_code error;
    host_.assign(set, error);
    if (error) ::close(set);
    return error;
}

/// The context is being destroyed. Those who wait are never called; they may hold watches.
HAWSER_DECL void EpollSet::shutdown() {
    is_shut_ = true;
    std::vector<Waiter> abandoned;
    for (const Place& place : places_) {
        if (place.watch == nullptr) continue;
        abandoned.push_back(std::move(place.watch->reader_));
        if (auto writer = std::move(place.watch->writer_)) abandoned.push_back(std::move(*writer));
    }
    waiting_ = 0;
    std::error_code ignored;  // nobody needs it any more
    host_.close(ignored);
}

/// The set that a child of fork(2) finds is its parent's: to remove something from it would end
/// the parent's events.
HAWSER_DECL void EpollSet::notify_fork(asio::execution_context::fork_event event) {
    if (event != asio::execution_context::fork_child || !host_.is_open()) return;
    // Asio's reactor has a new set already. It is told to forget the host, as closing a descriptor
    // that the parent has open too does not remove it. The wait is aborted, and begins anew.
    ::close(host_.release());
    std::error_code error = open();
    for (Place& place : places_) {
        if (place.watch == nullptr || error) continue;
        const std::uint32_t interest = std::exchange(place.interest, 0);
        error = look_for(*place.watch, interest);
    }
    if (error) throw std::system_error{error, "an epoll set after fork"};
}

HAWSER_DECL void EpollSet::await() {
    if (is_awaited_) return;
    host_.async_wait(asio::posix::descriptor_base::wait_read, [this](std::error_code error) {
        is_awaited_ = false;
        if (waiting_ == 0) return;
        // First of all, so that an event loop that one of those who are called runs has events too,
        // and an exception leaves nothing undone. The kernel looks again whether a descriptor is
        // readable before it says so: what this batch takes does not end the next wait.
        await();
        if (!error) take_batch();
    });
    is_awaited_ = true;
}

HAWSER_DECL void EpollSet::take_batch() {
    constexpr int most = 64;
    std::array<epoll_event, most> events;
    const int count = ::epoll_wait(host_.native_handle(), events.data(), most, 0);
    ++depth_;
    const std::unique_ptr<EpollSet, EndBatch> end{this};
    const std::uint64_t batch = ++batches_;
    // What is left over, by an exception or as a batch inside of this one was told it anew, is told
    // again as long as it lasts.
    for (int i = 0; i < count && batch == batches_; ++i) {
        const epoll_event event = events[static_cast<std::size_t>(i)];
        dispatch(event.data.u64, event.events);
    }
}

HAWSER_DECL void EpollSet::end_batch() {
    --depth_;
    ended_waits(0);
}

HAWSER_DECL void EpollSet::dispatch(std::uint64_t tag, std::uint32_t events) {
    using namespace detail;
    if ((events & (readable | broken)) != 0 && !wake_reader(tag)) {
        Watch* const watch = find(tag);
        if (watch != nullptr) look_for(*watch, places_[watch->place_].interest & ~readable);
    }
    if ((events & (writable | broken)) != 0) wake_writer(tag);
}

HAWSER_DECL bool EpollSet::wake_reader(std::uint64_t tag) {
    Watch* const watch = find(tag);
    if (watch == nullptr || !watch->reader_) return false;
    --waiting_;
    Waiter waiter = std::move(watch->reader_);
    std::move(waiter)(std::error_code{});
    return true;
}

HAWSER_DECL void EpollSet::wake_writer(std::uint64_t tag) {
    if (Watch* const watch = find(tag); watch != nullptr && watch->writer_) {
        --waiting_;
        const auto waiter = std::move(watch->writer_);
        std::move(*waiter)(std::error_code{});
    }
    // A socket can be written to most of the time.
    Watch* const watch = find(tag);
    if (watch == nullptr || watch->writer_) return;
    look_for(*watch, places_[watch->place_].interest & ~detail::writable);
}

HAWSER_DECL std::uint32_t EpollSet::occupy_place(Watch& watch) {
    if (first_free_ == places_.size()) {
        places_.push_back({.interest = static_cast<std::uint32_t>(places_.size() + 1)});
    }
    const std::uint32_t place = first_free_;
    places_[place].watch = &watch;
    first_free_ = std::exchange(places_[place].interest, 0);
    return place;
}

HAWSER_DECL void EpollSet::free_place(std::uint32_t place) noexcept {
    Place& freed = places_[place];
    freed.watch = nullptr;
    ++freed.generation;
    freed.interest = std::exchange(first_free_, place);
}

HAWSER_DECL std::uint64_t EpollSet::tag_of(std::uint32_t place) const noexcept {
    return std::uint64_t{places_[place].generation} << 32 | place;
}

HAWSER_DECL Watch* EpollSet::find(std::uint64_t tag) const noexcept {
    const auto place = static_cast<std::uint32_t>(tag);
    return tag_of(place) == tag ? places_[place].watch : nullptr;
}

HAWSER_DECL std::error_code EpollSet::look_for(const Watch& watch,
                                               std::uint32_t interest) noexcept {
    if (is_shut_) return asio::error::operation_aborted;
    std::uint32_t& present = places_[watch.place_].interest;
    if (present == interest) return {};
    epoll_event event{};
    event.events = interest;
    event.data.u64 = tag_of(watch.place_);
    const int change = interest == 0   ? EPOLL_CTL_DEL
                       : present == 0 ? EPOLL_CTL_ADD
                                      : EPOLL_CTL_MOD;
    if (::epoll_ctl(host_.native_handle(), change, watch.descriptor_, &event) != 0) {
        return detail::last_system_error();
    }
    present = interest;
    return {};
}

HAWSER_DECL void EpollSet::began_to_wait() {
    ++waiting_;
    await();
}

/// When nobody waits any more, the context is not kept running.
HAWSER_DECL void EpollSet::ended_waits(std::size_t count) noexcept {
    waiting_ -= count;
    if (waiting_ != 0 || !is_awaited_ || depth_ != 0) return;
    std::error_code ignored;  // it waits once more, for nothing
    host_.cancel(ignored);
}

HAWSER_DECL Watch::Watch(EpollSet& set, int descriptor)
    : set_{&set},
      descriptor_{descriptor},
      place_{descriptor == -1 ? 0 : set.occupy_place(*this)} {}

HAWSER_DECL Watch::Watch(Watch&& other) noexcept
    : set_{other.set_},
      descriptor_{std::exchange(other.descriptor_, -1)},
      place_{other.place_},
      reader_{std::move(other.reader_)},
      writer_{std::move(other.writer_)} {
    if (descriptor_ != -1) set_->places_[place_].watch = this;
}

HAWSER_DECL void Watch::wait_read(Waiter waiter) {
    assert(!reader_ && "there is one wait for reading at a time");
    if (descriptor_ == -1) return post(std::move(waiter), asio::error::bad_descriptor);
    const std::uint32_t interest = set_->places_[place_].interest;
    if (const auto error = set_->look_for(*this, interest | detail::readable)) {
        return post(std::move(waiter), error);
    }
    set_->began_to_wait();
    reader_ = std::move(waiter);
}

HAWSER_DECL void Watch::wait_write(Waiter waiter) {
    assert(!writer_ && "there is one wait for writing at a time");
    if (descriptor_ == -1) return post(std::move(waiter), asio::error::bad_descriptor);
    const std::uint32_t interest = set_->places_[place_].interest;
    if (const auto error = set_->look_for(*this, interest | detail::writable)) {
        return post(std::move(waiter), error);
    }
    auto kept = std::make_unique<Waiter>(std::move(waiter));
    set_->began_to_wait();
    writer_ = std::move(kept);
}

HAWSER_DECL void Watch::cancel() {
    const std::size_t count = (reader_ ? 1U : 0U) + (writer_ ? 1U : 0U);
    if (count == 0) return;
    if (reader_) post(std::move(reader_), asio::error::operation_aborted);
    if (const auto writer = std::move(writer_)) {
        post(std::move(*writer), asio::error::operation_aborted);
    }
    set_->ended_waits(count);
}

HAWSER_DECL void Watch::close() {
    if (descriptor_ == -1) return;
    cancel();
    // Said in so many words, as the kernel removes it only when no other process has it open.
    set_->look_for(*this, 0);
    set_->free_place(place_);
    ::close(std::exchange(descriptor_, -1));
}

HAWSER_DECL void Watch::post(Waiter waiter, std::error_code error) {
    asio::post(set_->executor(), [waiter = std::move(waiter), error]() mutable {
        std::move(waiter)(error);
    });
}

}  // namespace hawser::inline HAWSER_MODE::net

#endif  // HAWSER_HAS_EPOLL
