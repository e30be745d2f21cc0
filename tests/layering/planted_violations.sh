#!/bin/sh
# Plants one violation after the other in a small tree and checks that each is reported.
# Usage: sh planted_violations.sh FOLDER (which it fills)

scripts=$(cd "$(dirname "$0")" && pwd)
tree=$1
failed=0
planted=0

fail() {
    echo "FAILED: $1"
    failed=1
}

write() {
    [ -d "$tree/${1%/*}" ] || [ "${1%/*}" = "$1" ] || mkdir -p "$tree/${1%/*}"
    printf "$2" > "$tree/$1"
}

# A tree without fault.
rm -rf "${tree:?}"
write include/hawser/hawser.hpp '#pragma once\n\n// All.\n#include <hawser/http/parser.hpp>\n'
write include/hawser/core/bytes.hpp '#pragma once\n#include <vector>\n'
write include/hawser/http/parser.hpp '#pragma once\n#include <hawser/core/bytes.hpp>\n'
write include/hawser/http/detail/parser.ipp \
    '#pragma once\n#include <hawser/http/parser.hpp>\n#include <llhttp.h>\n'
write include/hawser/net/link.hpp '#pragma once\n#include <asio/post.hpp>\n'
write include/hawser/net/tls.hpp '#pragma once\n#include <asio/ssl.hpp>\n'
for name in core/bytes http/parser net/link net/tls; do
    write "tests/${name}_test.cpp" "#include <hawser/$name.hpp>\n"
done
for example in hello_server hello_client; do
    write "examples/$example.cpp" 'int main() {\n    serve();\n    return 0;\n}\n'
done
demo='sh cmake/setup.sh && cmake --workflow --preset demo\n'
run_tests='sh cmake/setup.sh && cmake --workflow --preset test\n'
write README.md "$demo$run_tests"'\n```cpp\nint main() {\n    serve();\n```\n'
rm -rf "${tree:?}.faultless"
mv "$tree" "$tree.faultless"

plant_nothing() {
    rm -rf "${tree:?}"
    cp -r "$tree.faultless" "$tree"
}

# expect SCRIPT PATTERN FILE CONTENT: with CONTENT in FILE, the script reports PATTERN for the file,
# which is then as it was.
expect() {
    write "$3" "$4"
    planted=$((planted + 1))
    found=$(sh "$scripts/$1" "$tree") && fail "$1 accepts $3 with: $4"
    echo "$found" | grep -q "^$3:.*$2" || fail "$1 does not say '$2' of $3, but: $found"
    if [ -f "$tree.faultless/$3" ]; then cp "$tree.faultless/$3" "$tree/$3"; else rm "$tree/$3"; fi
}

readme() { expect readme.sh "$@"; }
layer() { expect layers.sh "$@"; }
style() { expect style.sh "$@"; }

plant_nothing
for script in layers.sh style.sh readme.sh; do
    found=$(sh "$scripts/$script" "$tree") || fail "$script refuses a tree without fault: $found"
    sh "$scripts/$script" "$tree/tests" > /dev/null 2>&1 && fail "$script accepts an empty tree"
done

plant_nothing
header='include/hawser'
once='#pragma once\n'
for engine in core framing http session websocket polling; do
    layer "$engine must not include Asio" $header/$engine/x.hpp "$once#include <asio.hpp>\n"
    layer "$engine must not include Asio" $header/$engine/x.hpp "$once#include <asio/post.hpp>\n"
    layer "$engine must not include net" $header/$engine/x.hpp \
        "$once#  include <hawser/net/link.hpp>\n"
    layer "$engine must not include <thread>" $header/$engine/x.hpp "$once#include <thread>\n"
    layer "$engine must not include <sys/" $header/$engine/x.hpp "$once#include <sys/uio.h>\n"
done
for outer in net channel; do
    layer "$outer must not include http" $header/$outer/x.hpp \
        "$once#include <hawser/http/parser.hpp>\n"
done
for inner in framing http session net channel; do
    layer "core must not include $inner" $header/core/x.hpp "$once#include <hawser/$inner/x.hpp>\n"
