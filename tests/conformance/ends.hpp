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
template <Over over_, hawser::Role role_>
struct End {
    static constexpr Over over = over_;
    static constexpr hawser::Role role = role_;
    /// Whether there are sockets between the ends.
    static constexpr bool has_path = over_ != Over::loopback;
    /// Whether an end learns at once that the other is gone. A polling server does not.
    static constexpr bool is_polling = over_ == Over::long_polling || over_ == Over::polling;

    [[nodiscard]] static Ends connect(World& world, const Terms& terms = {}) {
        return connect_ends(world, over_, role_, terms);
    }
};

template <Over over>
using ServerOver = End<over, hawser::Role::server>;
template <Over over>
using ClientOver = End<over, hawser::Role::client>;

}  // namespace test

/// Every end that goes through a network, for `TEST_CASE_TEMPLATE`.
#define HAWSER_TEST_NETWORK_ENDS                                              \
    test::ServerOver<test::Over::websocket>, test::ClientOver<test::Over::websocket>, \
        test::ServerOver<test::Over::long_polling>, test::ClientOver<test::Over::long_polling>, \
        test::ServerOver<test::Over::polling>, test::ClientOver<test::Over::polling>

/// Every end.
#define HAWSER_TEST_ENDS                                             \
    HAWSER_TEST_NETWORK_ENDS, test::ServerOver<test::Over::loopback>, \
        test::ClientOver<test::Over::loopback>
