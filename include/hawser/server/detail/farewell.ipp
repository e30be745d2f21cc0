#pragma once

#include <hawser/server/farewell.hpp>

namespace hawser::inline HAWSER_MODE {

HAWSER_DECL Farewell::Farewell(net::AnyStream stream, Output words, std::shared_ptr<net::Loop> loop)
    : Link{std::move(stream), LastWords{std::move(words)}, std::move(loop), {}} {}

HAWSER_DECL void bid_farewell(net::AnyStream stream, http::Response response,
                              std::shared_ptr<net::Loop> loop) {
    Output words;
    http::write_response_head(words, response, {.persistence = http::Persistence::close});
    words.append(std::move(response.body));
    std::make_shared<Farewell>(std::move(stream), std::move(words), std::move(loop))->start();
}

}  // namespace hawser::inline HAWSER_MODE
