#pragma once

#include <hawser/channel.hpp>
#include <hawser/transport/loopback.hpp>
