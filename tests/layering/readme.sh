#!/bin/sh
# Checks that the README shows code of the examples, and the commands that are proven.
# Usage: sh readme.sh [ROOT OF THE TREE]

root=${1:-$(dirname "$0")/../..}
cd "$root" || exit 2
[ -f README.md ] || { echo "README.md does not exist"; exit 2; }
failed=0

# Every block of C++ is a run of lines of one example.
awk '
FILENAME != "README.md" { example[FILENAME] = example[FILENAME] $0 "\n"; next }
/^```cpp$/ { block = ""; begun = FNR; next }
/^```$/ && begun {
    found = 0
    for (name in example) if (index("\n" example[name], "\n" block)) found = 1
    if (!found || block == "") {
        print "README.md:" begun ": no example has this code"
        violations++
    }
    begun = 0
    next
}
begun { block = block $0 "\n" }
END { exit violations > 0 }
' examples/*.cpp README.md || failed=1

for preset in demo test; do
    command="sh cmake/setup.sh && cmake --workflow --preset $preset"
    grep -qF "$command" README.md || { echo "README.md: lacks the command: $command"; failed=1; }
done

for example in examples/hello_server.cpp examples/hello_client.cpp; do
    if [ "$(wc -l < $example)" -ge 30 ]; then
        echo "$example: is to have fewer than 30 lines"
        failed=1
    fi
done

exit $failed
