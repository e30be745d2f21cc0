# What `cmake --install` puts in place, so that find_package(hawser) finds it.
