#pragma once

#include <hawser/polling/client_session.hpp>

#include <doctest/doctest.h>

#include <polling/frames.hpp>
#include <support/pass_time.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::polling {

using namespace std::chrono_literals;

/// A client session on simulated time. After each call its events are collected, and what must
/// always hold is checked. Every wait of its back-off is `wait_after_fault`, unless `drawn` is set.
struct ClientFixture {
    static constexpr Duration wait_after_fault = 250ms;

    ClientOptions options;
    http::Fields extra;
    TimePoint now{1h};
    /// The random number that every wait is made of.
    Duration drawn = wait_after_fault;
    std::optional<ClientSession> made;

    int opened = 0;
    std::vector<std::string> messages;
    std::vector<CloseReason> closed;
    /// The exchange under way on each lane.
    std::map<Lane, ClientSession::Exchange> under_way;
    int cancelled = 0;
    std::uint64_t last_request = 0;

    ClientSession& session() {
        if (!made) {
            made.emplace(options, *http::parse_url("http://example.com/channel"), extra,
                         Entropy{&fill, this}, now);
            collect();
        }
        return *made;
    }

    bool is_asking() {
        (void)session();
        return under_way.contains(Lane::receive);
    }
    bool is_sending() {
        (void)session();
        return under_way.contains(Lane::send);
    }
    const ClientSession::Exchange& exchange(Lane lane) {
        (void)session();
        REQUIRE(under_way.contains(lane));
        return under_way.at(lane);
    }
    std::string field(Lane lane, std::string_view name) {
        return std::string{exchange(lane).head.fields.find(name).value_or("(none)")};
    }
    std::string body(Lane lane) {
        const auto bytes = exchange(lane).body.flatten();
        return std::string{as_characters(bytes)};
    }

    void reply(Lane lane, unsigned status, http::Fields fields, std::string_view body = {}) {
        (void)exchange(lane);
        under_way.erase(lane);
        const auto view = as_bytes(body);
        const http::ReceivedResponse response{{.status = status, .fields = std::move(fields)},
                                              {view.begin(), view.end()}};
        session().replied(lane, response, now);
        collect();
    }
    /// A reply of the protocol, with what has been received.
    void answer(Lane lane, unsigned status, std::uint64_t received, http::Fields fields = {},
                std::string_view body = {}) {
        fields.add("Hawser", "1");
        fields.add("Hawser-Received", std::to_string(received));
        reply(lane, status, std::move(fields), body);
    }
    void deliver(std::uint64_t first, std::string_view body, std::uint64_t received = 0) {
        answer(Lane::receive, 200, received, {{"Hawser-First", std::to_string(first)}}, body);
    }
    void refuse(Lane lane, unsigned status, std::string_view word, http::Fields fields = {}) {
        fields.add("Hawser", "1");
        fields.add("Hawser-Error", word);
        reply(lane, status, std::move(fields));
    }
    void fail(Lane lane, std::error_code error = Error::connection_lost) {
        (void)exchange(lane);
        under_way.erase(lane);
        session().failed(lane, error, now);
        collect();
    }
    /// Has the session opened by a server that grants holds of `hold` milliseconds.
    void open(std::string_view hold = "25000") {
        answer(Lane::receive, 201, 0,
               {{"Hawser-Session", "t0ken"},
                {"Hawser-Hold", hold},
                {"Hawser-Interval", "1000"},
                {"Hawser-Grace", "120000"},
                {"Hawser-Max-Message", "1000"},
                {"Hawser-Max-Body", "2000"}});
    }

    void say(std::string_view text) {
        CHECK(session().send_message(Message::text(text), now) == Backlog::Push::accepted);
        collect();
    }
    void close(CloseReason reason = {}) {
        session().close(std::move(reason), now);
        collect();
    }
    void room(std::size_t bytes, std::size_t count) {
        session().set_room({bytes, count}, now);
        collect();
    }
    /// Lets time pass, and ticks as often as the session asks for it.
    void wait(Duration time) {
        test::pass_time(session(), now, time, [this] { collect(); });
    }
    void wait_for_retry() { wait(wait_after_fault); }

    void collect() {
        while (auto event = made->poll_event()) {
            std::visit([this](auto& content) { take(content); }, *event);
        }
        CHECK((made->finished() || made->deadline() != never));
        CHECK((made->finished() || made->deadline() > now));
        CHECK((!made->finished() || under_way.empty()));
        CHECK((!made->finished() || closed.size() == 1));
    }

private:
    static void fill(void* fixture, MutableBytes into) {
        const auto bytes = std::bit_cast<std::array<std::byte, 8>>(
            static_cast<const ClientFixture*>(fixture)->drawn.count());
        std::ranges::copy(bytes, into.begin());
    }

    void take(ClientSession::Exchange& exchange) {
        // One request on each lane at most, and the receives numbered without a gap.
        CHECK_FALSE(under_way.contains(exchange.lane));
        if (const auto number = exchange.head.fields.find("Hawser-Request")) {
            CHECK(*number == std::to_string(++last_request));
        }
        under_way.emplace(exchange.lane, std::move(exchange));
    }
    void take(ClientSession::Cancel& cancel) {
        CHECK(under_way.erase(cancel.lane) == 1);
        ++cancelled;
    }
    void take(ClientSession::Opened&) {
        CHECK(closed.empty());
        CHECK(opened == 0);
        ++opened;
    }
    void take(Message& message) {
        CHECK(opened == 1);
        CHECK(closed.empty());
        messages.emplace_back(message.view());
    }
    void take(ClientSession::Closed& event) {
        CHECK(closed.empty());
        closed.push_back(std::move(event.reason));
    }
};

}  // namespace hawser::polling
