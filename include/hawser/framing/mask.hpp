#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/framing/frame_header.hpp>

#include <cstddef>
#include <optional>

namespace hawser::inline HAWSER_MODE::framing {

/// Masks or unmasks `bytes` in place (RFC 6455 §5.3: one operation does both). `offset` is the
/// position of the first of them in the bytes of their frame.
HAWSER_DECL void mask(MutableBytes bytes, MaskKey key, std::size_t offset = 0) noexcept;

/// Writes the masked copy of `from` to the first bytes of `into`, which must be as long and is
/// either the same memory or memory apart.
HAWSER_DECL void mask_copy(ByteView from, MutableBytes into, MaskKey key,
                           std::size_t offset = 0) noexcept;

/// The same where there is a key; where there is none, a plain copy.
inline void mask_copy(ByteView from, MutableBytes into, const std::optional<MaskKey>& key,
                      std::size_t offset = 0) noexcept {
    key ? mask_copy(from, into, *key, offset) : copy_bytes(from, into);
}

}  // namespace hawser::inline HAWSER_MODE::framing

#if !defined(HAWSER_COMPILED)
#include <hawser/framing/detail/mask.ipp>
#endif
