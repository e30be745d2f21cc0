#pragma once

#include <hawser/http/fields.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/url.hpp>
#include <hawser/polling/requests.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hawser::inline HAWSER_MODE::polling {

/// Writes the heads of a client's requests: everything in header fields, so that the token stays
/// out of the URL, and with it out of logs.
class ClientRequests {
public:
    /// `extra` goes into every request (authorisation, cookies).
    ClientRequests(http::Url url, http::Fields extra)
        : url_{std::move(url)}, extra_{std::move(extra)} {}

    /// The requests to come are those of this session.
    void set_session(std::string token) { token_ = std::move(token); }

    [[nodiscard]] http::RequestHead open() const;
    [[nodiscard]] http::RequestHead receive(const ReceiveRequest& request) const;
    /// A send whose first message has the number `first`.
    [[nodiscard]] http::RequestHead send(std::uint64_t first, std::uint64_t after) const;

private:
    [[nodiscard]] http::RequestHead begin(std::string_view method) const;

    http::Url url_;
    http::Fields extra_;
    std::string token_;
};

}  // namespace hawser::inline HAWSER_MODE::polling

#if !defined(HAWSER_COMPILED)
#include <hawser/polling/detail/client_requests.ipp>
#endif
