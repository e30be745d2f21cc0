#pragma once

#include <hawser/client/connect.hpp>
#include <hawser/client/fallback.hpp>
#include <hawser/client/keep_connected.hpp>
