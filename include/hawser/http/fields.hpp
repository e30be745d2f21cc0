#pragma once

#include <hawser/core/error.hpp>
#include <hawser/http/grammar.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace hawser::inline HAWSER_MODE::http {

namespace detail {
class HeadSink;
}

/// One header field; views into the `Fields` it came from.
struct Field {
    std::string_view name;
    std::string_view value;

    friend bool operator==(const Field&, const Field&) = default;
};

/// The header fields of one message, in order (RFC 9110 §5). Names are compared without case.
///
/// Whatever is put in, only well-formed field lines come out: nothing in a value can begin a line
/// of its own. All views given out are valid until the next change.
class Fields {
public:
    class Iterator;

    Fields() noexcept = default;
    Fields(std::initializer_list<Field> fields);

    /// Appends a field that the library itself chose. A byte that may not stand in a value becomes
    /// a blank (RFC 9110 §5.5); `name` must be a token.
    void add(std::string_view name, std::string_view value);
    /// Removes all fields called `name`, then appends this one.
    void set(std::string_view name, std::string_view value);
    /// Appends a field that the application chose. `Error::bad_argument`, and nothing appended,
    /// where the name is no token, the value has a control in it, or the name `is_reserved`.
    [[nodiscard]] std::error_code checked_add(std::string_view name, std::string_view value);
    /// Removes all fields called `name`; returns how many there were.
    std::size_t remove(std::string_view name);
    void clear() noexcept;
    /// Makes room for `fields` more fields whose lines have `bytes` bytes together.
    void reserve(std::size_t bytes, std::size_t fields);

    /// The value of the first field called `name`.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
    [[nodiscard]] bool contains(std::string_view name) const noexcept;
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    /// Whether a field called `name` has `token` among the elements of its comma-separated list;
    /// tokens are compared without case.
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const noexcept;

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] Field operator[](std::size_t index) const noexcept;
    [[nodiscard]] Iterator begin() const noexcept;
    [[nodiscard]] Iterator end() const noexcept;

    /// All field lines as they go on the wire, each with its CRLF.
    [[nodiscard]] std::string_view lines() const noexcept { return lines_; }

    friend bool operator==(const Fields& a, const Fields& b) noexcept {
        return a.lines_ == b.lines_;
    }

private:
    friend class detail::HeadSink;

    /// The line begins at `begin`; the value follows the name and two characters.
    struct Entry {
        std::uint32_t begin;
        std::uint32_t name_size;
        std::uint32_t value_size;
    };

    void append(std::string_view name, std::string_view value);
    /// The index of the first field called `name`, from `index` on; `size()` where there is none.
    [[nodiscard]] std::size_t next(std::string_view name, std::size_t index) const noexcept;

    std::string lines_;
    std::vector<Entry> entries_;
};

/// Goes over fields in their order.
class Fields::Iterator {
public:
    using value_type = Field;
    using difference_type = std::ptrdiff_t;

    Iterator() noexcept = default;

    [[nodiscard]] Field operator*() const noexcept { return (*fields_)[index_]; }
    Iterator& operator++() noexcept {
        ++index_;
        return *this;
    }
    Iterator operator++(int) noexcept {
        Iterator before = *this;
        ++index_;
        return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

private:
    friend class Fields;

    Iterator(const Fields* fields, std::size_t index) noexcept : fields_{fields}, index_{index} {}

    const Fields* fields_ = nullptr;
    std::size_t index_ = 0;
};

inline Fields::Iterator Fields::begin() const noexcept { return {this, 0}; }
inline Fields::Iterator Fields::end() const noexcept { return {this, size()}; }

/// Whether only the library may set the field `name`: it frames the message or belongs to the
/// connection (Connection, Content-Length, Expect, Host, Keep-Alive, Proxy-Connection, TE, Trailer,
/// Transfer-Encoding, Upgrade, and whatever begins with Sec-WebSocket-).
[[nodiscard]] HAWSER_DECL bool is_reserved(std::string_view name) noexcept;

}  // namespace hawser::inline HAWSER_MODE::http

#if !defined(HAWSER_COMPILED)
#include <hawser/http/detail/fields.ipp>
#endif
