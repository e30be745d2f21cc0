# The targets a user links:
#   hawser::hawser    the headers, Asio and llhttp
#   hawser::tls       <hawser/tls.hpp> and OpenSSL           (option HAWSER_TLS)
#   hawser::deflate   <hawser/deflate.hpp> and zlib          (option HAWSER_DEFLATE)
#   hawser::compiled  hawser::hawser with its code in a static library

find_package(Threads REQUIRED)
find_package(asio 1.22.1 REQUIRED)
find_package(llhttp 8.1 REQUIRED)

add_library(hawser INTERFACE)
add_library(hawser::hawser ALIAS hawser)
target_compile_features(hawser INTERFACE cxx_std_20)
target_include_directories(hawser INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(hawser INTERFACE asio::asio llhttp::llhttp Threads::Threads)

# Asio 1.22 looks for <experimental/coroutine> under clang, which has <coroutine> since version 15.
set(hawser_clang "$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>")
target_compile_definitions(hawser INTERFACE
  "$<${hawser_clang}:ASIO_HAS_CO_AWAIT=1;ASIO_HAS_STD_COROUTINE=1>")

if(NOT HAWSER_EPOLL)
  target_compile_definitions(hawser INTERFACE HAWSER_NO_EPOLL)
endif()

if(HAWSER_TLS)
  add_library(hawser_tls INTERFACE)
  add_library(hawser::tls ALIAS hawser_tls)
  target_link_libraries(hawser_tls INTERFACE hawser OpenSSL::SSL OpenSSL::Crypto)
  target_compile_definitions(hawser_tls INTERFACE HAWSER_TLS)
endif()

if(HAWSER_DEFLATE)
  add_library(hawser_deflate INTERFACE)
  add_library(hawser::deflate ALIAS hawser_deflate)
  target_link_libraries(hawser_deflate INTERFACE hawser ZLIB::ZLIB)
  target_compile_definitions(hawser_deflate INTERFACE HAWSER_DEFLATE)
endif()

# Leaves the files of parts that are switched off out of a list of files. Such a file has the name
# of the part in its own: whole, after an underscore, or, if it is epoll, before one.
function(hawser_drop_optional_files list)
  set(files ${${list}})
  if(NOT HAWSER_TLS)
    list(FILTER files EXCLUDE REGEX "[/_](tls|wss|https)[^/]*$")
  endif()
  if(NOT HAWSER_DEFLATE)
    list(FILTER files EXCLUDE REGEX "[/_]deflate[^/]*$")
  endif()
  if(NOT HAWSER_EPOLL)
    list(FILTER files EXCLUDE REGEX "/epoll_[^/]*$")
  endif()
  set(${list} ${files} PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE hawser_parts CONFIGURE_DEPENDS
  RELATIVE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/include/hawser/*.ipp")
hawser_drop_optional_files(hawser_parts)
list(TRANSFORM hawser_parts REPLACE "(.+)" "#include <\\1>\n")
list(JOIN hawser_parts "" hawser_parts)
file(CONFIGURE OUTPUT compiled/hawser.cpp CONTENT "@hawser_parts@" @ONLY)

add_library(hawser_compiled STATIC "${CMAKE_CURRENT_BINARY_DIR}/compiled/hawser.cpp")
add_library(hawser::compiled ALIAS hawser_compiled)
target_compile_definitions(hawser_compiled PUBLIC HAWSER_COMPILED)
target_link_libraries(hawser_compiled PUBLIC hawser)
# So that a linker can leave out what a program does not use: it is all one object.
target_compile_options(hawser_compiled PRIVATE
  "$<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-ffunction-sections;-fdata-sections>")
set_target_properties(hawser_compiled PROPERTIES
  OUTPUT_NAME hawser
  POSITION_INDEPENDENT_CODE ON)
if(NOT HAWSER_BUILD_COMPILED)
  set_target_properties(hawser_compiled PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
if(HAWSER_TLS)
  target_link_libraries(hawser_compiled PRIVATE hawser_tls)
endif()
if(HAWSER_DEFLATE)
  target_link_libraries(hawser_compiled PRIVATE hawser_deflate)
endif()

# The library's code and Asio's, compiled once for all of the library's own programs. Together, as
# Asio is to be compiled separately everywhere in a program or nowhere.
#
# A standard header comes first, as what Asio 1.22 finds in the library depends on it, and has to be
# the same everywhere.
set(hawser_asio_parts "#include <cstdlib>\n#include <asio/impl/src.hpp>\n")
if(HAWSER_TLS)
  string(APPEND hawser_asio_parts "#include <asio/ssl/impl/src.hpp>\n")
endif()
file(CONFIGURE OUTPUT compiled/asio.cpp CONTENT "@hawser_asio_parts@" @ONLY)
add_library(hawser_own_code STATIC EXCLUDE_FROM_ALL
  "${CMAKE_CURRENT_BINARY_DIR}/compiled/hawser.cpp"
  "${CMAKE_CURRENT_BINARY_DIR}/compiled/asio.cpp")
target_compile_definitions(hawser_own_code PUBLIC HAWSER_COMPILED ASIO_SEPARATE_COMPILATION)
target_link_libraries(hawser_own_code PUBLIC
  hawser
  $<TARGET_NAME_IF_EXISTS:hawser_tls>
  $<TARGET_NAME_IF_EXISTS:hawser_deflate>)

# What the library's own programs are built with.
add_library(hawser_own INTERFACE)
target_compile_options(hawser_own INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
target_link_libraries(hawser_own INTERFACE
  $<IF:$<BOOL:${HAWSER_TEST_COMPILED}>,hawser_own_code,hawser>
  $<TARGET_NAME_IF_EXISTS:hawser_tls>
  $<TARGET_NAME_IF_EXISTS:hawser_deflate>)
