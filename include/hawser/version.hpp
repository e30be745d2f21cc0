#pragma once

#include <hawser/core/version.hpp>
