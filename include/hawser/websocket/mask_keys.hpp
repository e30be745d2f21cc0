#pragma once

#include <hawser/core/entropy.hpp>
#include <hawser/framing/frame_header.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace hawser::inline HAWSER_MODE::websocket {

/// The mask keys of a client: "The masking key needs to be unpredictable; thus, the masking key
/// MUST be derived from a strong source of entropy, and the masking key for a given frame MUST NOT
/// make it simple [...] to predict the masking key for a subsequent frame" (RFC 6455 §5.3). Each is
/// drawn from the source, used for one frame, and forgotten.
class MaskKeys {
public:
    /// Keys drawn at a time, as asking the system costs more than the bytes.
    static constexpr std::size_t batch = 32;

    explicit MaskKeys(Entropy entropy) noexcept : entropy_{entropy} {}

    /// A key that was never given before.
    [[nodiscard]] framing::MaskKey next() {
        if (used_ == keys_.size()) draw();
        framing::MaskKey key{};
        const auto at = keys_.begin() + static_cast<std::ptrdiff_t>(used_);
        std::copy_n(at, key.size(), key.begin());
        std::fill_n(at, key.size(), std::byte{0});
        used_ += key.size();
        return key;
    }

private:
    void draw() {
        entropy_.fill(keys_);
        used_ = 0;
    }

    Entropy entropy_;
    std::array<std::byte, batch * sizeof(framing::MaskKey)> keys_ = {};
    std::size_t used_ = keys_.size();
};

}  // namespace hawser::inline HAWSER_MODE::websocket
