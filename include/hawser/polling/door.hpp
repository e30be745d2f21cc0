#pragma once

#include <hawser/http/origin.hpp>
#include <hawser/http/request.hpp>
#include <hawser/http/response.hpp>
#include <hawser/polling/options.hpp>
#include <hawser/polling/parameters.hpp>
#include <hawser/polling/reply.hpp>
#include <hawser/polling/requests.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hawser::inline HAWSER_MODE::polling {

/// A new session is asked for.
struct OpenCall {
    /// Of the request, for whoever decides, and for the channel's facts.
    http::RequestHead head;
};

/// For the session of `token`, if there is one: `ServerSession::receive`.
struct ReceiveCall {
    std::string token;
    ReceiveRequest request;
};

/// For the session of `token`, if there is one: `ServerSession::send`.
struct SendCall {
    std::string token;
    SendRequest request;
};

/// What a request to an endpoint turned out to be; a response where it needs no session to be
/// answered (refusals, what browsers ask beforehand).
using Call = std::variant<OpenCall, ReceiveCall, SendCall, http::Response>;

/// Where HTTP turns into the protocol and back, on the server's side. Stateless but for its
/// options: whoever holds the sessions only has to look one up and to pass on.
class Door {
public:
    /// `options` must outlive the door.
    explicit Door(const ServerOptions& options) noexcept : options_{&options} {}

    /// The answer to a request that can be given before its body is read: refusals for its origin,
    /// method, parameters, media type, announced length; and the preflight of CORS. Empty where the
    /// body is to be read.
    [[nodiscard]] std::optional<http::Response> judge_head(const http::RequestHead& head,
                                                           http::Security security) const;
    /// What a whole request wants. Judges its head, too.
    [[nodiscard]] Call read(http::Request request, http::Security security) const;

    /// What the replies to a request need to know of it (the web pages that may see them); to be
    /// kept until it is answered. Empty for most.
    [[nodiscard]] std::string audience(const http::RequestHead& head) const;

    /// The response that carries a session's reply.
    [[nodiscard]] http::Response respond(Reply reply, std::string_view audience) const;
    /// The response that refuses a request without asking a session: an unknown one, a body that
    /// was not announced to be too big, a cap, a drain.
    [[nodiscard]] http::Response refuse(Refusal refusal, std::string_view audience) const;
    /// The response to an open: the name of the session, and what is granted.
    [[nodiscard]] http::Response opened(std::string_view token, std::string_view audience) const;
    /// Marks the application's own answer to an open as one of the protocol, so that the client
    /// takes it for what it is.
    [[nodiscard]] http::Response mark(http::Response response, std::string_view audience) const;

private:
    /// As the public ones; `given` is what the head's parameters were found to be.
    [[nodiscard]] std::optional<http::Response>
    judge_head(const http::RequestHead& head, const std::optional<Parameters>& given,
               http::Security security) const;
    [[nodiscard]] std::optional<Refusal> judge(const http::RequestHead& head,
                                               const std::optional<Parameters>& given) const;
    [[nodiscard]] http::Response preflight(std::string_view audience) const;
    void add_limits(http::Fields& fields) const;

    const ServerOptions* options_;
};

}  // namespace hawser::inline HAWSER_MODE::polling

#if !defined(HAWSER_COMPILED)
#include <hawser/polling/detail/door.ipp>
#endif
