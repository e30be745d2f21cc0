#pragma once

#include <hawser/polling.hpp>
