#pragma once

#include <hawser/core/message.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::polling {

/// The frames of text messages, one behind the other.
inline std::string frames(std::initializer_list<std::string_view> texts) {
    std::string all;
    for (const auto text : texts) all += as_characters(Message::text(text).frame());
    return all;
}

/// A close frame with the code 1000 and no text.
inline const std::string close_frame{"\x88\x02\x03\xE8"};

/// A close frame with the code 4000 and the text "bye".
inline const std::string bye_frame{"\x88\x05\x0F\xA0\x62\x79\x65"};

inline std::vector<std::byte> to_bytes(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

}  // namespace hawser::polling
