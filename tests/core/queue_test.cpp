#include <hawser/core/queue.hpp>

#include <doctest/doctest.h>

#include <support/random.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

using hawser::Queue;

static_assert(sizeof(Queue<int>) == 4 * sizeof(void*));

namespace {

template <class T>
void check_same(const Queue<T>& queue, const std::deque<T>& model) {
    REQUIRE(queue.size() == model.size());
    REQUIRE(queue.empty() == model.empty());
    for (std::size_t i = 0; i != model.size(); ++i) REQUIRE(queue[i] == model[i]);
    if (model.empty()) return;
    REQUIRE(queue.front() == model.front());
    REQUIRE(queue.back() == model.back());
}

Queue<int> queue_of(int count) {
    Queue<int> queue;
    for (int i = 0; i != count; ++i) queue.push(i);
    return queue;
}

/// Counts how often one of its kind was moved.
struct Moved {
    inline static std::size_t times = 0;

    Moved() = default;
    Moved(Moved&&) noexcept { ++times; }
    Moved& operator=(Moved&&) noexcept {
        ++times;
        return *this;
    }
    ~Moved() = default;
};

}  // namespace

TEST_CASE("a queue does what a deque does") {
    test::Random random;
    CAPTURE(random.seed());
    Queue<int> queue;
    std::deque<int> model;
    std::size_t pushes_in_ten = 5;
    for (int i = 0; i != 20'000; ++i) {
        if (random.one_in(500)) pushes_in_ten = 2 + random.below(7);
        if (random.one_in(1000)) {
            queue.clear();
            model.clear();
        } else if (random.below(10) < pushes_in_ten) {
            queue.push(i);
            model.push_back(i);
        } else if (!model.empty()) {
            REQUIRE(queue.pop() == model.front());
            model.pop_front();
        }
        if (i % 10 == 0) check_same(queue, model);
    }
}

TEST_CASE("the elements of a queue may be changed in place") {
    Queue<int> queue = queue_of(3);
    queue.front() = 10;
    queue[1] = 11;
    queue.back() = 12;
    CHECK(queue.pop() == 10);
    CHECK(queue.pop() == 11);
    CHECK(queue.pop() == 12);
}

TEST_CASE("a queue that becomes empty keeps few places and gives many back") {
    for (std::size_t count = 1; count != 100; ++count) {
        CAPTURE(count);
        Queue<int> popped = queue_of(static_cast<int>(count));
        while (!popped.empty()) popped.pop();
        CHECK((popped.capacity() >= count) == (count <= Queue<int>::kept));
        CHECK(popped.capacity() <= Queue<int>::kept);

        Queue<int> cleared = queue_of(static_cast<int>(count));
        cleared.clear();
        CHECK(cleared.empty());
        CHECK(cleared.capacity() == popped.capacity());
    }
}

TEST_CASE("a queue at rest keeps no places, unless it has elements") {
    Queue<int> queue = queue_of(2);
    queue.rest();
    CHECK(queue.pop() == 0);
    CHECK(queue.pop() == 1);
    CHECK(queue.capacity() != 0);
    queue.rest();
    CHECK(queue.capacity() == 0);
    queue.push(7);
    CHECK(queue.pop() == 7);
}

TEST_CASE("a queue keeps as many places as it is told to") {
    Queue<int, 32> queue;
    for (const int count : {32, 33}) {
        for (int i = 0; i != count; ++i) queue.push(i);
        queue.clear();
        CHECK(queue.capacity() == (count == 32 ? 32 : 0));
    }
}

TEST_CASE("a queue that goes on with few elements gives back what many have needed") {
    Queue<int> queue = queue_of(10'000);
    while (queue.size() != 3) queue.pop();
    for (int i = 0; i != 20'000; ++i) {
        queue.push(i);
        queue.pop();
    }
    CHECK(queue.capacity() <= 32);
}

TEST_CASE("a queue of steady length has room for at most four times its elements") {
    for (int length = 1; length < 200; length += 7) {
        Queue<int> queue = queue_of(length);
        for (int i = 0; i != 10'000; ++i) {
            queue.push(i);
            queue.pop();
            REQUIRE(queue.capacity() <= 4 * queue.size() + 4);
        }
    }
}

TEST_CASE("pushing and popping move each element a few times only, whatever the length") {
    for (const int length : {1, 2, 10, 1000}) {
        Queue<Moved> queue;
        Moved::times = 0;
        for (int i = 0; i != length; ++i) queue.push(Moved{});
        for (int i = 0; i != 10'000; ++i) {
            queue.push(Moved{});
            queue.pop();
        }
        CHECK(Moved::times <= 6 * static_cast<std::size_t>(10'000 + length));
    }
}

TEST_CASE("pushes for which room was made need no more memory") {
    Queue<int> queue = queue_of(5);
    queue.pop();
    queue.make_room(100);
    const std::size_t capacity = queue.capacity();
    const int* const front = &queue.front();
    for (int i = 0; i != 100; ++i) queue.push(i);
    CHECK(queue.capacity() == capacity);
    CHECK(&queue.front() == front);
}

TEST_CASE("a queue lets go of an element when it is popped") {
    const auto element = std::make_shared<int>(1);
    Queue<std::shared_ptr<int>> queue;
    queue.push(element);
    queue.push(nullptr);
    queue.pop();
    CHECK(element.use_count() == 1);
}

TEST_CASE("a queue that was moved is empty and can be used again") {
    Queue<int> from = queue_of(5);
    from.pop();
    Queue<int> to = std::move(from);
    CHECK(to.size() == 4);
    CHECK(to.front() == 1);
    CHECK(from.empty());
    CHECK(from.size() == 0);
    from.push(7);
    CHECK(from.pop() == 7);

    from = std::move(to);
    CHECK(from.size() == 4);
    CHECK(to.empty());
}

TEST_CASE("a queue may be copied") {
    Queue<int> queue = queue_of(5);
    queue.pop();
    Queue<int> copy = queue;
    copy.push(5);
    CHECK(queue.size() == 4);
    CHECK(copy.size() == 5);
    CHECK(copy.front() == 1);
    CHECK(copy.back() == 5);
}
