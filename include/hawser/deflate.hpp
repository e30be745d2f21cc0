#pragma once

#include <hawser/websocket/deflate.hpp>