done
layer 'must not include' $header/framing/x.hpp "$once#include <hawser/http/parser.hpp>\n"
layer 'must not include' $header/http/x.hpp "$once#include <hawser/framing/mask.hpp>\n"
layer 'must not include' $header/session/x.hpp "$once#include <hawser/http/parser.hpp>\n"
layer 'must not include' $header/websocket/x.hpp "$once#include <hawser/session/token.hpp>\n"
layer 'must not include' $header/websocket/x.hpp "$once#include <hawser/polling/reply.hpp>\n"
layer 'must not include' $header/polling/x.hpp "$once#include <hawser/websocket/close.hpp>\n"
layer 'must not include' $header/net/x.hpp "$once#include <hawser/channel/inbox.hpp>\n"
layer 'must not include' $header/transport/x.hpp "$once#include <hawser/server/router.hpp>\n"
layer 'must not include' $header/server/x.hpp "$once#include <hawser/client/connect.hpp>\n"
layer 'does not exist' $header/http/x.hpp "$once#include <hawser/http/absent.hpp>\n"
layer 'is for users' $header/http/x.hpp "$once#include <hawser/hawser.hpp>\n"
layer 'is optional' $header/net/x.hpp "$once#include <hawser/net/tls.hpp>\n"
layer 'is optional' $header/hawser.hpp "$once#include <hawser/net/tls.hpp>\n"
layer 'is no layer' $header/tools/x.hpp "$once"
layer 'belongs into detail' $header/http/x.ipp "$once"
layer 'include by <' $header/http/x.hpp "$once#include \"parser.hpp\"\n"
layer 'llhttp is already included' $header/http/x.hpp "$once#include <llhttp.h>\n"
layer 'only http may include llhttp' $header/polling/x.hpp "$once#include <llhttp.h>\n"
layer 'only websocket may include zlib' $header/net/deflate.hpp "$once#include <zlib.h>\n"
layer 'OpenSSL is already included' $header/net/x.hpp "$once#include <openssl/ssl.h>\n"
layer 'only net may include OpenSSL' $header/client/tls.hpp "$once#include <asio/ssl/stream.hpp>\n"
layer 'nothing but includes' $header/server.hpp "$once\nint x;\n"
layer 'only <hawser' $header/server.hpp "$once#include <vector>\n"
layer 'time or randomness' $header/http/x.hpp "$once\nauto t = steady_clock::now();\n"
layer 'time or randomness' $header/session/x.hpp "$once\nstd::random_device device;\n"

function_body=$(yes '    run();' | head -n 58)
many_lines=$(yes 'int x;' | head -n 401)
style 'columns, more than 100' $header/core/bytes.hpp "$once// $(printf '%98s' '' | tr ' ' x)\n"
style 'more than 400' $header/core/bytes.hpp "$many_lines"
style '61 lines in a function' tests/core/bytes_test.cpp \
    "#include <hawser/core/bytes.hpp>\nint f(int x,\n      int y) {\n$function_body\n}\n"
style 'blanks at the end' $header/core/bytes.hpp "${once}int x; \n"
style 'a tab' $header/core/bytes.hpp "$once\tint x;\n"
style 'unfinished work' $header/core/bytes.hpp "$once// TODO\n"
style 'unfinished work' tests/core/bytes_test.cpp "#include <hawser/core/bytes.hpp>\n// FIXME\n"
style 'path of one machine' tests/core/bytes_test.cpp "char* x = \"/root/x\";\n"
style 'pragma once' $header/core/bytes.hpp 'int x;\n'
style 'pragma once' tests/core/bytes.hpp '// Words.\nint x;\n'
style 'name of the file' tests/core/http_util.hpp "$once"
style 'name of the type' $header/core/bytes.hpp "${once}class SessionManager {};\n"
style 'never run' tests/core/bytes.hpp "${once}TEST_CASE(\"x\") {}\n"
style 'never run' tests/core/bytes.hpp "${once}HAWSER_TEST_EACH(\"x\", end, y) {}\n"
style 'does not exist' $header/core/x.hpp "$once"
style 'first include' tests/core/bytes_test.cpp '#include <vector>\n'
style 'not its own header' $header/http/detail/parser.ipp "$once#include <vector>\n"

readme 'no example has this code' README.md "$demo$run_tests"'\n```cpp\nserve();\n```\n'
readme 'no example has this code' README.md "$demo$run_tests"'\n```cpp\nint main() {\n}\n```\n'
readme 'lacks the command' README.md "$demo"
readme 'lacks the command' README.md "$run_tests"
readme 'fewer than 30 lines' examples/hello_client.cpp "$many_lines"

# The list of headers without a test: it counts, and it is kept short. (The violations before have
# been taken out again.)
write tests/layering/untested_headers.txt 'core/bytes.hpp  no code\n'
sh "$scripts/style.sh" "$tree" | grep -q 'has a test, yet' || fail "a useless entry is accepted"
rm "$tree/tests/core/bytes_test.cpp"
found=$(sh "$scripts/style.sh" "$tree") || fail "a listed header is refused: $found"

[ $failed = 0 ] && echo "all of $planted planted violations were reported"
exit $failed
