#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace limit {

/// Bytes of a fixed capacity, not initialised.
class Block {
public:
    Block() noexcept = default;
    explicit Block(std::size_t capacity)
        : bytes_{std::make_unique_for_overwrite<char[]>(capacity)}, capacity_{capacity} {}

    [[nodiscard]] char* data() const noexcept { return bytes_.get(); }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
};

/// Keeps large blocks that are not in use, as to get them from the system anew costs more than to
/// receive a message.
class BlockStore {
public:
    [[nodiscard]] Block take(std::size_t size) {
        if (kept_.empty() || kept_.back().capacity() < size) return Block{size};
        Block block = std::move(kept_.back());
        kept_.pop_back();
        return block;
    }
    void give_back(Block block) {
        if (block.capacity() >= least_kept) kept_.push_back(std::move(block));
    }

private:
    static constexpr std::size_t least_kept = 16 * 1024;
    std::vector<Block> kept_;
};

/// A part of a block that is to be sent, or that has been received.
struct Part {
    Block block;
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
    [[nodiscard]] std::string_view view() const noexcept { return {block.data() + begin, size()}; }
};

/// A copy of `bytes`.
[[nodiscard]] inline Part copy_of(std::string_view bytes, BlockStore& store) {
    Part part{store.take(bytes.size()), 0, bytes.size()};
    std::memcpy(part.block.data(), bytes.data(), bytes.size());
    return part;
}

}  // namespace limit
