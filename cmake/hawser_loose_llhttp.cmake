# Adds the test http_loose: the program test_http, linked with an llhttp that was not compiled in
# strict mode.

get_target_property(llhttp_sources hawser_llhttp SOURCES)
get_target_property(llhttp_folder hawser_llhttp INTERFACE_INCLUDE_DIRECTORIES)
add_library(loose_llhttp OBJECT ${llhttp_sources})
target_include_directories(loose_llhttp SYSTEM PRIVATE ${llhttp_folder})
target_compile_definitions(loose_llhttp PRIVATE LLHTTP_STRICT_MODE=0)

# Its objects come before all libraries, so that nothing is taken from the strict one.
add_executable(test_http_loose $<TARGET_OBJECTS:test_http>)
target_link_libraries(test_http_loose PRIVATE test_main loose_llhttp)

add_test(NAME http/loose_llhttp COMMAND test_http_loose)
set_tests_properties(http/loose_llhttp PROPERTIES
  TIMEOUT ${HAWSER_TEST_TIMEOUT}
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
