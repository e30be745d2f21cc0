# Finds llhttp: a config package, else the library and its header, else the C sources that Debian's
# package node-llhttp installs, which are then compiled here. Gives the target llhttp::llhttp.
#
# HAWSER_LLHTTP_STRICT (default ON) compiles those sources with LLHTTP_STRICT_MODE; a loose parser
# is good for testing only.

include(FindPackageHandleStandardArgs)

if(NOT TARGET llhttp::llhttp)
  find_package(llhttp CONFIG QUIET)
  foreach(candidate IN ITEMS llhttp::llhttp_static llhttp::llhttp_shared)
    if(TARGET ${candidate} AND NOT TARGET llhttp::llhttp)
      add_library(llhttp::llhttp INTERFACE IMPORTED GLOBAL)
      set_target_properties(llhttp::llhttp PROPERTIES INTERFACE_LINK_LIBRARIES ${candidate})
    endif()
  endforeach()
endif()

if(TARGET llhttp::llhttp)
  set(llhttp_FOUND TRUE)
  return()
endif()

set(llhttp_prefixes ${CMAKE_PREFIX_PATH} ${CMAKE_SYSTEM_PREFIX_PATH})
find_path(llhttp_INCLUDE_DIR NAMES llhttp.h PATHS ${llhttp_prefixes}
  PATH_SUFFIXES include llhttp share/include/llhttp)
find_library(llhttp_LIBRARY NAMES llhttp)
find_path(llhttp_SOURCE_DIR NAMES llhttp.c PATHS ${llhttp_prefixes} PATH_SUFFIXES share/llhttp)
mark_as_advanced(llhttp_INCLUDE_DIR llhttp_LIBRARY llhttp_SOURCE_DIR)
unset(llhttp_prefixes)

if(llhttp_INCLUDE_DIR)
  file(STRINGS "${llhttp_INCLUDE_DIR}/llhttp.h" llhttp_version_lines
    REGEX "define LLHTTP_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX MATCHALL "[0-9]+" llhttp_VERSION "${llhttp_version_lines}")
  list(JOIN llhttp_VERSION "." llhttp_VERSION)
  unset(llhttp_version_lines)
endif()

if(llhttp_LIBRARY)
  set(llhttp_code "${llhttp_LIBRARY}")
else()
  set(llhttp_code "${llhttp_SOURCE_DIR}")
endif()

if(llhttp_FIND_REQUIRED AND NOT (llhttp_INCLUDE_DIR AND llhttp_code))
  message(FATAL_ERROR "llhttp was not found: install the package node-llhttp or libllhttp-dev "
    "(elsewhere than on Debian and Ubuntu: llhttp), or name its prefix in CMAKE_PREFIX_PATH.")
endif()

find_package_handle_standard_args(llhttp
  REQUIRED_VARS llhttp_code llhttp_INCLUDE_DIR VERSION_VAR llhttp_VERSION)

if(llhttp_FOUND)
  add_library(llhttp::llhttp INTERFACE IMPORTED GLOBAL)
  if(llhttp_LIBRARY)
    set_target_properties(llhttp::llhttp PROPERTIES
      INTERFACE_LINK_LIBRARIES "${llhttp_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${llhttp_INCLUDE_DIR}")
  else()
    include("${CMAKE_CURRENT_LIST_DIR}/llhttp_from_source.cmake")
  endif()
endif()
