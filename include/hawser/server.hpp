#pragma once

#include <hawser/server/endpoint.hpp>
#include <hawser/server/router.hpp>
#include <hawser/server/server.hpp>
#include <hawser/server/spawn_each.hpp>
