#pragma once

#include <hawser/polling/client_requests.hpp>

#include <hawser/polling/field_names.hpp>
#include <hawser/polling/number.hpp>

namespace hawser::inline HAWSER_MODE::polling {

HAWSER_DECL http::RequestHead ClientRequests::begin(std::string_view method) const {
    http::RequestHead head{.method = std::string{method}, .target = url_.target};
    head.fields.add("Host", url_.authority());
    for (const http::Field extra : extra_) head.fields.add(extra.name, extra.value);
    if (!token_.empty()) head.fields.add(field::session, token_);
    return head;
}

HAWSER_DECL http::RequestHead ClientRequests::open() const { return begin("POST"); }

HAWSER_DECL http::RequestHead ClientRequests::receive(const ReceiveRequest& request) const {
    http::RequestHead head = begin("GET");
    head.fields.add(field::after, std::to_string(request.after));
    head.fields.add(field::request, std::to_string(request.request));
    if (request.hold) head.fields.add(field::hold, milliseconds_text(*request.hold));
    return head;
}

HAWSER_DECL http::RequestHead ClientRequests::send(std::uint64_t first, std::uint64_t after) const {
    http::RequestHead head = begin("POST");
    head.fields.add("Content-Type", frames_media_type);
    head.fields.add(field::first, std::to_string(first));
    head.fields.add(field::after, std::to_string(after));
    return head;
}

}  // namespace hawser::inline HAWSER_MODE::polling
