#pragma once

#include <hawser/polling/client_session.hpp>
#include <hawser/polling/door.hpp>
#include <hawser/polling/server_session.hpp>
#include <hawser/session/registry.hpp>

#include <support/random.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace hawser::polling {

using namespace std::chrono_literals;

/// How often something goes wrong, in percent.
struct Faults {
    unsigned request_lost = 0;
    unsigned reply_lost = 0;
    /// A copy of the request arrives later as well; nobody reads its reply.
    unsigned request_doubled = 0;
    /// The connection ends while the request waits, and the server is told.
    unsigned connection_dropped = 0;
    /// Something on the way answers instead of the server.
    unsigned foreign_reply = 0;
    /// The body of a reply is cut, and nothing on the way noticed.
    unsigned reply_cut = 0;

    static Faults all(unsigned percent) {
        return {percent, percent, percent, percent, percent / 3, percent / 3};
    }
};

/// A client and a server with a bad path between them, on simulated time: requests and replies are
/// lost, doubled, delayed, overtake each other; nothing is real but the sessions and the door.
class SimulatedPath {
public:
    SimulatedPath(const ClientOptions& client_options, const ServerOptions& server_options,
                  Faults how_often, test::Random random)
        : faults{how_often},
          random_{std::move(random)},
          server_options_{server_options},
          door_{server_options_},
          client_options_{client_options},
          client{client_options_,
                 *http::parse_url("http://example.com/channel"),
                 {},
                 Entropy{&fill, &secrets_},
                 now} {}

    /// Does what is due next. False when both sides are finished.
    bool step() {
        poll();
        TimePoint next = client.deadline();
        if (server() != nullptr) next = std::min(next, server()->deadline());
        if (!due_.empty()) next = std::min(next, due_.begin()->first);
        if (next == never) return false;
        REQUIRE(next > now - 1ns);
        now = std::max(now, next);
        if (!due_.empty() && due_.begin()->first <= now) {
            const auto action = std::move(due_.begin()->second);
            due_.erase(due_.begin());
            action();
        }
        client.tick(now);
        if (server() != nullptr) server()->tick(now);
        poll();
        return true;
    }

    /// The server's session; null before it is opened and after it is gone.
    ServerSession* server() {
        auto* const place = registry_.find(token_);
        return place == nullptr ? nullptr : place->get();
    }
    unsigned below(unsigned bound) { return static_cast<unsigned>(random_.below(bound)); }
    bool is_exhausted() const { return random_.is_exhausted(); }
    /// Collects the events of both sides, until there are none.
    void poll() {
        bool again = true;
        while (again) {
            again = false;
            while (auto event = client.poll_event()) {
                again = true;
                std::visit([this](auto& content) { on_client(content); }, *event);
            }
            while (server() != nullptr) {
                auto event = server()->poll_event();
                if (!event) break;
                again = true;
                std::visit([this](auto& content) { on_server(content); }, *event);
            }
        }
        check_invariants();
    }

    TimePoint now{1h};
    Faults faults;
    std::function<void(const Message&)> to_client = [](const Message&) {};
    std::function<void(const Message&)> to_server = [](const Message&) {};
    std::vector<CloseReason> client_closed;
    std::vector<CloseReason> server_closed;
    /// What the server's session said when it was last there.
    session::Delivery server_delivery;
    std::uint64_t requests = 0;
    std::uint64_t faults_made = 0;

private:
    /// A request under way; `exchange` is 0 for a copy, whose reply nobody waits for.
    struct Pending {
        std::uint64_t exchange;
        Lane lane;
        std::string audience;
    };

    static void fill(void* state, MutableBytes into) {
        for (std::byte& byte : into) {
            byte = static_cast<std::byte>((*static_cast<std::mt19937_64*>(state))());
        }
    }

    bool happens(unsigned percent) {
        const bool it_does = below(100) < percent;
        faults_made += it_does ? 1 : 0;
        return it_does;
    }
    Duration up_to(Duration most) {
        return most / 255 * below(256);
    }
    void after(Duration delay, std::function<void()> action) {
        due_.emplace(now + delay, std::move(action));
    }

    // The client's side.

    void on_client(ClientSession::Exchange& exchange) {
        auto& current = current_[exchange.lane];
        REQUIRE(current == 0);
        current = ++requests;
        const std::uint64_t id = current;
        const Lane lane = exchange.lane;
        const http::Request request{std::move(exchange.head), exchange.body.flatten()};
        const Duration patience = exchange.times.first_byte;
        if (happens(faults.request_doubled)) {
            after(up_to(30s), [=, this] { arrive(request, {0, lane, {}}); });
        }
        if (happens(faults.foreign_reply)) {
            after(up_to(1s), [=, this] { reply(id, lane, foreign()); });
            return;
        }
        if (!happens(faults.request_lost)) {
            after(up_to(100ms), [=, this] { arrive(request, {id, lane, {}}); });
        }
        // Whatever happens, the client does not wait for ever.
        after(patience, [=, this] { fail(id, lane, Error::exchange_timeout); });
        if (happens(faults.reply_lost / 2)) {
            after(up_to(2s), [=, this] { fail(id, lane, Error::connection_lost); });
        }
    }
    void on_client(ClientSession::Cancel& cancel) { current_[cancel.lane] = 0; }
    void on_client(ClientSession::Opened& opened) { CHECK(opened.head.status == 201); }
    void on_client(Message& message) {
        REQUIRE(client_closed.empty());
        to_client(message);
    }
    void on_client(ClientSession::Closed& closed) { client_closed.push_back(closed.reason); }

