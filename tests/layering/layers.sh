#!/bin/sh
# Checks who includes whom under include/hawser/. Usage: sh layers.sh [ROOT OF THE TREE]
#
# Prints one line for each violation; ends with 1 if there was any, with 2 if there was no header.

root=${1:-$(dirname "$0")/../..}
cd "$root/include/hawser" || exit 2
files=$(find . -name '*.hpp' -o -name '*.ipp' | sed 's|^\./||' | sort)
[ -n "$files" ] || { echo "no header under include/hawser"; exit 2; }

# No file name of the tree has blanks, so that the list may be split.
# shellcheck disable=SC2086
awk '
BEGIN {
    # Layer: the layers it may include besides itself.
    may["core"] = " "
    may["framing"] = " core "
    may["http"] = " core "
    may["session"] = " core "
    may["websocket"] = " core framing http "
    may["polling"] = " core framing http session "
    may["net"] = " core "
    may["channel"] = " core "
    engines = " core framing http session websocket polling "
    may["transport"] = engines "net channel "
    may["server"] = may["transport"] "transport "
    may["client"] = may["transport"] "transport "

    threads = "^(thread|mutex|shared_mutex|future|condition_variable|semaphore)$"

    # Third party: the only layer that may include it, in a single header and its detail file.
    home["llhttp"] = "http"
    home["zlib"] = "websocket"
    home["OpenSSL"] = "net"

    for (i = 1; i < ARGC; i++) known[ARGV[i]]
}

function violation(text) {
    print "include/hawser/" FILENAME ":" FNR ": " text
    violations++
}

# The part a file belongs to: http/parser for http/parser.hpp and http/detail/parser.ipp.
function part_of(path) {
    sub(/detail\//, "", path)
    sub(/\.[hi]pp$/, "", path)
    return path
}

function third_party(header) {
    if (header ~ /^(llhttp\/)?llhttp\.h$/) return "llhttp"
    if (header ~ /^(zlib|zconf)\.h$/) return "zlib"
    if (header ~ /^openssl\// || header ~ /^asio\/ssl(\/|\.hpp$)/) return "OpenSSL"
    if (header ~ /^asio(\/|\.hpp$)/) return "Asio"
    return ""
}

# The optional part that a file, by its name, belongs to.
function optional_part(path) {
    if (path ~ /(^|[\/_])(tls|wss|https)[^\/]*$/) return "tls"
    if (path ~ /(^|[\/_])deflate[^\/]*$/) return "deflate"
    return ""
}

function check_own(header,    target) {
    target = substr(header, 8)
    if (!(target in known)) violation(header " does not exist")
    if (optional_part(target) != "" && optional_part(target) != optional_part(FILENAME))
        violation("<" header "> is optional: only headers of that part may include it")
    if (target !~ /\//) {
        if (layer != "") violation("<" header "> is for users: include the part itself")
        return
    }
    sub(/\/.*/, "", target)
    if (layer != "" && target != layer && index(may[layer], " " target " ") == 0)
        violation(layer " must not include " target)
}

function check_third_party(name) {
    if (name == "Asio") {
        if (index(engines, " " layer " ")) violation(layer " must not include Asio")
        return
    }
    if (layer != home[name]) {
        violation("only " home[name] " may include " name)
        return
    }
    if (name in owner && owner[name] != part_of(FILENAME))
        violation(name " is already included by " owner[name] ": only one part may")
    owner[name] = part_of(FILENAME)
}

# Headers of the operating system belong to net; but for the one that gives random bytes.
function check_system(header) {
    if (layer != "net" && part_of(FILENAME) != "core/entropy")
        violation(layer " must not include <" header ">")
}

FNR == 1 {
    layer = FILENAME ~ /\// ? FILENAME : ""
    sub(/\/.*/, "", layer)
    if (layer != "" && !(layer in may)) violation(layer " is no layer")
    if (FILENAME ~ /\.ipp$/ && FILENAME !~ /\/detail\//)
        violation("an .ipp belongs into detail/")
}

/^[ \t]*#[ \t]*include/ {
    header = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
    if (header !~ /^</) {
        violation("include by <...>, not " header)
        next
    }
    sub(/^</, "", header)
    sub(/>.*/, "", header)

    if (header ~ /^hawser\//) check_own(header)
    else if (third_party(header) != "") check_third_party(third_party(header))
    else if (header ~ /[\/.]/) check_system(header)
    else if (index(engines, " " layer " ") && header ~ threads)
        violation(layer " must not include <" header ">")
    if (layer == "" && header !~ /^hawser\//)
        violation("a public header includes only <hawser/...>")
    next
}

layer == "" && !/^(#pragma once|\/\/.*)?$/ {
    violation("a public header holds nothing but includes")
}

# Time and randomness are arguments of engines.
index(engines, " " layer " ") && layer != "core" && /_clock::now\(|random_device/ {
    violation(layer " must not ask for time or randomness")
}

END { exit violations > 0 }
' $files
