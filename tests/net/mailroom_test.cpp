#include <hawser/net/mailroom.hpp>

#include <hawser/net/loop.hpp>

#include <asio/io_context.hpp>
#include <asio/strand.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace hawser;

namespace {

/// Calls a function of the test for each message.
class Recipient final : public net::Addressee {
public:
    explicit Recipient(std::function<void(Message)> on_message)
        : on_message_{std::move(on_message)} {}

private:
    void take(Message message) override { on_message_(std::move(message)); }

    std::function<void(Message)> on_message_;
};

auto recipient(std::function<void(Message)> on_message) {
    return std::make_shared<Recipient>(std::move(on_message));
}

Message number(std::size_t value) { return Message::text(std::to_string(value)); }

/// Letters 1 and 2 are under way to somebody who posts itself letter 3 on getting the first.
struct Correspondence {
    asio::io_context io{1};
    std::shared_ptr<net::Loop> loop = net::Loop::of(io.get_executor());
    std::vector<std::string> seen;
    /// What else it does on getting the first.
    std::function<void()> then = [] {};
    std::shared_ptr<Recipient> to = recipient([this](Message m) {
        seen.emplace_back(m.view());
        if (m.view() != "1") return;
        loop->mailroom()->post(to, number(3));
        then();
    });

    Correspondence() {
        for (const std::size_t value : {1U, 2U}) loop->mailroom()->post(to, number(value));
    }
};

}  // namespace

TEST_CASE("letters are delivered in order, later, with one wake-up") {
    asio::io_context io{1};
    const auto loop = net::Loop::of(io.get_executor());
    std::vector<std::string> seen;
    const auto one = recipient([&](Message m) { seen.push_back("1:" + std::string{m.view()}); });
    const auto two = recipient([&](Message m) { seen.push_back("2:" + std::string{m.view()}); });
    loop->mailroom()->post(one, number(10));
    loop->mailroom()->post(two, number(11));
    loop->mailroom()->post(one, number(12));
    CHECK(seen.empty());
    CHECK(io.run() == 1);
    CHECK(seen == std::vector<std::string>{"1:10", "2:11", "1:12"});
}

TEST_CASE("a task is called later, on the executor, and dropped once that has gone") {
    auto io = std::make_unique<asio::io_context>(1);
    const auto token = std::make_shared<int>(0);
    const auto loop = net::Loop::of(io->get_executor());
    loop->mailroom()->run(net::Task{[token] { ++*token; }});
    CHECK(*token == 0);
    CHECK(io->run() == 1);
    CHECK(*token == 1);
    io.reset();
    loop->mailroom()->run(net::Task{[token] { ++*token; }});
    CHECK(*token == 1);
    CHECK(token.use_count() == 1);
}

TEST_CASE_FIXTURE(Correspondence, "a letter posted while others are delivered comes after them") {
    CHECK(io.run_one() == 1);
    CHECK(seen == std::vector<std::string>{"1", "2"});
    CHECK(io.run() == 1);  // in a turn of its own
    CHECK(seen == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE_FIXTURE(Correspondence, "an addressee that throws costs the others nothing") {
    then = [] { throw std::runtime_error{"the test's"}; };
    CHECK_THROWS_AS(io.run(), std::runtime_error);
    io.run();
    CHECK(seen == std::vector<std::string>{"1", "2", "3"});  // nor their order
}

TEST_CASE_FIXTURE(Correspondence, "an event loop inside a delivery does not overtake it") {
    then = [this] { io.poll(); };
    io.run();
    CHECK(seen == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("a mailroom outlives its loop and its context, and then drops everything") {
    std::shared_ptr<net::Mailroom> mailroom;
    unsigned taken = 0;
    const auto to = recipient([&](Message) { ++taken; });
    SUBCASE("on a context") {
        asio::io_context io{1};
        mailroom = net::Loop::of(io.get_executor())->mailroom();
        mailroom->post(to, number(1));
        io.run();
    }
    SUBCASE("on a strand") {
        asio::io_context io{1};
        mailroom = net::Loop::of(asio::make_strand(io))->mailroom();
    }
    SUBCASE("with a letter under way") {
        asio::io_context io{1};
        auto loop = net::Loop::of(asio::make_strand(io));
        mailroom = loop->mailroom();
        mailroom->post(to, number(1));
        loop.reset();
        io.run();
    }
    SUBCASE("with a wake-up that never comes") {
        asio::io_context io{1};
        const auto loop = net::Loop::of(io.get_executor());
        mailroom = loop->mailroom();
        mailroom->post(to, number(1));
        mailroom->shut();
    }
    CHECK(to.use_count() == 1);
    mailroom->post(to, number(2));
    CHECK(to.use_count() == 1);
    CHECK(taken == 0);
}

TEST_CASE("messages of several threads all arrive on one thread, in the order of each") {
    constexpr std::size_t threads = 4;
    constexpr std::size_t letters = 2000;
    asio::io_context io{1};
    auto loop = net::Loop::of(io.get_executor());
    std::vector<std::size_t> next(threads);
    std::size_t wrong = 0;
    std::size_t left = threads * letters;
    auto work = std::optional{asio::make_work_guard(io)};
    {
        std::vector<std::jthread> posters;
        for (std::size_t t = 0; t != threads; ++t) {
            const auto to = recipient([&, t](Message m) {
                if (m.view() != std::to_string(next[t]++)) ++wrong;
                if (--left == 0) work.reset();
            });
            posters.emplace_back([to, mailroom = loop->mailroom()] {
                for (std::size_t i = 0; i != letters; ++i) mailroom->post(to, number(i));
            });
        }
        io.run();
    }
    CHECK(wrong == 0);
    CHECK(left == 0);
}

TEST_CASE("threads may post while the loop and its context go") {
    const auto to = recipient([](Message) {});
    std::vector<std::jthread> posters;
    {
        asio::io_context io{1};
        const auto loop = net::Loop::of(asio::make_strand(io));
        for (unsigned t = 0; t != 3; ++t) {
            posters.emplace_back([to, mailroom = loop->mailroom()] {
                for (unsigned i = 0; i != 5000; ++i) mailroom->post(to, number(i));
            });
        }
        io.run_one();
    }
    posters.clear();
    CHECK(to.use_count() == 1);
}
