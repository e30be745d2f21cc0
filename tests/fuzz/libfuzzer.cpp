#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <fuzz/target.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <span>

// What libFuzzer calls. A failed assertion ends the program, so that the input is kept.

namespace {

void report_and_abort(const doctest::AssertData& failed) {
    std::cerr << failed.m_file << ':' << failed.m_line << ": " << failed.m_expr << '\n'
              << "    is  " << failed.m_decomp << std::endl;
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    static doctest::Context context;
    context.setAsDefaultForAssertsOutOfTestCases();
    context.setAssertHandler(report_and_abort);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const auto input = std::as_bytes(std::span{bytes, size});
    for (const test::FuzzTarget target : test::fuzz_targets()) target(input);
    return 0;
}
