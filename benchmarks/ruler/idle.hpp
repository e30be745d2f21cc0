#pragma once

#include "../polling_client.hpp"
#include "echo_load.hpp"
#include "process_watch.hpp"
#include "report.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

/// The private bytes of a process that is about to come to rest: what it has when it has the same
/// twice running, a tenth of a second apart; but after three seconds whatever it has.
[[nodiscard]] inline std::int64_t settled_bytes(const ProcessWatch& server) {
    std::int64_t bytes = server.private_bytes();
    for (int tries = 0; tries != 30; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        const std::int64_t before = std::exchange(bytes, server.private_bytes());
        if (before == bytes) break;
    }
    return bytes;
}

/// What each of many things costs that were added to a process.
class IdleCosts {
public:
    IdleCosts(const ProcessWatch& server, std::size_t count)
        : server_{server}, count_{static_cast<double>(count)}, bytes_{settled_bytes(server)},
          time_{server.processor_time()} {}

    void report_opened(Report& report, const std::string& prefix = {}) const {
        const std::chrono::duration<double, std::micro> time = server_.processor_time() - time_;
        report.add(prefix + "server_us_to_open", {time.count() / count_, 2});
        report_bytes(report, prefix + "bytes_each");
    }
    void report_bytes(Report& report, std::string_view name) const {
        const auto bytes = settled_bytes(server_) - bytes_;
        report.add(name, {static_cast<double>(bytes) / count_, 0});
    }

private:
    const ProcessWatch& server_;
    double count_;
    std::int64_t bytes_;
    std::chrono::nanoseconds time_;
};

/// WebSockets on which nothing is said; then, what they cost when each has echoed a message.
inline void measure_idle(Bench& bench, const ProcessWatch& server, Report& report) {
    const IdleCosts costs{server, bench.options.connections};
    EchoLoad load{bench};
    costs.report_opened(report);
    bench.tally.end();
    load.begin();
    finish(bench);
    costs.report_bytes(report, "bytes_each_after_message");
}

/// Long-polling sessions, each with its one connection on which a receive is held.
inline void measure_held(Bench& bench, const ProcessWatch& server, Report& report) {
    const IdleCosts costs{server, bench.options.connections};
    std::vector<std::unique_ptr<HeldPoll>> polls;
    while (polls.size() != bench.options.connections) {
        polls.push_back(std::make_unique<HeldPoll>(bench.options.port, bench.options.path));
    }
    costs.report_opened(report);
}

}  // namespace bench
