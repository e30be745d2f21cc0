#pragma once

#include <hawser/transport/tls.hpp>
