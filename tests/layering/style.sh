#!/bin/sh
# Checks sizes, names, and the mirror of headers and tests. Usage: sh style.sh [ROOT OF THE TREE]
#
# Prints one line for each violation; ends with 1 if there was any, with 2 if there was no file.

root=${1:-$(dirname "$0")/../..}
cd "$root" || exit 2
files=$(find include tests examples benchmarks cmake -type f \
    ! -name '*.pyc' ! -path 'tests/fuzz/seeds/*' 2>/dev/null | sort)
files="$files $(ls CMakeLists.txt CMakePresets.json .ci/run README.md 2>/dev/null)"
code=$(echo "$files" | tr ' ' '\n' | grep -E '\.[hic]pp$')
[ -n "$code" ] || { echo "no C++ file"; exit 2; }
failed=0

# shellcheck disable=SC2086
awk '
BEGIN {
    empty_word = "(manager|helper|util|common|data|info|impl|base|misc)s?"
    not_a_function = "^ *(namespace|class|struct|enum|TEST_CASE)"
}

function violation(text) {
    print FILENAME ":" FNR ": " text
    violations++
}

function end_of_file() {
    if (FILENAME == "") return
    if (last_file ~ /\.[hic]pp$/ && filled > 400) {
        print last_file ": " filled " lines that are not blank, more than 400"
        violations++
    }
}

FNR == 1 {
    end_of_file()
    filled = 0
    begun = 0
    last_file = FILENAME
    is_code = FILENAME ~ /\.[hic]pp$/
    name = FILENAME
    sub(/.*\//, "", name)
    if (is_code && tolower(name) ~ "(^|_)" empty_word "[_.]")
        violation("the name of the file says nothing")
}

NF > 0 { filled++ }

# Bytes that continue a character of UTF-8 are not columns.
FILENAME !~ /\.(html|md|json|svg)$/ {
    columns = $0
    gsub(/[\200-\277]/, "", columns)
    if (length(columns) > 100) violation(length(columns) " columns, more than 100")
}

# A function ends with a brace below its first line; what is between them is indented deeper.
is_code && /^ *}$/ {
    match($0, /^ */)
    if (FNR - first_line[RLENGTH] >= 60 && first_text[RLENGTH] !~ not_a_function)
        violation(FNR - first_line[RLENGTH] + 1 " lines in a function, more than 60")
}
is_code && NF > 0 && !/^ *(#|\/\/|[a-z_]+:$)/ {
    match($0, /^ */)
    first_line[RLENGTH] = FNR
    first_text[RLENGTH] = $0
}

/[ \t]$/ && FILENAME !~ /\.md$/ { violation("blanks at the end of the line") }
/\t/ && FILENAME !~ /\.html$/ { violation("a tab") }

FILENAME !~ /^tests\/layering\// && /TODO|FIXME|XXX|HACK/ { violation("unfinished work") }
FILENAME !~ /^tests\/layering\// && /(^|[^A-Za-z0-9_.~\/-])\/(work|root|home)\// {
    violation("a path of one machine")
}

is_code && /^(class|struct|concept|enum class) / {
    type = $0
    sub(/^(class|struct|concept|enum class) /, "", type)
    sub(/[^A-Za-z0-9_].*/, "", type)
    if (tolower(type) ~ empty_word "$") violation("the name of the type says nothing")
}

is_code && /^#pragma once/ && !begun { begun = 1 }
is_code && !begun && NF > 0 && !/^\/\// {
    if (FILENAME ~ /\.[hi]pp$/) violation("the file does not begin with #pragma once")
    begun = 1
}

FILENAME ~ /^tests\/.*\.hpp$/ && /^[ \t]*(TEST_CASE|SCENARIO|HAWSER_TEST_EACH\()/ {
    violation("test cases belong into a *_test.cpp, else they are never run")
}

END {
    end_of_file()
    exit violations > 0
}
' $files || failed=1

report() {
    echo "$1"
    failed=1
}

# The file that each file includes first, as lines "FILE INCLUDED": to be looked up without starting
# a program for each of hundreds of files.
# shellcheck disable=SC2086
first_includes="
$(awk '
FNR == 1 { is_found = 0 }
!is_found && /^#include *[<"]/ {
    is_found = 1
    included = $0
    sub(/^#include *[<"]/, "", included)
    sub(/[>"].*/, "", included)
    print FILENAME, included
}
' $code)
"
includes_first() {
    case $first_includes in
        *"
$1 $2
"*) return 0 ;;
    esac
    return 1
}

# Each header of a layer has a test that includes it first, which also shows that it stands alone.
untested="
$(cat tests/layering/untested_headers.txt 2>/dev/null)
"
for header in $(find include/hawser -mindepth 2 -name '*.hpp' ! -path '*/detail/*' | sort); do
    name=${header#include/hawser/}
    test="tests/${name%.hpp}_test.cpp"
    case $untested in
        *"
$name "*)
            [ ! -f "$test" ] || report "$header: has a test, yet untested_headers.txt lists it"
            continue
            ;;
    esac
    if [ ! -f "$test" ]; then
        report "$header: $test does not exist"
    elif ! includes_first "$test" "hawser/$name"; then
        report "$test: the first include is not <hawser/$name>"
    fi
done

# hawser/x/detail/y.ipp holds the code of hawser/x/y.hpp or of hawser/x/detail/y.hpp.
for part in $(find include/hawser -name '*.ipp' | sort); do
    header=${part#include/}
    header=${header%.ipp}.hpp
    includes_first "$part" "$header" ||
        includes_first "$part" "${header%/detail/*}/${header##*/detail/}" ||
        report "$part: the first include is not its own header"
done

exit $failed
