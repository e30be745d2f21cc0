#pragma once

#include <hawser/client/connect.hpp>
