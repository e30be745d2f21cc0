#include <hawser/transport/polling_client.hpp>

#include "support/raw_peer.hpp"
#include "transport/patient_dialer.hpp"

#include <hawser/transport/polling.hpp>

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

using hawser::Channel;
using hawser::Error;
using hawser::LongPolling;
using hawser::Message;
using hawser::PollingClientCarrier;
using hawser::PollingOptions;
using namespace std::chrono_literals;

namespace {

using Tcp = asio::ip::tcp;
using Opened = test::Outcome<std::error_code, std::shared_ptr<PollingClientCarrier>>;

constexpr std::string_view no_content = "204 No Content\r\nHawser: 1\r\n";

/// A client, whose server is played by the test.
struct Fixture {
    test::World world;
    Tcp::acceptor acceptor{world.io(), {asio::ip::address_v4::loopback(), 0}};
    std::list<test::RawPeer> peers;
    /// Connections from which nothing is read.
    std::vector<Tcp::socket> unread;
    bool reads = true;
    PollingOptions options;
    std::shared_ptr<const hawser::SecureDialer> secure;
    Opened opened;
    std::optional<Channel<LongPolling>> channel;

    Fixture() {
        options.client.back_off = {.base = 1ms, .most = 2ms};
        accept();
    }

    void accept() {
        acceptor.async_accept([this](std::error_code error, Tcp::socket socket) {
            if (error) return;
            if (reads) {
                peers.emplace_back(std::move(socket));
            } else {
                unread.push_back(std::move(socket));
            }
            accept();
        });
    }
    std::shared_ptr<PollingClientCarrier> start() {
        const hawser::http::Url url{
            .scheme = secure ? hawser::http::Scheme::https : hawser::http::Scheme::http,
            .host = "127.0.0.1",
            .port = acceptor.local_endpoint().port()};
        auto carrier = std::make_shared<PollingClientCarrier>(PollingClientCarrier::Parts{
            .url = url,
            .options = std::make_shared<const PollingOptions>(options),
            .secure = secure,
            .loop = hawser::net::Loop::of(world.executor()),
            .on_open = opened.handler(),
        });
        carrier->start();
        return carrier;
    }
    /// The connection on which a request that begins with `text` has come.
    test::RawPeer& asked(std::string_view text) {
        const auto has_come = [text](test::RawPeer& peer) {
            return peer.received().starts_with(text) &&
                   peer.received().find("\r\n\r\n") != std::string::npos;
        };
        auto found = peers.end();
        world.run_until(text, [&] {
            found = std::ranges::find_if(peers, has_come);
            return found != peers.end();
        });
        return *found;
    }
    static void reply(test::RawPeer& peer, std::string_view head, std::string_view body = {}) {
        peer.received().clear();
        peer.write("HTTP/1.1 " + std::string{head});
        if (!body.empty()) peer.write("Content-Length: " + std::to_string(body.size()) + "\r\n");
        peer.write("\r\n" + std::string{body});
    }
    /// Opens the session; the server holds requests as long as the client wants.
    void open() {
        start();
        reply(asked("POST"), "201 Created\r\nHawser: 1\r\nHawser-Session: token\r\n"
                             "Hawser-Hold: 999999999\r\nContent-Length: 0\r\n");
        world.run_until("an open session", opened);
        REQUIRE_FALSE(opened.error());
        channel.emplace(std::get<1>(opened.result()));
    }
    std::error_code failure() {
        start();
        world.run_until("the end of an attempt", opened);
        CHECK(std::get<1>(opened.result()) == nullptr);
        return opened.error();
    }
};

/// Dials plain TCP as often as it is told, and then says at once why there is no stream.
class FailingDialer final : public hawser::SecureDialer {
public:
    explicit FailingDialer(std::error_code error, int good = 0) : error_{error}, good_{good} {}

