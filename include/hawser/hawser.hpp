#pragma once

#include <hawser/channel.hpp>
#include <hawser/client.hpp>
#include <hawser/loopback.hpp>
#include <hawser/long_polling.hpp>
#include <hawser/polling.hpp>
#include <hawser/server.hpp>
#include <hawser/version.hpp>
#include <hawser/websocket.hpp>
