# A toolchain file: libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer of the newest clang.

set(sanitizers "address,undefined")
set(HAWSER_CLANG_FLAGS "-fsanitize=fuzzer-no-link,${sanitizers}")
include("${CMAKE_CURRENT_LIST_DIR}/find_clang.cmake")
if(NOT HAWSER_CLANGXX)
  message(FATAL_ERROR "No clang from 16 on has its sanitizers: install the packages clang-19 and "
    "libclang-rt-19-dev (elsewhere than on Debian and Ubuntu: clang and compiler-rt).")
endif()
set(CMAKE_C_COMPILER "${HAWSER_CLANG}")
set(CMAKE_CXX_COMPILER "${HAWSER_CLANGXX}")
foreach(language IN ITEMS C CXX)
  set(CMAKE_${language}_FLAGS_INIT
    "${HAWSER_CLANG_FLAGS} -fno-sanitize-recover=all -fno-omit-frame-pointer")
endforeach()
