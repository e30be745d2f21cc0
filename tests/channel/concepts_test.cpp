#include <hawser/channel/concepts.hpp>

#include "channel/fake_carrier.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string_view>
#include <system_error>

using namespace hawser;

namespace {

/// The least that is a transport.
struct LeastTransport {
    static constexpr const char* name = "least";
    static constexpr Guarantee guarantee = Guarantee::at_most_once;
    using Options = int;
    using Carrier = test::FakeCarrier;
};
struct WithoutName : LeastTransport {
    static constexpr int name = 0;
};
struct WithForeignCarrier : LeastTransport {
    using Carrier = int;
};
struct WithBareOptions : LeastTransport {
    struct Options {
        explicit Options(int);
    };
};

/// The least that is a channel: no more than application code may rely on.
class LeastChannel {
public:
    LeastChannel(LeastChannel&&) = default;

    void async_receive(void (*)(std::error_code, Message)) {}
    void async_send(const Message&, void (*)(std::error_code)) {}
    void async_close(const CloseReason&, void (*)(std::error_code)) {}
    void async_close(CloseCode, std::string_view, void (*)(std::error_code)) {}
    std::optional<Message> receive() { return {}; }
    bool send(const Message&) { return false; }
    std::error_code try_send(const Message&) { return {}; }
    void run(const Handlers&) {}
    void abort() {}
    [[nodiscard]] Sender sender() const { return {}; }
    [[nodiscard]] Guarantee guarantee() const { return {}; }
    [[nodiscard]] std::optional<CloseReason> close_reason() const { return {}; }
    [[nodiscard]] ChannelFacts info() const { return {}; }
    [[nodiscard]] BacklogState backlog() const { return {}; }
    [[nodiscard]] Counters counters() const { return {}; }
    [[nodiscard]] int get_executor() const { return 0; }
};
struct CopyableChannel : LeastChannel {
    CopyableChannel(const CopyableChannel&);
};
struct WithoutSender : LeastChannel {
    void sender() const {}
};

}  // namespace

TEST_CASE_TEMPLATE("what names a way of moving messages is a transport", T, test::Fake,
                   LeastTransport) {
    CHECK(Transport<T>);
}

TEST_CASE_TEMPLATE("what lacks a part is none", T, WithoutName, WithForeignCarrier,
                   WithBareOptions, int) {
    CHECK_FALSE(Transport<T>);
}

TEST_CASE_TEMPLATE("channels are message channels", C, Channel<test::Fake>, AnyChannel,
                   LeastChannel) {
    CHECK(MessageChannel<C>);
}

TEST_CASE_TEMPLATE("what can be copied, or lacks a part, is none", C, CopyableChannel,
                   WithoutSender, Sender, int) {
    CHECK_FALSE(MessageChannel<C>);
}