    http::ReceivedResponse foreign() {
        const unsigned statuses[] = {200, 404, 502, 503, 504};
        return {{.status = statuses[below(5)]}, {}};
    }
    void reply(std::uint64_t id, Lane lane, const http::ReceivedResponse& response) {
        if (id == 0 || current_[lane] != id) return;
        current_[lane] = 0;
        client.replied(lane, response, now);
    }
    void fail(std::uint64_t id, Lane lane, Error error) {
        if (current_[lane] != id) return;
        current_[lane] = 0;
        client.failed(lane, error, now);
    }

    // The server's side.

    void arrive(const http::Request& request, Pending pending) {
        pending.audience = door_.audience(request.head);
        Call call = door_.read(request, http::Security::plain);
        std::visit([&](auto& content) { take(content, pending); }, call);
    }
    void take(OpenCall&, const Pending& pending) {
        // As in a client that repeats its open: the older session is a ghost that dies unused.
        const std::string token = session::make_token(Entropy{&fill, &secrets_}, 0);
        REQUIRE(registry_.make_room("", [](auto) {}) == session::Admission::granted);
        REQUIRE(registry_.insert(
            token, "",
            std::make_unique<ServerSession>(server_options_, Entropy{&fill, &secrets_}, now)));
        send_back(pending, door_.opened(token, pending.audience));
    }
    void take(ReceiveCall& call, const Pending& pending) {
        forward(call, pending, [&](RequestId id) { server()->receive(id, call.request, now); });
    }
    void take(SendCall& call, const Pending& pending) {
        forward(call, pending,
                [&](RequestId id) { server()->send(id, std::move(call.request), now); });
    }
    void take(http::Response& response, const Pending& pending) {
        send_back(pending, std::move(response));
    }
    template <class Forward>
    void forward(const auto& call, const Pending& pending, Forward&& to_session) {
        if (registry_.find(call.token) == nullptr) {
            return send_back(pending, door_.refuse(Refusal::unknown_session, pending.audience));
        }
        // Of the sessions it may have opened the client uses one, as long as that lives.
        if (server() == nullptr) token_ = call.token;
        REQUIRE(call.token == token_);
        const RequestId id = ++last_id_;
        waiting_.emplace(id, pending);
        to_session(id);
        if (!happens(faults.connection_dropped)) return;
        after(up_to(5s), [=, this] {
            if (server() == nullptr || waiting_.erase(id) == 0) return;
            server()->disconnected(id, now);
        });
    }

    void on_server(ServerSession::Opened&) {}
    void on_server(Message& message) {
        REQUIRE(server_closed.empty());
        to_server(message);
    }
    void on_server(ServerSession::Closed& closed) { server_closed.push_back(closed.reason); }
    void on_server(ServerSession::Answer& answer) {
        const auto found = waiting_.find(answer.request);
        REQUIRE(found != waiting_.end());
        const Pending pending = found->second;
        waiting_.erase(found);
        send_back(pending, door_.respond(std::move(answer.reply), pending.audience));
        const RequestId id = answer.request;
        after(up_to(200ms), [=, this] {
            if (server() != nullptr) server()->written(id, now);
        });
    }
    void send_back(const Pending& pending, http::Response response) {
        if (happens(faults.reply_lost)) return;
        http::ReceivedResponse received{{.status = response.status, .fields = response.fields},
                                        response.body.flatten()};
        if (received.head.status == 200 && happens(faults.reply_cut)) {
            received.body.resize(below(static_cast<unsigned>(received.body.size())));
            // A cut between two frames cannot be seen; HTTP's Content-Length sees it.
            if (decode(received)) return;
        }
        after(up_to(100ms), [=, this] { reply(pending.exchange, pending.lane, received); });
    }
    static bool decode(const http::ReceivedResponse& received) {
        return framing::decode_frames(received.body, {}).has_value();
    }

    void check_invariants() {
        CHECK((client.finished() || (client.deadline() != never && client.deadline() > now)));
        CHECK(client.backlog_bytes() <= client_options_.backlog.limits.hard);
        CHECK(client_closed.size() <= 1);
        CHECK(server_closed.size() <= 1);
        if (server() == nullptr) return;
        server_delivery = server()->delivery();
        CHECK(server()->backlog_bytes() <= server_options_.backlog.limits.hard);
        // One held receive, one waiting send.
        CHECK(waiting_.size() <= 2);
        if (!server()->finished()) {
            CHECK(server()->deadline() != never);
            CHECK(server()->deadline() > now);
            return;
        }
        CHECK(waiting_.empty());
        registry_.erase(token_);
    }

    test::Random random_;
    /// Tokens and the waits of back-offs.
    std::mt19937_64 secrets_{1};
    ServerOptions server_options_;
    Door door_;
    session::Registry<std::unique_ptr<ServerSession>> registry_{{}};
    std::string token_;
    std::map<RequestId, Pending> waiting_;
    RequestId last_id_ = 0;
    std::map<Lane, std::uint64_t> current_;
    std::multimap<TimePoint, std::function<void()>> due_;
    ClientOptions client_options_;

public:
    ClientSession client;
};

}  // namespace hawser::polling
