#include <hawser/core/close_reason.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <ostream>

using hawser::CloseCode;
using hawser::CloseReason;

namespace {

/// RFC 6455 §7.4.2, and the registry of IANA for 1012 to 1014, range by range.
bool is_sendable(std::uint32_t code) {
    if (code <= 999) return false;   // "are not used"
    if (code == 1004) return false;  // "Reserved"
    if (code == 1005) return false;  // "MUST NOT be set as a status code in a Close control frame"
    if (code == 1006) return false;  // the same
    if (code <= 1014) return true;
    if (code <= 2999) return false;  // 1015 "MUST NOT be set"; the others nobody has defined
    return code <= 4999;             // libraries and frameworks, then applications
}

}  // namespace

TEST_CASE("exactly the codes that RFC 6455 allows in a close frame are sendable") {
    for (std::uint32_t code = 0; code <= 0xFFFF; ++code) {
        CAPTURE(code);
        REQUIRE(hawser::is_sendable_close_code(static_cast<std::uint16_t>(code)) ==
                is_sendable(code));
    }
}

TEST_CASE("the codes that only report are not sendable, all others of the list are") {
    const auto sendable = [](CloseCode code) {
        return hawser::is_sendable_close_code(static_cast<std::uint16_t>(code));
    };
    CHECK(!sendable(CloseCode::none));
    CHECK(!sendable(CloseCode::abnormal));
    for (const CloseCode code :
         {CloseCode::normal, CloseCode::going_away, CloseCode::protocol_error,
          CloseCode::unsupported, CloseCode::invalid_bytes, CloseCode::policy_violation,
          CloseCode::too_big, CloseCode::internal_error, CloseCode::try_again_later}) {
        CHECK(sendable(code));
    }
}

TEST_CASE("a close reason is a clean close by ourselves until it says otherwise") {
    const CloseReason reason;
    CHECK(reason.error == hawser::Error::closed);
    CHECK(reason.code == 1000);
    CHECK(reason.text.empty());
    CHECK(reason.by == hawser::Party::local);
}

TEST_CASE("close reasons are equal when all their parts are") {
    const CloseReason reason{.code = 3000, .text = "lunch"};
    CHECK(reason == CloseReason{.code = 3000, .text = "lunch"});
    CHECK(reason != CloseReason{.code = 3001, .text = "lunch"});
    CHECK(reason != CloseReason{.code = 3000, .text = "dinner"});
    CHECK(reason != CloseReason{.code = 3000, .text = "lunch", .by = hawser::Party::peer});
    CHECK(reason != CloseReason{.error = hawser::Error::aborted, .code = 3000, .text = "lunch"});
}
