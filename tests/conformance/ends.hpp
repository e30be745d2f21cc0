#pragma once

#include "support/world.hpp"

#include <hawser/channel.hpp>
#include <hawser/core/backlog.hpp>
#include <hawser/core/limits.hpp>
#include <hawser/core/role.hpp>
#include <hawser/core/time.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace test {

/// What one end of a channel bears.
struct EndTerms {
    hawser::MessageLimits message = {};
    hawser::BacklogOptions backlog = {};
    hawser::InboxLimits inbox = {};
};

/// What both ends of a channel are made with.
struct Terms {
    EndTerms near = {};
    EndTerms far = {};
    hawser::Duration close_timeout = std::chrono::seconds{5};
    /// How long an end bears a peer from which nothing comes.
    hawser::Duration patience = std::chrono::seconds{120};
    bool keep_head = true;
};

/// What stands behind the two ends of a channel: a server, an endpoint, a path between.
class Ground {
public:
    virtual ~Ground() = default;

    /// Cuts the path between the ends, for good.
    virtual void sever() = 0;
    /// Nothing gets from one end to the other any more, and neither is told.
    virtual void fall_silent() = 0;
    /// Has the server drain.
    virtual Done start_drain(hawser::Duration deadline) = 0;
};

/// The two ends of one channel. The tests of this folder are about `near`, whatever its role.
struct Ends {
    std::unique_ptr<Ground> ground;
    hawser::AnyChannel near;
    hawser::AnyChannel far;
};

enum class Over { websocket, long_polling, polling, loopback };

/// Connects two channels over a transport; `near_role` is the role of the near one.
[[nodiscard]] Ends connect_ends(World& world, Over over, hawser::Role near_role,
                                const Terms& terms);

/// A transport, and the role that the near end has: what each test of the suite is run with.
struct End {
    Over over;
    hawser::Role role;

    /// Whether an end does not learn at once that the other is gone.
    [[nodiscard]] constexpr bool is_polling() const {
        return over == Over::long_polling || over == Over::polling;
    }
    [[nodiscard]] Ends connect(World& world, const Terms& terms = {}) const {
        return connect_ends(world, over, role, terms);
    }
};

// An end as a type, which has doctest make test cases of it and name them.

template <Over over>
struct ServerOver {
    static constexpr End value{over, hawser::Role::server};
};
template <Over over>
struct ClientOver {
    static constexpr End value{over, hawser::Role::client};
};

}  // namespace test

#define HAWSER_TEST_ENDS_OVER(over) \
    test::ServerOver<test::Over::over>, test::ClientOver<test::Over::over>

/// Every end that goes through a network, for `HAWSER_TEST_EACH`.
#define HAWSER_TEST_NETWORK_ENDS                                            \
    HAWSER_TEST_ENDS_OVER(websocket), HAWSER_TEST_ENDS_OVER(long_polling), \
        HAWSER_TEST_ENDS_OVER(polling)

/// Every end.
#define HAWSER_TEST_ENDS HAWSER_TEST_NETWORK_ENDS, HAWSER_TEST_ENDS_OVER(loopback)

/// A test case for each of some ends, which its name tells. Their one body is compiled once, and
/// run with each end as its argument `end`.
#define HAWSER_TEST_EACH(name, end, ...) \
    HAWSER_TEST_EACH_BY(DOCTEST_ANONYMOUS(hawser_test_body_), name, end, __VA_ARGS__)
#define HAWSER_TEST_EACH_BY(body, name, end, ...)                                               \
    static void body(test::End end);                                                            \
    DOCTEST_TEST_CASE_TEMPLATE(name, EndType, __VA_ARGS__) { body(EndType::value); }            \
    static void body(test::End end)
