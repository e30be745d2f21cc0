#pragma once

#include <hawser/net/loop.hpp>

#include <asio/any_io_executor.hpp>

#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

/// The parts of an endpoint that each belong to one executor and are used on that one only, so that
/// none needs a lock. Made with the endpoint and never changed.
template <class Shard>
class Shards {
public:
    /// One shard for each of `executors`, of which there is at least one, each there once.
    /// `Shard` is made from the loop of its executor and `args`.
    template <class... Args>
    explicit Shards(const std::vector<asio::any_io_executor>& executors, const Args&... args) {
        assert(!executors.empty() && "an endpoint needs an executor");
        for (const auto& executor : executors) {
            shards_.push_back(
                {executor, std::make_unique<Shard>(net::Loop::of(executor), args...)});
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return shards_.size(); }
    [[nodiscard]] Shard& operator[](std::size_t index) noexcept { return *shards_[index].shard; }

    /// Where the shard of `executor` stands; 0 where it has none.
    [[nodiscard]] std::size_t index_of(const asio::any_io_executor& executor) const noexcept {
        for (std::size_t index = 0; index != shards_.size(); ++index) {
            if (shards_[index].executor == executor) return index;
        }
        return 0;
    }
    /// The shard of `executor`; the first where it has none.
    [[nodiscard]] Shard& of(const asio::any_io_executor& executor) noexcept {
        return *shards_[index_of(executor)].shard;
    }

private:
    struct Entry {
        asio::any_io_executor executor;
        std::unique_ptr<Shard> shard;
    };

    std::vector<Entry> shards_;
};

}  // namespace hawser::inline HAWSER_MODE
