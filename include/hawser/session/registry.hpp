#pragma once

#include <hawser/session/token.hpp>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace hawser::inline HAWSER_MODE::session {

/// How many sessions there may be at a time.
struct Caps {
    std::size_t sessions = 65536;
    /// Of one address. Behind a proxy all peers have the same one.
    std::size_t per_address = 65536;
};

/// Whether a further session may be opened.
enum class Admission : std::uint8_t { granted, too_many, too_many_of_address };

/// The sessions of one executor: from token to `T`, within caps.
/// A found `T` stays where it is until it is erased or evicted.
template <class T>
class Registry {
public:
    explicit Registry(Caps caps) noexcept : caps_{caps} {}

    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }
    [[nodiscard]] std::size_t size_of(std::string_view address) const {
        const auto found = addresses_.find(std::string{address});
        return found == addresses_.end() ? 0 : found->second.sessions;
    }

    /// Whether one more session of `address` may be inserted. Where a cap is reached, the session
    /// that retired first makes room; it is handed to `evicted(T&&)`.
    template <class Evicted>
    [[nodiscard]] Admission make_room(std::string_view address, Evicted&& evicted);

    /// Adds a session whose token `make_token` made, after `make_room`. Returns null, and does
    /// nothing, for a token whose selector is taken already: ask for another one.
    [[nodiscard]] T* insert(std::string_view token, std::string_view address, T value);

    /// The session of `token`, or null. Takes constant time, and tells nothing by it of how much
    /// of a wrong token was right.
    [[nodiscard]] T* find(const Token& token) {
        const auto record = locate(token);
        return record == records_.end() ? nullptr : &record->second.value;
    }
    [[nodiscard]] T* find(std::string_view token) {
        const auto parsed = parse_token(token);
        return parsed ? find(*parsed) : nullptr;
    }

    /// Says that the session may be evicted when a cap is reached.
    void retire(std::string_view token);

    /// Erases the session of `token`; false where there is none.
    bool erase(std::string_view token) {
        const auto record = locate(token);
        if (record == records_.end()) return false;
        remove(record);
        return true;
    }

    /// Calls `visit(T&)` for every session; it must not insert or erase any.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (auto& [selector, record] : records_) visit(record.value);
    }

private:
    using Selectors = std::list<std::uint64_t>;

    struct Address {
        std::size_t sessions = 0;
        Selectors retired;
    };
    using Addresses = std::unordered_map<std::string, Address>;

    struct Record {
        T value;
        std::array<std::byte, 18> secret;
        bool retired = false;
        typename Addresses::value_type* address;
        /// Its places among the retired; meaningful only if it is.
        Selectors::iterator among_all = {};
        Selectors::iterator among_address = {};
    };
    using Records = std::unordered_map<std::uint64_t, Record>;

    [[nodiscard]] typename Records::iterator locate(const Token& token);
    [[nodiscard]] typename Records::iterator locate(std::string_view token) {
        const auto parsed = parse_token(token);
        return parsed ? locate(*parsed) : records_.end();
    }
    void remove(typename Records::iterator record);
    template <class Evicted>
    void evict(std::uint64_t selector, Evicted& evicted);

    Caps caps_;
    // Selectors are random numbers of our own, so nobody can crowd a bucket.
    Records records_;
    Addresses addresses_;
    Selectors retired_;
};

template <class T>
typename Registry<T>::Records::iterator Registry<T>::locate(const Token& token) {
    const auto record = records_.find(token.selector);
    if (record == records_.end()) return record;
    if (!equal_without_early_exit(record->second.secret, token.secret)) return records_.end();
    return record;
}

template <class T>
T* Registry<T>::insert(std::string_view token, std::string_view address, T value) {
    const auto parsed = parse_token(token);
    assert(parsed && "a session's token must come from make_token");
    if (!parsed || records_.contains(parsed->selector)) return nullptr;
    auto& place = *addresses_.try_emplace(std::string{address}).first;
    ++place.second.sessions;
    Record record{.value = std::move(value), .secret = parsed->secret, .address = &place};
    return &records_.emplace(parsed->selector, std::move(record)).first->second.value;
}

template <class T>
void Registry<T>::retire(std::string_view token) {
    const auto found = locate(token);
    if (found == records_.end() || found->second.retired) return;
    Record& record = found->second;
    record.retired = true;
    record.among_all = retired_.insert(retired_.end(), found->first);
    Selectors& of_address = record.address->second.retired;
    record.among_address = of_address.insert(of_address.end(), found->first);
}

template <class T>
template <class Evicted>
Admission Registry<T>::make_room(std::string_view address, Evicted&& evicted) {
    const auto place = addresses_.find(std::string{address});
    if (place != addresses_.end() && place->second.sessions >= caps_.per_address) {
        if (place->second.retired.empty()) return Admission::too_many_of_address;
        evict(place->second.retired.front(), evicted);
    } else if (caps_.per_address == 0) {
        return Admission::too_many_of_address;
    }
    if (records_.size() < caps_.sessions) return Admission::granted;
    if (retired_.empty()) return Admission::too_many;
    evict(retired_.front(), evicted);
    return Admission::granted;
}

template <class T>
template <class Evicted>
void Registry<T>::evict(std::uint64_t selector, Evicted& evicted) {
    const auto record = records_.find(selector);
    T value = std::move(record->second.value);
    remove(record);
    evicted(std::move(value));
}

template <class T>
void Registry<T>::remove(typename Records::iterator record) {
    auto& [address, place] = *record->second.address;
    if (record->second.retired) {
        retired_.erase(record->second.among_all);
        place.retired.erase(record->second.among_address);
    }
    if (--place.sessions == 0) addresses_.erase(addresses_.find(address));
    records_.erase(record);
}

}  // namespace hawser::inline HAWSER_MODE::session
