#pragma once

#include <hawser/core/config.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/associated_allocator.hpp>
#include <asio/associated_executor.hpp>
#include <asio/dispatch.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/recycling_allocator.hpp>

#include <memory>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace hawser::inline HAWSER_MODE {

namespace detail {

/// What `executor` has erased, if that is a `Target`; else null. Asio 1.22 itself gives it as
/// whatever is asked for. Where types cannot be told apart, it is no `Target`.
template <class Target>
[[nodiscard]] const Target* target_of(
    [[maybe_unused]] const asio::any_io_executor& executor) noexcept {
#if !defined(ASIO_NO_TYPEID)
    if (executor.target_type() == typeid(Target)) return executor.target<Target>();
#endif
    return nullptr;
}

}  // namespace detail

template <class Signature>
class Completion;

/// A completion handler of any type, kept until its operation is done; move-only. While it is kept,
/// its executor has outstanding work. Destroying it without completing it destroys the handler
/// uncalled. Not thread-safe.
///
/// Uses the handler's associated executor, and its allocator, or else memory that Asio recycles for
/// each thread that runs an event loop: one operation after another takes none of the heap.
template <class... Args>
class Completion<void(Args...)> {
public:
    Completion() noexcept = default;

    /// Keeps `handler`; where it has no executor associated, it runs on `fallback`.
    template <class Handler>
    Completion(Handler handler, const asio::any_io_executor& fallback)
        : node_{keep(std::move(handler), asio::get_associated_executor(handler, fallback))} {}

    Completion(Completion&& other) noexcept : node_{std::exchange(other.node_, nullptr)} {}
    Completion& operator=(Completion&& other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~Completion() {
        if (node_ != nullptr) node_->destroy();
    }

    [[nodiscard]] explicit operator bool() const noexcept { return node_ != nullptr; }

    /// Calls the handler: directly if `current`, on which the caller runs, is its executor, else
    /// through it. Never to be used inside the function that started the operation.
    void complete(const asio::any_io_executor& current, Args... args) && {
        std::exchange(node_, nullptr)->complete(&current, std::move(args)...);
    }
    /// Has the handler called later, through its executor.
    void post(Args... args) && {
        std::exchange(node_, nullptr)->complete(nullptr, std::move(args)...);
    }

private:
    struct Node {
        /// Ends the node's life. `current` is null where the handler must not be called directly.
        virtual void complete(const asio::any_io_executor* current, Args... args) = 0;
        virtual void destroy() noexcept = 0;

    protected:
        ~Node() = default;
    };

    /// For handlers with no allocator of their own.
    using Recycling = asio::recycling_allocator<void>;

    /// A handler and its arguments, on their way through its executor.
    template <class Handler>
    struct Call {
        using allocator_type = asio::associated_allocator_t<Handler, Recycling>;

        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return asio::get_associated_allocator(handler, Recycling{});
        }
        void operator()() { std::apply(std::move(handler), std::move(args)); }

        Handler handler;
        std::tuple<Args...> args;
    };

    /// `Executor` is the handler's.
    template <class Handler, class Executor>
    class Model final : public Node {
        using Work = std::decay_t<decltype(asio::prefer(
            std::declval<const Executor&>(), asio::execution::outstanding_work.tracked))>;
        using Allocator = typename std::allocator_traits<
            asio::associated_allocator_t<Handler, Recycling>>::template rebind_alloc<Model>;

    public:
        Model(Handler&& handler, const Executor& executor)
            : work_{asio::prefer(executor, asio::execution::outstanding_work.tracked)},
              handler_{std::move(handler)} {}

        static Node* make(Handler&& handler, const Executor& executor) {
            Allocator allocator{asio::get_associated_allocator(handler, Recycling{})};
            Model* const node = std::allocator_traits<Allocator>::allocate(allocator, 1);
            try {
                return new (node) Model{std::move(handler), executor};
            } catch (...) {
                std::allocator_traits<Allocator>::deallocate(allocator, node, 1);
                throw;
            }
        }

        void complete(const asio::any_io_executor* current, Args... args) override {
            // Everything is moved out and freed first: the handler may start the next operation.
            Allocator allocator{asio::get_associated_allocator(handler_, Recycling{})};
            const Work work{std::move(work_)};
            Handler handler{std::move(handler_)};
            free(allocator);
            const auto executor = asio::prefer(work, asio::execution::outstanding_work.untracked);
            if (current != nullptr && is_same(executor, *current)) {
                std::move(handler)(std::move(args)...);
                return;
            }
            Call<Handler> call{std::move(handler), std::tuple<Args...>{std::move(args)...}};
            if (current != nullptr) return asio::dispatch(executor, std::move(call));
            asio::post(executor, std::move(call));
        }

        void destroy() noexcept override {
            Allocator allocator{asio::get_associated_allocator(handler_, Recycling{})};
            free(allocator);
        }

    private:
        void free(Allocator& allocator) noexcept {
            this->~Model();
            std::allocator_traits<Allocator>::deallocate(allocator, this, 1);
        }

        template <class Plain>
        static bool is_same(const Plain& executor, const asio::any_io_executor& current) {
            if constexpr (std::is_same_v<Plain, asio::any_io_executor>) {
                return executor == current;
            } else {
                const auto* const target = detail::target_of<Plain>(current);
                return target != nullptr && *target == executor;
            }
        }

        Work work_;
        Handler handler_;
    };

    template <class Handler, class Executor>
    static Node* keep(Handler&& handler, const Executor& executor) {
        // The executor that most have, without what erases its type, takes half of the memory.
        if constexpr (std::is_same_v<Executor, asio::any_io_executor>) {
            using Plain = asio::io_context::executor_type;
            if (const auto* const plain = detail::target_of<Plain>(executor)) {
                return Model<Handler, Plain>::make(std::move(handler), *plain);
            }
        }
        return Model<Handler, Executor>::make(std::move(handler), executor);
    }

    Node* node_ = nullptr;
};

}  // namespace hawser::inline HAWSER_MODE
