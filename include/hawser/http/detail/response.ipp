#pragma once

#include <hawser/http/response.hpp>

namespace hawser::inline HAWSER_MODE::http {

HAWSER_DECL Response make_text_response(unsigned status, std::string_view text) {
    Response response{.status = status};
    response.fields.add("Content-Type", "text/plain; charset=utf-8");
    response.fields.add("X-Content-Type-Options", "nosniff");
    response.body.append(text);
    return response;
}

}  // namespace hawser::inline HAWSER_MODE::http
