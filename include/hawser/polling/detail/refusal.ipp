#pragma once

#include <hawser/polling/refusal.hpp>

#include <array>

namespace hawser::inline HAWSER_MODE::polling {

HAWSER_DECL RefusalTerms terms_of(Refusal refusal) noexcept {
    switch (refusal) {
    case Refusal::bad_request: return {400, "bad-request", Error::bad_polling_request};
    case Refusal::bad_number: return {400, "bad-number", Error::bad_number};
    case Refusal::bad_frames: return {400, "bad-frames", Error::bad_frames};
    case Refusal::method: return {405, "bad-request", Error::bad_polling_request};
    case Refusal::unknown_session: return {404, "unknown-session", Error::unknown_session};
    case Refusal::superseded: return {409, "superseded", Error::superseded};
    case Refusal::gap: return {409, "gap", Error::gap};
    case Refusal::message_too_big: return {413, "message-too-big", Error::message_too_big};
    case Refusal::body_too_big: return {413, "body-too-big", Error::body_too_big};
    case Refusal::media_type: return {415, "media-type", Error::media_type};
    case Refusal::origin: return {403, "origin", Error::origin_refused};
    case Refusal::busy: return {503, "busy", Error::busy};
    case Refusal::too_many: return {503, "too-many", Error::too_many};
    case Refusal::too_many_of_address: return {429, "too-many", Error::too_many};
    case Refusal::draining: return {503, "draining", Error::draining};
    }
    return {400, "bad-request", Error::bad_polling_request};
}

HAWSER_DECL std::optional<Refusal> refusal_named(std::string_view word) noexcept {
    using enum Refusal;
    constexpr std::array all{
        bad_request, bad_number,      bad_frames,   unknown_session, superseded,
        gap,         message_too_big, body_too_big, media_type,      origin,
        busy,        too_many,        draining};
    for (const Refusal refusal : all) {
        if (terms_of(refusal).word == word) return refusal;
    }
    return std::nullopt;
}

}  // namespace hawser::inline HAWSER_MODE::polling
