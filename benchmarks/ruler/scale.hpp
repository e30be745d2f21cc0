#pragma once

#include "echo_load.hpp"
#include "fan_out_load.hpp"
#include "idle.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace bench {

/// Opens all connections of a load, lets them rest, sends the first messages, and closes them.
template <class L>
void visit(Bench& bench, const ProcessWatch& server, std::string_view path, Report& report) {
    using Microseconds = std::chrono::duration<double, std::micro>;
    const std::string prefix = std::string{path.substr(1)} + '_';
    bench.options.path = path;
    const IdleCosts costs{server, bench.options.connections};
    L load{bench};
    costs.report_opened(report, prefix);

    const auto resting = server.processor_time();
    bench.tally.restart();
    load.begin();
    finish(bench);
    const Microseconds spent = server.processor_time() - resting;
    const auto messages = static_cast<double>(bench.tally.done());
    report.add(prefix + "server_us", {spent.count() / messages, 4});

    const auto closing = server.processor_time();
    load.close();
    const Microseconds closed = server.processor_time() - closing;
    const auto connections = static_cast<double>(bench.options.connections);
    report.add(prefix + "server_us_to_close", {closed.count() / connections, 2});
}

/// Many WebSockets come, rest, say something and go again, those of an echo and those of a fan-out:
/// what each step costs, and how much memory stays with the server when all have gone. The second
/// time the same come, so that what grows without an end is told from what an allocator keeps.
inline void measure_scale(Bench& bench, const ProcessWatch& server, Report& report) {
    bench.tally.end();
    const IdleCosts costs{server, bench.options.connections};
    visit<EchoLoad>(bench, server, "/websocket", report);
    visit<FanOutLoad>(bench, server, "/fan-out", report);
    costs.report_bytes(report, "bytes_kept_each");

    Report not_told;
    visit<EchoLoad>(bench, server, "/websocket", not_told);
    visit<FanOutLoad>(bench, server, "/fan-out", not_told);
    costs.report_bytes(report, "bytes_kept_each_again");
}

}  // namespace bench
