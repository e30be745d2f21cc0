#pragma once

#include <hawser/core/config.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace hawser::inline HAWSER_MODE {

/// How many connections a server has at a time.
struct ConnectionCaps {
    std::size_t connections = 65536;
    /// Of one address. Behind a proxy all peers have the same one.
    std::size_t per_address = 65536;
};

/// Counts connections against caps. A place is taken by holding what `admit` gives; it may outlive
/// the counter. Not thread-safe.
class ConnectionCounter {
public:
    using Place = std::shared_ptr<const void>;

    explicit ConnectionCounter(ConnectionCaps caps)
        : caps_{caps}, counts_{std::make_shared<Counts>()} {}

    /// A place for one more connection from `address`; null where a cap is reached.
    [[nodiscard]] Place admit(const std::string& address) {
        if (counts_->all >= caps_.connections) return nullptr;
        auto& of_address = *counts_->by_address.try_emplace(address, 0).first;
        if (of_address.second >= caps_.per_address) {
            if (of_address.second == 0) counts_->by_address.erase(address);
            return nullptr;
        }
        ++of_address.second;
        ++counts_->all;
        // The place is the address's entry, which stays where it is as long as it is held.
        return {&of_address, [counts = counts_](auto* entry) { counts->leave(*entry); }};
    }

    [[nodiscard]] std::size_t size() const noexcept { return counts_->all; }

private:
    using Entry = std::pair<const std::string, std::size_t>;

    struct Counts {
        std::size_t all = 0;
        std::unordered_map<std::string, std::size_t> by_address;

        void leave(Entry& entry) {
            --all;
            if (--entry.second == 0) by_address.erase(by_address.find(entry.first));
        }
    };

    ConnectionCaps caps_;
    std::shared_ptr<Counts> counts_;
};

}  // namespace hawser::inline HAWSER_MODE
