#pragma once

#include <hawser/core/config.hpp>

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

template <class T>
class Roster;

/// One who is on a roster, at most, until it leaves or is destroyed.
template <class T>
class RosterMember {
public:
    RosterMember() noexcept = default;
    RosterMember(const RosterMember&) = delete;
    RosterMember& operator=(const RosterMember&) = delete;

    void leave_roster();

protected:
    ~RosterMember() { leave_roster(); }

private:
    friend class Roster<T>;

    Roster<T>* roster_ = nullptr;
    RosterMember* next_ = nullptr;
    RosterMember** previous_ = nullptr;
};

/// Those of one kind that are alive on one executor; owns none of them. Joining and leaving
/// allocate nothing. Not thread-safe.
template <class T>
class Roster {
public:
    Roster() noexcept = default;
    Roster(const Roster&) = delete;
    Roster& operator=(const Roster&) = delete;
    ~Roster() {
        on_empty_.clear();
        while (first_ != nullptr) first_->leave_roster();
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    void join(RosterMember<T>& member) {
        member.roster_ = this;
        member.next_ = first_;
        member.previous_ = &first_;
        if (first_ != nullptr) first_->previous_ = &member.next_;
        first_ = &member;
        ++size_;
    }

    /// Calls `visit(T&)` for each; that one may leave meanwhile, and no other.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (auto* member = first_; member != nullptr;) {
            auto* const next = member->next_;
            visit(static_cast<T&>(*member));
            member = next;
        }
    }

    /// Calls `then` once, when nobody is left: from inside the leaving of the last, or now.
    void when_empty(std::function<void()> then) {
        if (empty()) return then();
        on_empty_.push_back(std::move(then));
    }

private:
    friend class RosterMember<T>;

    void left() {
        if (--size_ != 0) return;
        for (const auto& then : std::exchange(on_empty_, {})) then();
    }

    RosterMember<T>* first_ = nullptr;
    std::size_t size_ = 0;
    std::vector<std::function<void()>> on_empty_;
};

template <class T>
void RosterMember<T>::leave_roster() {
    if (roster_ == nullptr) return;
    *previous_ = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    std::exchange(roster_, nullptr)->left();
}

}  // namespace hawser::inline HAWSER_MODE
