#include <hawser/version.hpp>
#include <hawser/core/base64.hpp>

#include <string>

// The second translation unit with the library's headers: nothing may be defined twice.
std::string encoded(std::string_view text) { return hawser::base64(hawser::as_bytes(text)); }
