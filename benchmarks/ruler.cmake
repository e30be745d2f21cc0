# The ruler: the load generator, the servers that it measures, and their tests. Nothing that is
# measured against needs the library, nor does the generator.

function(hawser_add_ruler name)
  add_executable(${name} ${ARGN})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/benchmarks")
endfunction()

hawser_add_ruler(load ruler/load.cpp)
hawser_add_ruler(limit_server limit/limit_server.cpp)
hawser_add_ruler(hawser_server servers/hawser_server.cpp)
target_link_libraries(hawser_server PRIVATE hawser_own)

add_library(count_syscalls MODULE ruler/count_syscalls.cpp)
target_compile_features(count_syscalls PRIVATE cxx_std_20)
target_compile_options(count_syscalls PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
# What replaces functions of the C library must not find them wrapped already.
foreach(counting IN ITEMS count_syscalls cost_gates)
  target_compile_options(${counting} PRIVATE -U_FORTIFY_SOURCE)
endforeach()
set_target_properties(count_syscalls PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/benchmarks")

# Adds a test: a run of the generator that ends after so many messages, whatever the time.
function(hawser_add_ruler_test name server)
  add_test(NAME benchmarks/${name}
    COMMAND load ${ARGN} --server "'$<TARGET_FILE:${server}>'"
      --connections 8 --in-flight 3 --seconds 0 --warm-up 0 --messages 500)
  set_tests_properties(benchmarks/${name} PROPERTIES TIMEOUT ${HAWSER_TEST_TIMEOUT})
endfunction()

if(HAWSER_BUILD_TESTS)
  foreach(server IN ITEMS limit hawser)
    foreach(mode IN ITEMS
        echo fan-out handshake http long-polling polling isolation idle held scale)
      hawser_add_ruler_test(${server}/${mode} ${server}_server ${mode})
    endforeach()
    hawser_add_ruler_test(${server}/echo_of_text ${server}_server echo --text --size 200)
    hawser_add_ruler_test(${server}/echo_of_large ${server}_server echo --size 300000)
    add_test(NAME benchmarks/${server}/two_threads
      COMMAND load echo --server "'$<TARGET_FILE:${server}_server>' --threads 2"
        --connections 16 --seconds 0 --warm-up 0 --messages 500)
    set_tests_properties(benchmarks/${server}/two_threads PROPERTIES
      TIMEOUT ${HAWSER_TEST_TIMEOUT})
  endforeach()
  # What one thread's connection says reaches those of the other, and polls find their session.
  foreach(mode IN ITEMS fan-out long-polling)
    add_test(NAME benchmarks/hawser/two_threads_${mode}
      COMMAND load ${mode} --server "'$<TARGET_FILE:hawser_server>' --threads 2"
        --connections 16 --seconds 0 --warm-up 0 --messages 500)
    set_tests_properties(benchmarks/hawser/two_threads_${mode} PROPERTIES
      TIMEOUT ${HAWSER_TEST_TIMEOUT})
  endforeach()

  # One message at a time: wait, receive, send. A library cannot be preloaded before a sanitizer.
  if(NOT CMAKE_CXX_FLAGS MATCHES "sanitize")
    add_test(NAME benchmarks/counts_syscalls
      COMMAND load echo --server "'$<TARGET_FILE:limit_server>'" --seconds 0 --messages 2000
        --count-syscalls $<TARGET_FILE:count_syscalls>)
    set_tests_properties(benchmarks/counts_syscalls PROPERTIES
      TIMEOUT ${HAWSER_TEST_TIMEOUT}
      PASS_REGULAR_EXPRESSION "syscalls  +(2\\.9|3\\.0)")
  endif()

  # A ruler that does not notice a wrong byte measures nothing.
  foreach(mode IN ITEMS echo long-polling polling)
    add_test(NAME benchmarks/notices_wrong_${mode}
      COMMAND load ${mode} --server "'$<TARGET_FILE:hawser_server>' --wrong-byte" --seconds 0)
    set_tests_properties(benchmarks/notices_wrong_${mode} PROPERTIES
      TIMEOUT ${HAWSER_TEST_TIMEOUT}
      PASS_REGULAR_EXPRESSION "the echo is wrong|not those that were sent")
  endforeach()
endif()

find_program(HAWSER_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(HAWSER_PYTHON python3)
mark_as_advanced(HAWSER_PYTHON)
if(HAWSER_BUILD_TESTS)
  if(HAWSER_PYTHON)
    add_test(NAME benchmarks/runner
      COMMAND "${HAWSER_PYTHON}" -B "${PROJECT_SOURCE_DIR}/tests/benchmarks/runner_test.py"
        "${CMAKE_CURRENT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}")
    set_tests_properties(benchmarks/runner PROPERTIES TIMEOUT ${HAWSER_TEST_TIMEOUT})
  else()
    message(STATUS "The runner of the benchmarks is not tested: python3 was not found.")
  endif()
endif()
