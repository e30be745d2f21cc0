# hawser_embed_page(TARGET FILE): puts an HTML file into the program. For FILE chat_server.html the
# program's sources can include "chat_server_page.hpp", which defines
# `inline constexpr std::string_view chat_server_page`.

function(hawser_embed_page target file)
  cmake_path(ABSOLUTE_PATH file)
  cmake_path(GET file STEM name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(READ "${file}" page)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}_pages")
  file(CONFIGURE OUTPUT "${folder}/${name}_page.hpp" @ONLY CONTENT [[#pragma once

#include <string_view>

inline constexpr std::string_view @name@_page = R"-page-(@page@)-page-";
]])
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()
