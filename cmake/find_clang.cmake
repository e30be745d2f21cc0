# Sets HAWSER_CLANGXX and HAWSER_CLANG to the newest of Debian's clang 19 to 16, else to a plain
# clang of at least version 16. Only one that links a program with HAWSER_CLANG_FLAGS is taken.

function(hawser_is_usable_clang result candidate)
  execute_process(COMMAND "${candidate}" -dumpversion
    OUTPUT_VARIABLE version ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(version VERSION_LESS 16)
    set(${result} FALSE PARENT_SCOPE)
    return()
  endif()
  execute_process(
    COMMAND "${candidate}" ${HAWSER_CLANG_FLAGS} "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/empty.cpp"
      -o "${CMAKE_BINARY_DIR}/hawser_clang_trial"
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(failed)
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

find_program(HAWSER_CLANGXX
  NAMES clang++-19 clang++-18 clang++-17 clang++-16 clang++
  VALIDATOR hawser_is_usable_clang)
string(REGEX REPLACE "clang\\+\\+([^/]*)$" "clang\\1" HAWSER_CLANG "${HAWSER_CLANGXX}")
