#pragma once

#include <hawser/transport/dialer.hpp>

#include <memory>

namespace test {

/// Notes what it is asked for, and never has a stream.
class PatientDialer final : public hawser::SecureDialer {
public:
    [[nodiscard]] std::unique_ptr<hawser::DialAttempt> dial(std::shared_ptr<hawser::net::Loop>,
                                                            const hawser::net::Remote& to,
                                                            hawser::Duration asked,
                                                            hawser::OnStream) const override {
        remote = to;
        patience = asked;
        auto attempt = std::make_unique<Attempt>();
        under_way_ = attempt->token;
        return attempt;
    }

    /// Whether its latest attempt has not been given up.
    [[nodiscard]] bool is_dialling() const noexcept { return !under_way_.expired(); }

    mutable hawser::net::Remote remote{};
    mutable hawser::Duration patience{};

private:
    struct Attempt final : hawser::DialAttempt {
        std::shared_ptr<int> token = std::make_shared<int>();
    };

    mutable std::weak_ptr<int> under_way_;
};

}  // namespace test
