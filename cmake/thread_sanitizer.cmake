# A toolchain file: ThreadSanitizer of the newest clang of this machine, else of g++.

set(HAWSER_CLANG_FLAGS -fsanitize=thread)
include("${CMAKE_CURRENT_LIST_DIR}/find_clang.cmake")

set(CMAKE_C_FLAGS_INIT "-fsanitize=thread -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_INIT "-fsanitize=thread -fno-omit-frame-pointer")
if(HAWSER_CLANGXX)
  set(CMAKE_C_COMPILER "${HAWSER_CLANG}")
  set(CMAKE_CXX_COMPILER "${HAWSER_CLANGXX}")
  # As a shared library, because a program may then have operators new and delete of its own.
  execute_process(COMMAND "${HAWSER_CLANGXX}" -print-file-name=lib/linux OUTPUT_VARIABLE runtime
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(CMAKE_EXE_LINKER_FLAGS_INIT "-shared-libsan -Wl,-rpath,${runtime}")
else()
  set(CMAKE_C_COMPILER gcc)
  set(CMAKE_CXX_COMPILER g++)
  # Asio has an atomic_thread_fence, of which g++ says that its sanitizer does not see it.
  string(APPEND CMAKE_CXX_FLAGS_INIT " -Wno-tsan")
endif()
