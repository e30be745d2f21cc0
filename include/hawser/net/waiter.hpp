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

/// What is to be called once: any handler of `void(Args...)`, also one that cannot be copied. A
/// handler no longer than `room` is kept inside, without an allocation. Empty once it has been
/// called or moved from.
template <class... Args>
class Once {
public:
    /// A pointer and a shared pointer: what the handlers of links are made of.
    static constexpr std::size_t room = 3 * sizeof(void*);

    Once() noexcept = default;
    template <class Handler>
        requires(!std::same_as<Handler, Once>) && std::invocable<Handler&, Args...>
    explicit Once(Handler handler) {
        if constexpr (stays_inside<Handler>) {
            ::new (place_) Handler(std::move(handler));
            kind_ = &kind_of<Handler>;
        } else {
            using Boxed = decltype(box(std::move(handler)));
            ::new (place_) Boxed(box(std::move(handler)));
            kind_ = &kind_of<Boxed>;
        }
    }
    Once(Once&& other) noexcept { take(other); }
    Once& operator=(Once&& other) noexcept {
        if (this == &other) return *this;
        reset();
        take(other);
        return *this;
    }
    ~Once() { reset(); }

    [[nodiscard]] explicit operator bool() const noexcept { return kind_ != nullptr; }

    /// Calls the handler, which may throw, and destroys it. Not to be called while empty.
    void operator()(Args... args) {
        const Once called = std::move(*this);
        called.kind_->call(called.place_, args...);
    }

private:
    /// What is done with a handler of some type.
    struct Kind {
        void (*call)(std::byte* handler, Args... args);
        void (*move)(std::byte* from, std::byte* to) noexcept;
        void (*destroy)(std::byte* handler) noexcept;
    };

    template <class Handler>
    static constexpr bool stays_inside =
        sizeof(Handler) <= room && alignof(Handler) <= alignof(void*) &&
        std::is_nothrow_move_constructible_v<Handler>;

    template <class Handler>
    static auto box(Handler&& handler) {
        return [kept = std::make_unique<Handler>(std::move(handler))](Args... args) {
            (*kept)(args...);
        };
    }

    template <class Handler>
    static Handler& at(std::byte* place) noexcept {
        return *std::launder(reinterpret_cast<Handler*>(place));
    }

    template <class Handler>
    static constexpr Kind kind_of{
        .call = [](std::byte* handler, Args... args) { at<Handler>(handler)(args...); },
        .move =
            [](std::byte* from, std::byte* to) noexcept {
                ::new (to) Handler(std::move(at<Handler>(from)));
                at<Handler>(from).~Handler();
            },
        .destroy = [](std::byte* handler) noexcept { at<Handler>(handler).~Handler(); },
    };

    void take(Once& other) noexcept {
        kind_ = std::exchange(other.kind_, nullptr);
        if (kind_ != nullptr) kind_->move(other.place_, place_);
    }
    void reset() noexcept {
        if (kind_ != nullptr) std::exchange(kind_, nullptr)->destroy(place_);
    }

    alignas(void*) mutable std::byte place_[room];
    const Kind* kind_ = nullptr;
};

/// Who is to be called when a wait is over.
using Waiter = Once<std::error_code>;

}  // namespace hawser::inline HAWSER_MODE::net
