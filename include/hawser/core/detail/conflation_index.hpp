#pragma once

#include <hawser/core/queue.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace hawser::inline HAWSER_MODE::detail {

/// Knows at which place of a queue the message of each key waits. It is told of every push and pop.
class ConflationIndex {
public:
    /// The place, counted from the front, of the message with `key`; none if none waits.
    [[nodiscard]] std::optional<std::size_t> find(const std::string& key) const {
        const auto at = positions_.find(key);
        if (at == positions_.end()) return std::nullopt;
        return static_cast<std::size_t>(at->second - popped_);
    }

    /// A message with `key`, which no other has, goes to the back; an empty key is none.
    /// Where it throws, for want of memory, the index is as it was.
    void push(std::string key) {
        entries_.make_room();
        const Entry* entry = nullptr;
        if (!key.empty()) {
            entry = &*positions_.emplace(std::move(key), popped_ + entries_.size()).first;
        }
        entries_.push(entry);
    }

    /// The message at the front was taken.
    void pop() noexcept {
        const Entry* const entry = entries_.pop();
        if (entry != nullptr) positions_.erase(positions_.find(entry->first));
        ++popped_;
    }

private:
    using Positions = std::unordered_map<std::string, std::uint64_t>;
    using Entry = Positions::value_type;

    /// Each key's position, counted from the first message that was ever pushed.
    Positions positions_;
    /// For each message in the queue, its entry, or null if it has no key.
    Queue<const Entry*> entries_;
    std::uint64_t popped_ = 0;
};

}  // namespace hawser::inline HAWSER_MODE::detail
