# A toolchain file: the newest clang of this machine.

include("${CMAKE_CURRENT_LIST_DIR}/find_clang.cmake")
if(NOT HAWSER_CLANGXX)
  message(FATAL_ERROR "Clang 16 or newer was not found: install the package clang-19 or clang-16 "
    "(elsewhere than on Debian and Ubuntu: clang).")
endif()
set(CMAKE_C_COMPILER "${HAWSER_CLANG}")
set(CMAKE_CXX_COMPILER "${HAWSER_CLANGXX}")
