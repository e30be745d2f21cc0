#pragma once

#include <hawser/channel/any_channel.hpp>
#include <hawser/channel/channel.hpp>
#include <hawser/channel/concepts.hpp>
#include <hawser/channel/handlers.hpp>
#include <hawser/channel/sender.hpp>
