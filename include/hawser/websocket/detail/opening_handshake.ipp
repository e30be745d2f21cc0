#pragma once

#include <hawser/websocket/opening_handshake.hpp>

#include <hawser/http/parser.hpp>
#include <hawser/http/serializer.hpp>

#include <utility>

namespace hawser::inline HAWSER_MODE::websocket {

HAWSER_DECL OpeningHandshake::OpeningHandshake(Upgrade upgrade) {
    http::write_response_head(output_, upgrade.response);
    opened_ = Opened{.subprotocol = std::move(upgrade.subprotocol)};
    codec_ = std::move(upgrade.codec);
}

HAWSER_DECL OpeningHandshake::OpeningHandshake(UpgradeRequest request, const HeadLimits& limits,
                                               TimePoint deadline) {
    http::write_request_head(output_, request.head, 0);
    awaited_.emplace(Awaited{.request = std::move(request),
                             .reader = {http::HeadReader::Section::response, limits},
                             .deadline = deadline});
}

HAWSER_DECL TimePoint OpeningHandshake::deadline() const noexcept {
    return awaited_ ? awaited_->deadline : never;
}

HAWSER_DECL OpeningHandshake::Step OpeningHandshake::receive(ByteView bytes) {
    const http::HeadReader::Step step = awaited_->reader.read(bytes);
    if (step.error) return {step.consumed, step.error};
    if (!step.head) return {step.consumed};
    return {step.consumed, accept(*step.head)};
}

HAWSER_DECL std::error_code OpeningHandshake::accept(std::string_view head) {
    auto reply = http::parse_response_head(head);
    if (!reply) return reply.error();
    if (const auto error = check_upgrade_reply(*reply, awaited_->request)) return error;
    auto codec = agreed_codec(*reply, awaited_->request);
    if (!codec) return codec.error();
    codec_ = *std::move(codec);
    const auto subprotocol = reply->fields.find("Sec-WebSocket-Protocol").value_or("");
    opened_ = Opened{.reply = nullptr, .subprotocol = std::string{subprotocol}};
    opened_->reply = std::make_unique<http::ResponseHead>(*std::move(reply));
    awaited_.reset();
    return {};
}

HAWSER_DECL std::optional<Opened> OpeningHandshake::take_opened() {
    return std::exchange(opened_, std::nullopt);
}

HAWSER_DECL void OpeningHandshake::take_output(Output& into) {
    into.append(std::move(output_));
}

HAWSER_DECL bool OpeningHandshake::done() const noexcept {
    return !awaited_ && !opened_ && output_.empty();
}

}  // namespace hawser::inline HAWSER_MODE::websocket