    [[nodiscard]] std::unique_ptr<hawser::DialAttempt> dial(std::shared_ptr<hawser::net::Loop> loop,
                                                            const hawser::net::Remote& remote,
                                                            hawser::Duration patience,
                                                            hawser::OnStream done) const override {
        ++tries;
        if (tries <= good_) {
            return std::make_unique<hawser::PlainDialAttempt>(
                std::move(loop), remote, patience, hawser::on_best_stream(std::move(done)));
        }
        asio::post(loop->executor(),
                   [done = std::move(done), error = error_] { done(error, {}); });
        return std::make_unique<hawser::DialAttempt>();
    }

    mutable int tries = 0;

private:
    std::error_code error_;
    int good_;
};

/// A binary message of `size` bytes, as a frame.
std::string frame(std::size_t size) {
    const Message message = Message::binary(std::vector<std::byte>(size));
    return std::string{hawser::as_characters(message.frame())};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a session that cannot be opened is given up, and told once") {
    options.client.connect_timeout = 20ms;
    reads = false;
    const auto carrier = start();
    CHECK_FALSE(opened.has_come());
    world.run_until("the end of an attempt", opened);
    CHECK(opened.error() == Error::connect_timeout);
    CHECK(opened.times() == 1);
    CHECK(std::get<1>(opened.result()) == nullptr);
    CHECK(carrier->port().is_closed());
}

TEST_CASE_FIXTURE(Fixture, "why the last try to open got no reply is told") {
    const auto dialer = std::make_shared<const FailingDialer>(asio::error::host_not_found);
    secure = dialer;
    options.client.connect_timeout = 100ms;
    CHECK(failure() == asio::error::host_not_found);
    CHECK(dialer->tries > 1);
}

TEST_CASE_FIXTURE(Fixture, "what was answered since is no reason any more") {
    options.client.connect_timeout = 500ms;
    start();
    asked("POST").close();
    peers.clear();
    reply(asked("POST"), "502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n");
    reads = false;  // what follows gets no answer
    world.run_until("the end of an attempt", opened);
    CHECK(opened.error() == Error::connect_timeout);
}

TEST_CASE_FIXTURE(Fixture, "what would be the same at every further try is told at once") {
    options.client.connect_timeout = 1h;
    std::error_code error;
    SUBCASE("a refused certificate") { error = Error::certificate_refused; }
    SUBCASE("a mistake") { error = Error::tls_required; }
    const auto dialer = std::make_shared<const FailingDialer>(error);
    secure = dialer;
    CHECK(failure() == error);
    CHECK(dialer->tries == 1);
}

TEST_CASE_FIXTURE(Fixture, "what would end an opening is borne by a session that is open") {
    const auto dialer = std::make_shared<const FailingDialer>(Error::certificate_refused, 1);
    secure = dialer;
    open();
    REQUIRE_FALSE(channel->try_send(Message::text("up")));
    world.run_until("more tries", [&] { return dialer->tries == 4; });
    CHECK_FALSE(channel->is_closed());
    channel->abort();
}

TEST_CASE_FIXTURE(Fixture, "an abort ends the opening, and lets go of the carrier") {
    options.client.connect_timeout = 1h;
    std::weak_ptr<PollingClientCarrier> alive;
    {
        const auto carrier = start();
        alive = carrier;
        CHECK_FALSE(carrier->send(Message::text("early"), hawser::WhenFull::refuse));
        carrier->abort();
        CHECK(carrier->send(Message::text("late"), hawser::WhenFull::refuse) == Error::closed);
    }
    world.run_until("the end of an attempt", opened);
    CHECK(opened.error() == Error::aborted);
    world.run_until("its release", [&] { return alive.expired(); });
}

TEST_CASE_FIXTURE(Fixture, "an application's fields go into every request") {
    REQUIRE_FALSE(options.fields.checked_add("Authorization", "Bearer me"));
    start();
    CHECK(asked("POST").received().find("\r\nAuthorization: Bearer me\r\n") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "connecting is borne as long as an exchange without progress") {
    const auto dialer = std::make_shared<const test::PatientDialer>();
    secure = dialer;
    options.client.progress = 77min;
    const auto carrier = start();
    world.run_ready();
    CHECK(dialer->patience == 77min);
    carrier->abort();
}

TEST_CASE_FIXTURE(Fixture, "a reply may be as long as the options say") {
    options.client.message.bytes = 500;
    options.client.reply_bytes = 1000;
    open();
    reply(asked("GET"), "200 OK\r\nHawser: 1\r\nHawser-First: 1\r\n",
          frame(246) + frame(246) + frame(246) + frame(246));
    for (int i = 0; i != 4; ++i) {
        CHECK(test::receive(world, *channel).message().size() == 246);
    }
    reply(asked("GET"), "200 OK\r\nHawser: 1\r\nHawser-First: 5\r\n",
          frame(246) + frame(246) + frame(246) + frame(247));
    const auto reason = test::reason_of(world, *channel);
    CHECK(reason.error == Error::message_too_big);
    CHECK(reason.code == 1009);
}

TEST_CASE_FIXTURE(Fixture, "a reply's head may be as long as the options say") {
    options.client.connect_timeout = 500ms;
    options.reply_head.bytes = 100;
    start();
    reply(asked("POST"), "201 Created\r\nHawser: 1\r\nHawser-Session: " + std::string(100, 't') +
                             "\r\nContent-Length: 0\r\n");
    reads = false;  // what follows gets no answer
    world.run_until("the end of an attempt", opened);
    CHECK(opened.error() == Error::head_too_big);
}

TEST_CASE_FIXTURE(Fixture, "a connection is kept as long as the options say") {
    options.idle_timeout = 1ms;
    open();
    asked("GET");
    REQUIRE_FALSE(channel->try_send(Message::text("up")));
    test::RawPeer& sends = asked("POST");
    reply(sends, std::string{no_content} + "Hawser-Received: 1\r\n");
    sends.await_end(world);
    CHECK_FALSE(channel->is_closed());
}

TEST_CASE_FIXTURE(Fixture, "a server that reads nothing is left as soon as the options say") {
    options.client.message.bytes = std::size_t{32} << 20;
    options.client.backlog.limits.hard = std::size_t{80} << 20;
    options.client.request_bytes = options.client.message.bytes;
    options.client.progress = 1h;
    options.client.grace = 1h;
    options.link.write_stall = 1ms;
    open();
    asked("GET");
    reads = false;
    REQUIRE_FALSE(channel->try_send(Message::binary(std::vector<std::byte>(32U << 20))));
    world.run_until("a second connection for it", [&] { return unread.size() == 2; });
    CHECK_FALSE(channel->is_closed());
    channel->abort();
}

TEST_CASE_FIXTURE(Fixture, "what nobody waits for any more is dropped with its connection") {
    open();
    REQUIRE_FALSE(channel->try_send(Message::text("never taken")));
    test::RawPeer& sends = asked("POST");
    reply(asked("GET"), "200 OK\r\nHawser: 1\r\nHawser-First: 1\r\n", "\x88\x02\x03\xe9");
    CHECK(test::reason_of(world, *channel).code == 1001);
    sends.await_end(world);
    // The end is acknowledged, and that is the last of it.
    test::RawPeer& receives = asked("GET");
    CHECK(receives.received().find("\r\nHawser-After: 1\r\n") != std::string::npos);
    CHECK(receives.received().find("\r\nHawser-Hold: 0\r\n") != std::string::npos);
    reply(receives, no_content);
    receives.await_end(world);
    acceptor.close();
    channel.reset();
    opened = {};
    world.run_dry();
}

TEST_CASE_FIXTURE(Fixture, "an abort ends both connections at once") {
    open();
    test::RawPeer& receives = asked("GET");
    REQUIRE_FALSE(channel->try_send(Message::text("up")));
    test::RawPeer& sends = asked("POST");
    channel->abort();
    receives.await_end(world);
    sends.await_end(world);
}
