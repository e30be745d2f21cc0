#pragma once

// How the library is built. Header-only unless HAWSER_COMPILED is defined (by the CMake target
// `hawser::compiled`), when the code of the `detail/*.ipp` files comes from a library instead.
// The inline namespace names the mode, so that two definitions of one name never meet in a program.

#if defined(HAWSER_COMPILED)
#define HAWSER_DECL
#define HAWSER_MODE compiled
#else
#define HAWSER_DECL inline
#define HAWSER_MODE header_only
#endif
