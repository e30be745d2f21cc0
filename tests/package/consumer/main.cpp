#include <hawser/version.hpp>
#include <hawser/core/base64.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

#if defined(EXPECT_COMPILED) != defined(HAWSER_COMPILED)
#error "the target carries the wrong mode of the library"
#endif

std::string encoded(std::string_view text);

int main() {
    if (hawser::version != EXPECTED_VERSION) {
        std::cerr << "found version " << hawser::version << " instead of " EXPECTED_VERSION "\n";
        return EXIT_FAILURE;
    }
    const auto decoded = hawser::decode_base64(encoded("hawser"));
    return decoded && decoded->size() == 6 ? EXIT_SUCCESS : EXIT_FAILURE;
}
