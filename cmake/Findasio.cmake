# Finds standalone Asio: a config package, else the header. Gives the target asio::asio.

include(FindPackageHandleStandardArgs)

if(NOT TARGET asio::asio)
  find_package(asio CONFIG QUIET)
endif()

if(TARGET asio::asio)
  set(asio_FOUND TRUE)
  return()
endif()

find_path(asio_INCLUDE_DIR NAMES asio/version.hpp)
mark_as_advanced(asio_INCLUDE_DIR)

if(asio_INCLUDE_DIR)
  file(STRINGS "${asio_INCLUDE_DIR}/asio/version.hpp" asio_version_line
    REGEX "define ASIO_VERSION ")
  string(REGEX MATCH "// ([0-9.]+)" asio_version_line "${asio_version_line}")
  set(asio_VERSION "${CMAKE_MATCH_1}")
  unset(asio_version_line)
elseif(asio_FIND_REQUIRED)
  message(FATAL_ERROR "Standalone Asio was not found: install the package libasio-dev "
    "(elsewhere than on Debian and Ubuntu: asio), or name its prefix in CMAKE_PREFIX_PATH.")
endif()

find_package_handle_standard_args(asio
  REQUIRED_VARS asio_INCLUDE_DIR VERSION_VAR asio_VERSION)

if(asio_FOUND)
  find_package(Threads REQUIRED)
  add_library(asio::asio INTERFACE IMPORTED GLOBAL)
  set_target_properties(asio::asio PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${asio_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endif()
