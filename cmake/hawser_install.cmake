# What `cmake --install` puts in place, so that find_package(hawser) finds it.

include(CMakePackageConfigHelpers)

set(hawser_package "${CMAKE_INSTALL_LIBDIR}/cmake/hawser")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/hawser"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp")

# A set of targets for each part that can be absent: the package of an application that does without
# OpenSSL does not look for it.
function(hawser_install_target target)
  set_target_properties(hawser_${target} PROPERTIES EXPORT_NAME ${target})
  install(TARGETS hawser_${target} EXPORT hawser_${target} ARCHIVE DESTINATION
    "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT hawser_${target} NAMESPACE hawser:: DESTINATION "${hawser_package}")
endfunction()

install(TARGETS hawser EXPORT hawser)
install(EXPORT hawser NAMESPACE hawser:: DESTINATION "${hawser_package}" FILE hawser_headers.cmake)
if(HAWSER_TLS)
  hawser_install_target(tls)
endif()
if(HAWSER_DEFLATE)
  hawser_install_target(deflate)
endif()
if(HAWSER_BUILD_COMPILED)
  hawser_install_target(compiled)
endif()

configure_package_config_file(cmake/hawserConfig.cmake.in hawserConfig.cmake
  INSTALL_DESTINATION "${hawser_package}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(hawserConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/hawserConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/hawserConfigVersion.cmake"
  cmake/Findasio.cmake
  cmake/Findllhttp.cmake
  cmake/llhttp_from_source.cmake
  DESTINATION "${hawser_package}")
