#pragma once

#include "../batch.hpp"
#include "../http_client.hpp"
#include "load.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What every server answers to a plain GET.
inline constexpr std::string_view plain_answer = "Hello, World!";

/// GET requests on connections that stay; those in flight on one connection are pipelined.
class HttpLoad final : public Load {
public:
    explicit HttpLoad(Bench& bench) {
        const std::string request =
            "GET " + bench.options.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        for (std::size_t i = 0; i != bench.options.connections; ++i) {
            lanes_.push_back(std::make_unique<Lane>(bench, request));
        }
    }

    void begin() override {
        for (const auto& lane : lanes_)
            lane->begin();
    }

private:
    class Lane final : public Watcher {
    public:
        Lane(Bench& bench, std::string_view request)
            : bench_{bench}, request_size_{request.size()}, client_{bench.options.port},
              asked_at_(bench.options.in_flight) {
            for (std::size_t i = 0; i != bench.options.in_flight; ++i)
                requests_ += request;
            bench_.poller.add(client_.socket().number(), *this);
        }

        void begin() { ask(asked_at_.size()); }
        void ready(std::uint32_t) override {
            const auto now = Clock::now();
            std::size_t answered = 0;
            for (auto reply = client_.read(bench_.room); reply; reply = client_.next()) {
                reply->demand(200);
                if (reply->body != plain_answer) throw WrongEcho{"not the page that was asked for"};
                bench_.tally.finish(1, now - asked_at_[answered_++ % asked_at_.size()]);
                ++answered;
            }
            if (!bench_.tally.is_ending() && answered != 0) ask(answered);
        }

    private:
        void ask(std::size_t count) {
            const auto now = Clock::now();
            for (std::size_t i = 0; i != count; ++i)
                asked_at_[asked_++ % asked_at_.size()] = now;
            client_.send(std::string_view{requests_}.substr(0, count * request_size_));
            bench_.tally.begin(count);
        }

        Bench& bench_;
        std::size_t request_size_;
        HttpClient client_;
        std::string requests_;
        std::vector<Clock::time_point> asked_at_;
        std::uint64_t asked_ = 0;
        std::uint64_t answered_ = 0;
    };

    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace bench
