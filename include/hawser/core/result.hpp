#pragma once

#include <hawser/core/error.hpp>

#include <cassert>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

namespace hawser::inline HAWSER_MODE {

/// A value, or why there is none; a function may return either as it is.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : content_{std::in_place_index<0>, std::move(value)} {}
    /// `error` must not be empty.
    Result(std::error_code error) : content_{std::in_place_index<1>, error} {}
    Result(Error error) : Result{make_error_code(error)} {}

    [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value; there must be one.
    [[nodiscard]] T& operator*() & noexcept { return *value(); }
    [[nodiscard]] const T& operator*() const& noexcept { return *value(); }
    [[nodiscard]] T&& operator*() && noexcept { return std::move(*value()); }
    [[nodiscard]] T* operator->() noexcept { return value(); }
    [[nodiscard]] const T* operator->() const noexcept { return value(); }

    /// The error; empty where there is a value.
    [[nodiscard]] std::error_code error() const noexcept {
        const auto* const error = std::get_if<1>(&content_);
        return error == nullptr ? std::error_code{} : *error;
    }

private:
    [[nodiscard]] T* value() noexcept {
        assert(has_value() && "a result without a value was dereferenced");
        return std::get_if<0>(&content_);
    }
    [[nodiscard]] const T* value() const noexcept {
        assert(has_value() && "a result without a value was dereferenced");
        return std::get_if<0>(&content_);
    }

    std::variant<T, std::error_code> content_;
};

}  // namespace hawser::inline HAWSER_MODE
