#pragma once

#include <hawser/transport/responder.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// What an asker knows of whom its request is held by: tells that one what becomes of the request,
/// and after its end no more. Nobody, at first. `current`
/// is the asker's executor.
class HeldRequest {
public:
    HeldRequest() noexcept = default;
    /// `holder` calls the request `request`.
    HeldRequest(std::weak_ptr<Holder> holder, std::uint64_t request) noexcept
        : holder_{std::move(holder)}, request_{request} {}

    /// An answer would be welcome now.
    void hurry(const asio::any_io_executor& current) const {
        if (const auto holder = holder_.lock()) holder->hurry(request_, current);
    }
    /// The answer has been written.
    void written(const asio::any_io_executor& current) {
        if (const auto holder = let_go()) holder->written(request_, current);
    }
    /// Nobody reads an answer any more.
    void give_up(const asio::any_io_executor& current) {
        if (const auto holder = let_go()) holder->give_up(request_, current);
    }

private:
    /// Nobody is told from now on: the holder may have the next request held from inside.
    [[nodiscard]] std::shared_ptr<Holder> let_go() noexcept {
        return std::exchange(holder_, {}).lock();
    }

    std::weak_ptr<Holder> holder_;
    std::uint64_t request_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE
