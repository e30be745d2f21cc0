#pragma once

#include "../socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <sys/uio.h>

namespace bench {

/// What is to be sent on a socket that must not block: in one system call where the kernel takes
/// all. Long pieces are not copied.
class Outbox {
public:
    /// A piece of its own.
    [[nodiscard]] std::string& copied() noexcept { return copied_; }
    /// Behind what was copied so far, `shared`, which must outlive its departure.
    void append_shared(std::string_view shared) {
        if (shared.size() <= most_copied) {
            copied_ += shared;
        } else {
            pieces_.push_back({copied_.size(), shared});
        }
    }
    [[nodiscard]] bool is_empty() const noexcept { return copied_.empty() && pieces_.empty(); }

    /// Sends as much as the kernel takes. Whether that was all.
    bool flush(const Descriptor& socket) {
        while (!is_empty()) {
            gather();
            msghdr message{};
            message.msg_iov = gathered_.data();
            message.msg_iovlen = gathered_.size();
            const auto sent = ::sendmsg(socket.number(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0 && errno == EAGAIN) return false;
            if (sent < 0) throw_errno("sendmsg");
            drop(static_cast<std::size_t>(sent));
        }
        return true;
    }

private:
    static constexpr std::size_t most_copied = 4096;
    static constexpr std::size_t most_gathered = 64;

    /// Bytes that follow the first `after` copied ones.
    struct Piece {
        std::size_t after;
        std::string_view shared;
    };

    void gather() {
        gathered_.clear();
        std::size_t at = begin_;
        const auto put = [&](const char* bytes, std::size_t size) {
            if (size != 0) gathered_.push_back({const_cast<char*>(bytes), size});
        };
        for (const Piece& piece : pieces_) {
            if (gathered_.size() + 2 > most_gathered) return;
            put(copied_.data() + at, piece.after - at);
            put(piece.shared.data(), piece.shared.size());
            at = piece.after;
        }
        put(copied_.data() + at, copied_.size() - at);
    }

    void drop(std::size_t sent) {
        std::size_t gone = 0;
        for (Piece& piece : pieces_) {
            const std::size_t before = std::min(sent, piece.after - begin_);
            begin_ += before;
            sent -= before;
            const std::size_t part = std::min(sent, piece.shared.size());
            piece.shared.remove_prefix(part);
            sent -= part;
            if (begin_ != piece.after || !piece.shared.empty()) break;
            ++gone;
        }
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(gone));
        begin_ += sent;
        if (!pieces_.empty() || begin_ != copied_.size()) return;
        copied_.clear();
        begin_ = 0;
    }

    std::string copied_;
    /// Copied bytes that have gone.
    std::size_t begin_ = 0;
    std::vector<Piece> pieces_;
    std::vector<iovec> gathered_;
};

}  // namespace bench
