#include <hawser/transport/outgoing.hpp>

#include <doctest/doctest.h>

#include <ostream>
#include <string>

using hawser::check_outgoing;
using hawser::Error;
using hawser::Message;

TEST_CASE("a message may be as long as the limit, and no longer") {
    const hawser::MessageLimits limits{.bytes = 3};
    CHECK_FALSE(check_outgoing(Message::text("abc"), limits));
    CHECK_FALSE(check_outgoing(Message{}, limits));
    CHECK(check_outgoing(Message::text("abcd"), limits) == Error::message_too_big);
    CHECK(check_outgoing(Message::text("\xff\xff\xff\xff"), limits) == Error::message_too_big);
}

TEST_CASE("a text must be UTF-8, and other bytes may be anything") {
    const std::string wrong = std::string(100, 'x') + '\xff';
    CHECK(check_outgoing(Message::text("\xff"), {}) == Error::invalid_text);
    CHECK(check_outgoing(Message::text(wrong), {}) == Error::invalid_text);
    CHECK_FALSE(check_outgoing(Message::binary(hawser::as_bytes(wrong)), {}));
    CHECK_FALSE(check_outgoing(Message::text("gr\xc3\xbc\xc3\x9f"), {}));
}

TEST_CASE("what was found of a long text is remembered by its copies") {
    const Message message = Message::text(std::string(100, 'x'));
    const Message copy = message;
    CHECK_FALSE(check_outgoing(message, {}));
    CHECK(copy.utf8() == Message::Utf8::valid);
}
