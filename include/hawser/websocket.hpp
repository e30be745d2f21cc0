#pragma once

#include <hawser/channel.hpp>
#include <hawser/transport/websocket.hpp>
