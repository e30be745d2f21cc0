#pragma once

#include <hawser/core/bytes.hpp>
#include <hawser/net/loop.hpp>
#include <hawser/transport/responder.hpp>

#include <asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace test {

/// An asker that writes down what it is told.
class RecordingAsker final : public hawser::Asker {
public:
    explicit RecordingAsker(const asio::any_io_executor& executor)
        : loop_{hawser::net::Loop::of(executor)} {}

    [[nodiscard]] asio::any_io_executor executor() const override { return loop_->executor(); }
    [[nodiscard]] const std::shared_ptr<hawser::net::Mailroom>& mailroom() const noexcept override {
        return loop_->mailroom();
    }
    void answer(hawser::AskNumber number, hawser::http::Response response) override {
        numbers.push_back(number);
        last = std::move(response);
        if (on_answer) on_answer();
    }
    void hold(hawser::AskNumber, std::weak_ptr<hawser::Holder> told,
              std::uint64_t request) override {
        holder = std::move(told);
        held_request = request;
    }

    [[nodiscard]] bool is_answered() const { return last.has_value(); }
    [[nodiscard]] unsigned status() const { return last ? last->status : 0; }
    [[nodiscard]] std::string body() const {
        const auto bytes = last->body.flatten();
        return std::string{hawser::as_characters(bytes)};
    }
    [[nodiscard]] std::string field(std::string_view name) const {
        return std::string{last->fields.find(name).value_or("")};
    }

    std::vector<hawser::AskNumber> numbers;
    std::optional<hawser::http::Response> last;
    std::weak_ptr<hawser::Holder> holder;
    std::uint64_t held_request = 0;
    std::function<void()> on_answer;

private:
    std::shared_ptr<hawser::net::Loop> loop_;
};

/// A holder that writes down what it is told: "hurry 1", "written 2", "give up 3".
class RecordingHolder final : public hawser::Holder {
public:
    void hurry(std::uint64_t request, const asio::any_io_executor&) override {
        note("hurry", request);
    }
    void written(std::uint64_t request, const asio::any_io_executor&) override {
        note("written", request);
    }
    void give_up(std::uint64_t request, const asio::any_io_executor&) override {
        note("give up", request);
    }

    std::vector<std::string> told;

private:
    void note(std::string_view what, std::uint64_t request) {
        told.push_back(std::string{what} + ' ' + std::to_string(request));
    }
};

}  // namespace test
