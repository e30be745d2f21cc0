// libwebsockets: no extension, no logging, a service buffer as large as a large message, and as
// many writes in a writable callback as the connection takes.
//
//   libwebsockets_server PORT

#include <libwebsockets.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <new>
#include <set>
#include <string>

namespace {

/// A whole message, with the room before it that the library wants for the frame's header.
struct Outgoing {
    std::string bytes = std::string(LWS_PRE, '\0');
    bool is_binary = true;
};

struct Connection {
    std::shared_ptr<Outgoing> incoming;
    std::deque<std::shared_ptr<Outgoing>> waiting;
    bool is_in_fan_out = false;
};

/// Who is in the fan-out.
struct Room {
    std::set<lws*> members;
};

Connection& connection_of(lws* socket) {
    return *static_cast<Connection*>(lws_wsi_user(socket));
}

bool asks_for(lws* socket, const char* path) {
    char target[64] = {};
    lws_hdr_copy(socket, target, sizeof target, WSI_TOKEN_GET_URI);
    return std::strcmp(target, path) == 0;
}

int answer_page(lws* socket) {
    static constexpr char page[] = "Hello, World!";
    unsigned char head[LWS_PRE + 512];
    unsigned char* const begin = head + LWS_PRE;
    unsigned char* at = begin;
    unsigned char* const end = head + sizeof head - 1;
    if (lws_add_http_common_headers(socket, HTTP_STATUS_OK, "text/plain", sizeof page - 1, &at,
                                    end) != 0 ||
        lws_finalize_write_http_header(socket, begin, &at, end) != 0) {
        return 1;
    }
    unsigned char body[LWS_PRE + sizeof page];
    std::memcpy(body + LWS_PRE, page, sizeof page - 1);
    lws_write(socket, body + LWS_PRE, sizeof page - 1, LWS_WRITE_HTTP_FINAL);
    return lws_http_transaction_completed(socket);
}

void queue(lws* socket, std::shared_ptr<Outgoing> message) {
    connection_of(socket).waiting.push_back(std::move(message));
    lws_callback_on_writable(socket);
}

void receive(lws* socket, Room& room, const char* bytes, std::size_t size) {
    Connection& connection = connection_of(socket);
    if (!connection.incoming) connection.incoming = std::make_shared<Outgoing>();
    connection.incoming->bytes.append(bytes, size);
    if (lws_is_final_fragment(socket) == 0 || lws_remaining_packet_payload(socket) != 0) return;
    const auto message = std::move(connection.incoming);
    message->is_binary = lws_frame_is_binary(socket) != 0;
    if (!connection.is_in_fan_out) return queue(socket, message);
    for (lws* const member : room.members)
        queue(member, message);
}

int write(lws* socket) {
    auto& waiting = connection_of(socket).waiting;
    while (!waiting.empty() && lws_send_pipe_choked(socket) == 0) {
        auto& [bytes, is_binary] = *waiting.front();
        auto* const begin = reinterpret_cast<unsigned char*>(bytes.data()) + LWS_PRE;
        const std::size_t size = bytes.size() - LWS_PRE;
        const auto protocol = is_binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
        if (lws_write(socket, begin, size, protocol) < static_cast<int>(size)) return -1;
        waiting.pop_front();
    }
    if (!waiting.empty()) lws_callback_on_writable(socket);
    return 0;
}

int handle(lws* socket, lws_callback_reasons reason, void* user, void* bytes, std::size_t size) {
    auto* const room = static_cast<Room*>(lws_context_user(lws_get_context(socket)));
    switch (static_cast<int>(reason)) {
    case LWS_CALLBACK_HTTP:
        return asks_for(socket, "/http") ? answer_page(socket) : -1;
    case LWS_CALLBACK_ESTABLISHED:
        new (user) Connection;
        connection_of(socket).is_in_fan_out = asks_for(socket, "/fan-out");
        if (connection_of(socket).is_in_fan_out) room->members.insert(socket);
        return 0;
    case LWS_CALLBACK_CLOSED:
        room->members.erase(socket);
        connection_of(socket).~Connection();
        return 0;
    case LWS_CALLBACK_RECEIVE:
        receive(socket, *room, static_cast<const char*>(bytes), size);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return write(socket);
    default:
        return 0;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    lws_set_log_level(0, nullptr);
    Room room;
    lws_protocols protocols[2]{};
    protocols[0].name = "bench";
    protocols[0].callback = handle;
    protocols[0].per_session_data_size = sizeof(Connection);
    protocols[0].rx_buffer_size = 512 * 1024;
    lws_context_creation_info options{};
    options.port = std::atoi(argv[1]);
    options.iface = "127.0.0.1";
    options.protocols = protocols;
    options.pt_serv_buf_size = 512 * 1024;
    options.user = &room;
    options.options = LWS_SERVER_OPTION_DISABLE_IPV6;
    lws_context* const context = lws_create_context(&options);
    if (context == nullptr) return 1;
    while (lws_service(context, 0) >= 0) {
    }
    lws_context_destroy(context);
}
