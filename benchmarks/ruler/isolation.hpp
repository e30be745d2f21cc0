#pragma once

#include "fan_out_load.hpp"
#include "process_watch.hpp"
#include "report.hpp"
#include "stalled_readers.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace bench {

/// What deliveries took in one stretch of a fan-out.
struct Deliveries {
    double p50_us;
    double p99_us;
    double server_us;

    void report(Report& report, const std::string& prefix) const {
        report.add(prefix + "p50_us", {p50_us, 1});
        report.add(prefix + "p99_us", {p99_us, 1});
        report.add(prefix + "server_us", {server_us, 4});
    }
};

[[nodiscard]] inline Deliveries measure_deliveries(Bench& bench, const ProcessWatch& server) {
    using Microseconds = std::chrono::duration<double, std::micro>;
    bench.tally.restart();
    const auto time = server.processor_time();
    go_on_until(bench, bench.options.amount);
    const Microseconds spent = server.processor_time() - time;
    const Histogram& latency = bench.tally.latency();
    return {Microseconds{latency.percentile(0.5)}.count(),
            Microseconds{latency.percentile(0.99)}.count(),
            spent.count() / static_cast<double>(bench.tally.done())};
}

/// A fan-out to those who read, first alone, then beside others who have ceased to: what the second
/// takes, in times of the first, is what one slow reader costs all the rest.
inline void measure_isolation(Bench& bench, const ProcessWatch& server, Report& report) {
    FanOutLoad load{bench};
    load.begin();
    go_on_until(bench, bench.options.warm_up);
    const Deliveries alone = measure_deliveries(bench, server);

    const StalledReaders stalled{bench, bench.options.stalled};
    bench.tally.restart();
    const std::uint64_t messages = StalledReaders::certain_bytes / bench.options.size + 1;
    go_on_until(bench, {bench.options.warm_up.time, messages * bench.options.connections});
    const Deliveries beside = measure_deliveries(bench, server);
    stalled.demand_stalled();

    report.add("stalled", bench.options.stalled);
    alone.report(report, "alone_");
    beside.report(report, "");
    report.add("p99_ratio", {beside.p99_us / alone.p99_us, 2});
    report.add("server_ratio", {beside.server_us / alone.server_us, 2});
    finish(bench);
}

}  // namespace bench
