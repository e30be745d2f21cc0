#pragma once

#include "net/line_host.hpp"
#include "net/scripted_stream.hpp"

#include <hawser/net/loop.hpp>

#include <asio/io_context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// A link on a scripted stream, and the thread it runs on.
template <class Stream>
struct Linked {
    using Host = LineHost<Stream>;
    using Entries = std::vector<std::string>;

    explicit Linked(hawser::net::LinkOptions options = {})
        : host{std::make_shared<Host>(Stream{wire}, loop, log, options)}, weak{host} {}
    ~Linked() { wire->abandon(); }

    /// Runs all that is ready.
    void poll() {
        io.restart();
        io.poll();
    }
    /// Lets the peer send, and the link take its turn.
    void receive(std::string_view bytes) {
        wire->send(bytes);
        poll();
    }

    asio::io_context io{1};
    std::shared_ptr<hawser::net::Loop> loop = hawser::net::Loop::of(io.get_executor());
    std::shared_ptr<Wire> wire = std::make_shared<Wire>(io.get_executor());
    typename Host::Log log;
    std::shared_ptr<Host> host;
    std::weak_ptr<Host> weak;
};

}  // namespace test
