#include <hawser/http/request.hpp>

#include <doctest/doctest.h>

using hawser::http::RequestHead;

TEST_CASE("a method is known by its name, in capitals") {
    const RequestHead head{.method = "POST"};
    CHECK(head.has_method("POST"));
    for (const char* other : {"", "post", "POS", "POSTS"}) CHECK_FALSE(head.has_method(other));
}

TEST_CASE("path and query are the parts of a target") {
    const auto parts_are = [](const char* target, const char* path, const char* query) {
        CAPTURE(target);
        const RequestHead head{.target = target};
        CHECK(head.path() == path);
        CHECK(head.query() == query);
    };
    parts_are("/", "/", "");
    parts_are("/a/b?c=d&e", "/a/b", "c=d&e");
    parts_are("/a?b?c", "/a", "b?c");
    parts_are("/a?u=http://b/c", "/a", "u=http://b/c");
    parts_are("http://a/b?c", "/b", "c");
    parts_are("http://a?c", "/", "c");
    parts_are("http://a", "/", "");
    parts_are("*", "*", "");
}
