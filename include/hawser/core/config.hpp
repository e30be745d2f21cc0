#pragma once

// How the library is built. Header-only unless HAWSER_COMPILED is defined (by the CMake target
// `hawser::compiled`), when the code of the `detail/*.ipp` files comes from a library instead.
// The inline namespace names the mode, so that two definitions of one name never meet in a program.

// Asio decides by macros of the standard library how it allocates, and must find them in every
// translation unit, though it may be the first that this unit includes.
#include <version>

#if defined(HAWSER_COMPILED)
#define HAWSER_DECL
#define HAWSER_MODE compiled
#else
#define HAWSER_DECL inline
#define HAWSER_MODE header_only
#endif

// Whether plain sockets are waited for in epoll sets of the library's own (net/best_stream.hpp).
// HAWSER_NO_EPOLL, to be defined in all of a program or nowhere, leaves them to Asio.
#if defined(__linux__) && !defined(HAWSER_NO_EPOLL)
#define HAWSER_HAS_EPOLL
#endif
