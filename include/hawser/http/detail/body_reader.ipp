#pragma once

#include <hawser/http/body_reader.hpp>

#include <algorithm>
#include <utility>

namespace hawser::inline HAWSER_MODE::http {

HAWSER_DECL void BodyReader::announce(const BodyLength& length) noexcept {
    kind_ = length.kind;
    left_ = length.bytes;
    error_.reset();
}

HAWSER_DECL std::error_code BodyReader::begin(std::size_t limit, const HeadLimits& trailers) {
    switch (kind_) {
    case BodyLength::Kind::none: break;
    case BodyLength::Kind::known:
        if (left_ > limit) error_ = Error::body_too_big;
        break;
    case BodyLength::Kind::chunked:
        chunked_ = std::make_unique<ChunkedDecoder>(limit, trailers);
        break;
    case BodyLength::Kind::until_close: left_ = limit; break;
    }
    return error();
}

HAWSER_DECL std::error_code BodyReader::error() const noexcept {
    if (error_) return *error_;
    return chunked_ == nullptr ? std::error_code{} : chunked_->error();
}

HAWSER_DECL std::size_t BodyReader::feed(ByteView bytes) {
    if (chunked_ != nullptr) return chunked_->feed(bytes, body_);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
    body_.insert(body_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    left_ -= size;
    if (kind_ == BodyLength::Kind::until_close && size != bytes.size()) {
        error_ = Error::body_too_big;
    }
    return size;
}

HAWSER_DECL void BodyReader::end() noexcept {
    if (kind_ == BodyLength::Kind::until_close) {
        kind_ = BodyLength::Kind::none;
    } else if (!complete()) {
        error_ = Error::incomplete_message;
    }
}

HAWSER_DECL bool BodyReader::complete() const noexcept {
    switch (kind_) {
    case BodyLength::Kind::none: return true;
    case BodyLength::Kind::known: return left_ == 0;
    case BodyLength::Kind::chunked: return chunked_->complete();
    case BodyLength::Kind::until_close: return false;
    }
    return false;
}

HAWSER_DECL std::vector<std::byte> BodyReader::take() {
    chunked_.reset();
    announce({});
    return std::exchange(body_, {});
}

}  // namespace hawser::inline HAWSER_MODE::http
