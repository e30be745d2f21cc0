#pragma once

#include "support/failing_calls.hpp"
#include "support/live_blocks.hpp"
#include "support/world.hpp"

#include <hawser/client/connect.hpp>
#include <hawser/server/endpoint.hpp>
#include <hawser/server/server.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace test {

/// What makes a talk one over TLS.
struct Security {
    std::shared_ptr<const hawser::SecureAcceptor> acceptor = nullptr;
    std::shared_ptr<const hawser::SecureDialer> dialer = nullptr;
};

/// A client finds a server by its name, sends a message, is sent it back, and closes: all of it
/// over sockets of this process.
template <class T>
class Talk {
    using Channel = hawser::Channel<T>;

public:
    explicit Talk(const Security& security) : endpoint_{world_.executor(), options()} {
        endpoint_.each([this](Channel made) { serve(std::move(made)); });
        hawser::Router router;
        router.add("/", endpoint_);
        server_.emplace(world_.executor(), std::move(router),
                        hawser::ServerOptions{.tls = security.acceptor});
        REQUIRE_FALSE(server_->listen("127.0.0.1", 0));
        scheme_ = security.acceptor ? "https" : "http";
        connect_options_.transport = options();
        connect_options_.tls = security.dialer;
    }
    Talk(const Talk&) = delete;
    Talk& operator=(const Talk&) = delete;

    void run() {
        hawser::connect<T>(world_.executor(),
                           scheme_ + "://localhost:" + std::to_string(server_->port()) + "/",
                           connect_options_, connected_.handler());
        world_.run_until("the end of the attempt", connected_);
        if (!connected_.error()) talk(std::get<1>(connected_.result()));
        const Done drained;
        server_->async_drain(hawser::Duration::zero(), drained.handler());
        world_.run_until("the end of the drain", drained);
        server_.reset();
        channels_.clear();
        world_.run_dry();
        check_ends();
    }
    [[nodiscard]] bool is_whole() const {
        return heard_ == Log{"hello", "closed"} && served_ == Log{"hello", "closed"};
    }

private:
    using Log = std::vector<std::string>;

    static typename T::Options options() {
        using namespace std::chrono_literals;
        typename T::Options options;
        if constexpr (requires { options.client; }) {
            options.client.back_off = {.base = 1ms, .most = 2ms};
            options.server.interval = 1ms;
        }
        return options;
    }

    void serve(Channel made) {
        ++opened_;
        Channel& channel = channels_.emplace_back(std::move(made));
        channel.run({.message = [this, &channel](hawser::Message message) {
                         served_.emplace_back(message.view());
                         static_cast<void>(channel.try_send(std::move(message)));
                     },
                     .closed = [this](const hawser::CloseReason&) {
                         served_.emplace_back("closed");
                     }});
    }
    void talk(Channel& channel) {
        bool has_ended = false;
        channel.run({.message = [this, &channel](const hawser::Message& message) {
                         heard_.emplace_back(message.view());
                         channel.async_close([](std::error_code) {});
                     },
                     .closed = [this, &has_ended](const hawser::CloseReason&) {
                         heard_.emplace_back("closed");
                         has_ended = true;
                     }});
        static_cast<void>(channel.try_send(hawser::Message::text("hello")));
        world_.run_until("the end of the channel", [&] { return has_ended; });
        world_.run_until("the end of its connections",
                         [&] { return server_->connections() == 0; });
        channel = Channel{nullptr};
    }
    /// The attempt has completed once, and each channel has closed once, and last.
    void check_ends() const {
        CHECK(connected_.times() == 1);
        CHECK(static_cast<bool>(connected_.error()) == heard_.empty());
        CHECK(opened_ <= 1);
        for (const auto& [log, opened] : {std::pair{&heard_, connected_.error() ? 0 : 1},
                                          std::pair{&served_, opened_}}) {
            CHECK(std::ranges::count(*log, "closed") == opened);
            if (opened != 0) CHECK(log->back() == "closed");
        }
    }

    World world_;
    hawser::Endpoint<T> endpoint_;
    std::optional<hawser::Server> server_;
    std::string scheme_;
    hawser::ConnectOptions<T> connect_options_;
    Outcome<std::error_code, Channel> connected_;
    std::vector<Channel> channels_;
    int opened_ = 0;
    Log heard_;
    Log served_;
};

/// Has a talk in which a call of the role's sockets fails. Returns whether none has.
template <class T>
bool survives(const Security& security, hawser::Role role, std::size_t failing) {
    Talk<T> talk{security};
    const FailingCalls calls{role, failing};
    talk.run();
    CHECK(calls.open_sockets() == 0);
    // Polling loses nothing, whatever fails.
    const bool is_lossless = !std::is_same_v<T, hawser::WebSocket>;
    if (calls.has_survived() || is_lossless) CHECK(talk.is_whole());
    return calls.has_survived();
}

/// Has each call fail in turn until the talk survives. Returns how many those are.
template <class T>
std::size_t calls_of(hawser::Role role, const Security& security = {}) {
    Talk<T>{security}.run();  // what the process keeps for ever is not counted
    const LeavingNothing leaving_nothing;
    for (std::size_t failing = 0;; ++failing) {
        CAPTURE(failing);
        REQUIRE(failing < 1000);
        if (leaving_nothing([&] { return survives<T>(security, role, failing); })) return failing;
    }
}

}  // namespace test
