# What can be chosen when the library is configured.

find_package(OpenSSL 1.1.1 QUIET)
find_package(ZLIB QUIET)

set(hawser_tls_default OFF)
set(hawser_deflate_default OFF)
if(PROJECT_IS_TOP_LEVEL)
  set(hawser_tls_default ${OPENSSL_FOUND})
  set(hawser_deflate_default ${ZLIB_FOUND})
endif()

option(HAWSER_TLS "Offer hawser::tls, which needs OpenSSL" ${hawser_tls_default})
option(HAWSER_DEFLATE "Offer hawser::deflate, which needs zlib" ${hawser_deflate_default})
option(HAWSER_INSTALL "Let `cmake --install` install the library" ${PROJECT_IS_TOP_LEVEL})
option(HAWSER_BUILD_COMPILED "Build and install hawser::compiled even if nothing links it" OFF)
option(HAWSER_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(HAWSER_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(HAWSER_BUILD_BENCHMARKS "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(HAWSER_TEST_COMPILED "Link tests and examples to hawser::compiled, and Asio compiled once" OFF)
option(HAWSER_TEST_TREE "Test the package and the rules of the tree too" ON)
option(HAWSER_REQUIRE_ALL "A test that lacks a prerequisite fails (the environment can say so)" OFF)
set(HAWSER_TEST_TIMEOUT 120 CACHE STRING "Seconds after which a test is ended")

if(HAWSER_TLS AND NOT OPENSSL_FOUND)
  message(FATAL_ERROR "OpenSSL was not found: install the package libssl-dev "
    "(elsewhere than on Debian and Ubuntu: openssl), or configure with -DHAWSER_TLS=OFF.")
endif()
if(HAWSER_DEFLATE AND NOT ZLIB_FOUND)
  message(FATAL_ERROR "zlib was not found: install the package zlib1g-dev "
    "(elsewhere than on Debian and Ubuntu: zlib), or configure with -DHAWSER_DEFLATE=OFF.")
endif()

if(PROJECT_IS_TOP_LEVEL)
  find_program(HAWSER_CCACHE ccache)
  mark_as_advanced(HAWSER_CCACHE)
  if(HAWSER_CCACHE)
    foreach(language IN ITEMS C CXX)
      if(NOT DEFINED CMAKE_${language}_COMPILER_LAUNCHER)
        set(CMAKE_${language}_COMPILER_LAUNCHER "${HAWSER_CCACHE}")
      endif()
    endforeach()
  endif()
endif()
