# Compiles llhttp from C sources in llhttp_SOURCE_DIR, with its header in llhttp_INCLUDE_DIR.

get_property(hawser_languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT "C" IN_LIST hawser_languages)
  enable_language(C)
endif()
unset(hawser_languages)

option(HAWSER_LLHTTP_STRICT "Compile llhttp's sources in strict mode" ON)

file(GLOB llhttp_sources "${llhttp_SOURCE_DIR}/*.c")
add_library(hawser_llhttp STATIC EXCLUDE_FROM_ALL ${llhttp_sources})
target_include_directories(hawser_llhttp SYSTEM PUBLIC "${llhttp_INCLUDE_DIR}")
target_compile_definitions(hawser_llhttp PRIVATE LLHTTP_STRICT_MODE=$<BOOL:${HAWSER_LLHTTP_STRICT}>)
set_target_properties(hawser_llhttp PROPERTIES
  OUTPUT_NAME hawser_llhttp
  POSITION_INDEPENDENT_CODE ON)
set_target_properties(llhttp::llhttp PROPERTIES INTERFACE_LINK_LIBRARIES hawser_llhttp)
unset(llhttp_sources)
