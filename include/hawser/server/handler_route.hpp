#pragma once

#include <hawser/server/route.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>

#include <concepts>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace hawser::inline HAWSER_MODE {

struct HandlerOptions {
    /// Others are answered 405. HEAD goes with GET.
    std::vector<std::string> methods = {"GET"};
    /// Bytes of a request's body.
    std::size_t body = 64 * 1024;
};

/// What answers the application's plain HTTP requests, now or in a coroutine.
template <class Handler>
concept RequestHandler =
    std::is_invocable_r_v<http::Response, Handler&, http::Request> ||
    std::is_invocable_r_v<asio::awaitable<http::Response>, Handler&, http::Request>;

/// Answers requests with a handler of the application. What it throws is answered 500.
template <RequestHandler Handler>
class HandlerRoute final : public Route {
public:
    HandlerRoute(Handler handler, HandlerOptions options)
        : handler_{std::move(handler)}, options_{std::move(options)} {}

    HeadVerdict judge(const http::RequestHead& head, const PeerFacts&) override {
        for (const auto& method : options_.methods) {
            const bool is_head_of_get = head.method == "HEAD" && method == "GET";
            if (head.method == method || is_head_of_get) return {.body_limit = options_.body};
        }
        http::Response refusal = http::make_text_response(405, "The method is not allowed here.\n");
        std::string allowed;
        for (const auto& method : options_.methods) {
            allowed += (allowed.empty() ? "" : ", ") + method;
        }
        refusal.fields.add("Allow", allowed);
        return {.answer = std::move(refusal)};
    }

    void handle(http::Request request, const PeerFacts&, Responder responder) override {
        const asio::any_io_executor executor = responder.get_executor();
        if constexpr (std::is_invocable_r_v<http::Response, Handler&, http::Request>) {
            respond_now(std::move(request), std::move(responder), executor);
        } else {
            asio::co_spawn(executor, handler_(std::move(request)),
                           [executor, responder = std::move(responder)](
                               const std::exception_ptr& failed, http::Response response) mutable {
                               // Unanswered, the responder answers 500.
                               if (!failed) {
                                   std::move(responder).respond(std::move(response), executor);
                               }
                           });
        }
    }

private:
    void respond_now(http::Request request, Responder responder,
                     const asio::any_io_executor& executor) {
        try {
            http::Response response = handler_(std::move(request));
            std::move(responder).respond(std::move(response), executor);
        } catch (const std::exception&) {
            // Unanswered, the responder answers 500.
        }
    }

    Handler handler_;
    HandlerOptions options_;
};

}  // namespace hawser::inline HAWSER_MODE
