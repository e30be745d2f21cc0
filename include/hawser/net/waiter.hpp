#pragma once

#include <hawser/core/config.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <system_error>
#include <type_traits>
#include <utility>

namespace hawser::inline HAWSER_MODE::net {

/// Who is to be called when a wait is over: any handler of `void(std::error_code)`, also one that
/// cannot be copied. A handler no longer than `room` is kept inside, without an allocation. Empty
/// once it has been called or moved from.
class Waiter {
public:
    /// A pointer and a shared pointer: what the handlers of links are made of.
    static constexpr std::size_t room = 3 * sizeof(void*);

    Waiter() noexcept = default;
    template <class Handler>
        requires(!std::same_as<Handler, Waiter>) && std::invocable<Handler&, std::error_code>
    explicit Waiter(Handler handler) {
        if constexpr (stays_inside<Handler>) {
            ::new (place_) Handler(std::move(handler));
            kind_ = &kind_of<Handler>;
        } else {
            using Boxed = decltype(box(std::move(handler)));
            ::new (place_) Boxed(box(std::move(handler)));
            kind_ = &kind_of<Boxed>;
        }
    }
    Waiter(Waiter&& other) noexcept { take(other); }
    Waiter& operator=(Waiter&& other) noexcept {
        if (this == &other) return *this;
        reset();
        take(other);
        return *this;
    }
    ~Waiter() { reset(); }

    [[nodiscard]] explicit operator bool() const noexcept { return kind_ != nullptr; }

    /// Calls the handler, which may throw, and destroys it. Not to be called while empty.
    void operator()(std::error_code error) {
        const Waiter called = std::move(*this);
        called.kind_->call(called.place_, error);
    }

private:
    /// What is done with a handler of some type.
    struct Kind {
        void (*call)(std::byte* handler, std::error_code error);
        void (*move)(std::byte* from, std::byte* to) noexcept;
        void (*destroy)(std::byte* handler) noexcept;
    };

    template <class Handler>
    static constexpr bool stays_inside =
        sizeof(Handler) <= room && alignof(Handler) <= alignof(void*) &&
        std::is_nothrow_move_constructible_v<Handler>;

    template <class Handler>
    static auto box(Handler&& handler) {
        return [kept = std::make_unique<Handler>(std::move(handler))](std::error_code error) {
            (*kept)(error);
        };
    }

    template <class Handler>
    static Handler& at(std::byte* place) noexcept {
        return *std::launder(reinterpret_cast<Handler*>(place));
    }

    template <class Handler>
    static constexpr Kind kind_of{
        .call = [](std::byte* handler, std::error_code error) { at<Handler>(handler)(error); },
        .move =
            [](std::byte* from, std::byte* to) noexcept {
                ::new (to) Handler(std::move(at<Handler>(from)));
                at<Handler>(from).~Handler();
            },
        .destroy = [](std::byte* handler) noexcept { at<Handler>(handler).~Handler(); },
    };

    void take(Waiter& other) noexcept {
        kind_ = std::exchange(other.kind_, nullptr);
        if (kind_ != nullptr) kind_->move(other.place_, place_);
    }
    void reset() noexcept {
        if (kind_ != nullptr) std::exchange(kind_, nullptr)->destroy(place_);
    }

    alignas(void*) mutable std::byte place_[room];
    const Kind* kind_ = nullptr;
};

}  // namespace hawser::inline HAWSER_MODE::net
