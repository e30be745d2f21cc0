# hawser_batch(RESULT FILE…): the sources that compile the files, which are named from the
# current folder, in batches: first all that they include, then each of them in a namespace of its
# own. What many include is read once a batch, and what many instantiate compiled once.
#
# A batch has at least HAWSER_TEST_BATCH lines, but for the last. With 0 each file is compiled by
# itself, which alone shows that it includes what it needs. So is what cannot stand in a namespace:
# a file that has a named namespace, replaces `operator new`, or includes by a condition.

function(hawser_batch result)
  set(sources)
  set(batch)
  set(lines 0)
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(STRINGS "${file}" global REGEX "^#if|^namespace [a-z]|operator new\\(")
    if(HAWSER_TEST_BATCH EQUAL 0 OR global)
      list(APPEND sources "${file}")
      continue()
    endif()
    file(STRINGS "${file}" text)
    list(LENGTH text length)
    math(EXPR lines "${lines} + ${length}")
    list(APPEND batch "${file}")
    if(lines GREATER_EQUAL HAWSER_TEST_BATCH)
      hawser_write_batch(sources ${batch})
      set(batch)
      set(lines 0)
    endif()
  endforeach()
  if(batch)
    hawser_write_batch(sources ${batch})
  endif()
  set(${result} ${sources} PARENT_SCOPE)
endfunction()

# Writes a batch, anew only where it has changed, and appends it to the list.
function(hawser_write_batch list)
  set(includes)
  set(bodies)
  foreach(file IN LISTS ARGN)
    file(STRINGS "${file}" lines REGEX "^#include ")
    list(APPEND includes ${lines})
    string(MAKE_C_IDENTIFIER "${file}" namespace)
    string(APPEND bodies "namespace ${namespace} {\n#include \"${file}\"\n}\n")
  endforeach()
  list(REMOVE_DUPLICATES includes)
  list(JOIN includes "\n" includes)

  list(GET ARGN 0 first)
  string(MAKE_C_IDENTIFIER "${first}" first)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/batches/${first}_and_more.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "@includes@\n@bodies@" @ONLY)
  # g++ takes a type without linkage for a mistake where it does not stand in the source itself.
  set_property(SOURCE "${source}" PROPERTY COMPILE_OPTIONS
    $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  set(${list} ${${list}} "${source}" PARENT_SCOPE)
endfunction()
