"""The echo server's polling, spoken with curl, one request at a time: see PROTOCOL.md."""

import dataclasses
import json
import subprocess
import tempfile
import unittest

import frames
import programs

programs.require("curl")

LIMIT = 1 << 20


@dataclasses.dataclass
class Reply:
    status: int
    fields: dict
    body: bytes
    seconds: float

    def __getitem__(self, name):
        return self.fields.get(name.lower())


class Request:
    """A request that curl is making; `reply()` waits for its outcome."""

    def __init__(self, method, url, fields, body):
        self.head = tempfile.NamedTemporaryFile()
        command = ["curl", "--silent", "--show-error", "--max-time", str(programs.PATIENCE),
                   "--request", method, "--dump-header", self.head.name,
                   "--write-out", "%{stderr}%{json}", "--data-binary", "@-",
                   "--header", "Expect:", "--header", "Content-Type:"]
        for name, value in fields.items():
            command += ["--header", f"{name}: {value}"]
        self.process = subprocess.Popen([*programs.ENDED_WITH_PARENT, *command, url],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.body = body

    def reply(self):
        body, report = self.process.communicate(self.body, programs.PATIENCE)
        report = json.loads(report)
        with self.head:
            lines = self.head.read().decode().split("\r\n")[1:]
        fields = {name.lower(): value for name, _, value in
                  (line.partition(": ") for line in lines) if name}
        return Reply(report["http_code"], fields, body, report["time_total"])


class Session:
    """A polling session by its name; every call is one request."""

    def __init__(self, url):
        self.url = url
        self.opened = Request("POST", url, {}, b"").reply()
        self.token = self.opened["Hawser-Session"]
        self.requests = 0

    def begin_receive(self, after, hold=0, **fields):
        self.requests += 1
        return Request("GET", self.url, {
            "Hawser-Session": self.token, "Hawser-After": after,
            "Hawser-Request": fields.pop("request", self.requests), "Hawser-Hold": hold}, b"")

    def receive(self, after, hold=0, **fields):
        return self.begin_receive(after, hold, **fields).reply()

    def begin_send(self, first, body, **more):
        return Request("POST", self.url,
                       {"Hawser-Session": self.token, "Hawser-First": first, **more}, body)

    def send(self, first, body, **more):
        return self.begin_send(first, body, **more).reply()


class CurlTest(programs.ServedTests, unittest.TestCase):
    SERVER = ("echo_server", "--port", "0", "--drain", "50")  # sessions are left behind

    def open(self, path="/long-polling"):
        session = Session(self.server.url + path)
        self.assertEqual(session.opened.status, 201)
        return session

    def expect_messages(self, reply, first, messages):
        self.assertEqual((reply.status, reply["Hawser-Error"]), (200, None))
        self.assertEqual(reply["Hawser-First"], str(first))
        self.assertEqual(frames.parse(reply.body), messages)

    def expect_refusal(self, reply, status, word):
        self.assertEqual((reply.status, reply["Hawser-Error"]), (status, word))
        self.assertEqual(reply["Hawser"], "1")

    def test_a_session_is_opened_with_what_is_granted(self):
        opened = self.open().opened
        self.assertGreaterEqual(len(opened["Hawser-Session"]), 22)
        self.assertEqual(opened["Hawser-Hold"], "25000")
        self.assertEqual(opened["Hawser-Interval"], "1000")
        self.assertEqual(opened["Hawser-Grace"], "120000")
        self.assertEqual(opened["Hawser-Max-Message"], str(LIMIT))
        self.assertEqual(opened["Hawser-Max-Body"], str(LIMIT + 256))
        self.assertEqual(opened["Cache-Control"], "no-store")
        self.assertEqual(opened["X-Content-Type-Options"], "nosniff")
        self.assertEqual(opened["Hawser"], "1")

    def test_short_polling_grants_no_hold(self):
        self.assertEqual(self.open("/polling").opened["Hawser-Hold"], "0")

    def test_messages_come_back_in_order_and_kind(self):
        session = self.open()
        sent = [(frames.TEXT, "Grüße".encode()), (frames.BINARY, b"\0\xff"), (frames.TEXT, b"")]
        reply = session.send(1, b"".join(frames.frame(*each) for each in sent))
        self.assertEqual((reply.status, reply["Hawser-Received"], reply.body), (204, "3", b""))
        self.expect_messages(session.receive(0, hold=20000), 1, sent)

    def test_a_message_as_long_as_the_limit_passes(self):
        session = self.open()
        message = (frames.BINARY, b"x" * LIMIT)
        self.assertEqual(session.send(1, frames.frame(*message)).status, 204)
        self.expect_messages(session.receive(0, hold=20000), 1, [message])

    def test_what_is_not_acknowledged_is_sent_again(self):
        session = self.open()
        session.send(1, frames.text("one") + frames.text("two"))
        one, two = (frames.TEXT, b"one"), (frames.TEXT, b"two")
        self.expect_messages(session.receive(0, hold=20000), 1, [one, two])
        self.expect_messages(session.receive(0, hold=20000), 1, [one, two])
        self.expect_messages(session.receive(1, hold=20000), 2, [two])
        nothing = session.receive(2)
        self.assertEqual((nothing.status, nothing["Hawser-First"]), (204, None))
        released = session.receive(0)  # what was acknowledged does not come again
        self.assertEqual((released.status, released["Hawser-Received"]), (204, "2"))

    def test_a_held_request_waits_as_long_as_it_asked_for(self):
        reply = self.open().receive(0, hold=1000)
        self.assertEqual(reply.status, 204)
        self.assertGreaterEqual(reply.seconds, 0.9)  # a tenth is left to chance

    def test_a_held_request_is_answered_by_a_message(self):
        session = self.open()
        held = session.begin_receive(0, hold=25000)
        session.send(1, frames.text("at last"))
        reply = held.reply()
        self.expect_messages(reply, 1, [(frames.TEXT, b"at last")])
        self.assertLess(reply.seconds, 25)

    def test_short_polling_does_not_wait(self):
        reply = self.open("/polling").receive(0, hold=25000)
        self.assertEqual(reply.status, 204)
        self.assertLess(reply.seconds, 25)

    def test_a_newer_request_supersedes_a_held_one(self):
        session = self.open()
        held = session.begin_receive(0, hold=25000)
        self.assertEqual(session.receive(0, hold=0).status, 204)
        self.expect_refusal(held.reply(), 409, "superseded")
        self.expect_refusal(session.receive(0, request=1), 409, "superseded")
        self.assertEqual(session.receive(0).status, 204)

    def test_a_repeated_send_is_applied_once(self):
        session = self.open()
        for _ in range(3):
            reply = session.send(1, frames.text("only once"))
            self.assertEqual((reply.status, reply["Hawser-Received"]), (204, "1"))
        regrouped = session.send(1, frames.text("only once") + frames.text("and more"))
        self.assertEqual(regrouped["Hawser-Received"], "2")
        self.expect_messages(session.receive(0, hold=20000), 1,
                             [(frames.TEXT, b"only once"), (frames.TEXT, b"and more")])

    def test_a_gap_is_refused_and_harms_nothing(self):
        session = self.open()
        reply = session.send(2, frames.text("too early"))
        self.expect_refusal(reply, 409, "gap")
        self.assertEqual(reply["Hawser-Received"], "0")
        self.assertEqual(session.send(1, frames.text("in turn"))["Hawser-Received"], "1")
        self.expect_messages(session.receive(0, hold=20000), 1, [(frames.TEXT, b"in turn")])

    def test_a_send_acknowledges_too(self):
        session = self.open()
        session.send(1, frames.text("one"))
        self.expect_messages(session.receive(0, hold=20000), 1, [(frames.TEXT, b"one")])
        session.send(2, frames.text("two"), **{"Hawser-After": "1"})
        self.expect_messages(session.receive(0, hold=20000), 2, [(frames.TEXT, b"two")])

    def test_a_close_is_answered_with_a_close(self):
        session = self.open()
        reply = session.send(1, frames.text("last words") + frames.close(1000, "enough"))
        self.assertEqual((reply.status, reply["Hawser-Received"]), (204, "2"))
        last = session.receive(0, hold=20000)
        [(opcode, payload)] = frames.parse(last.body)
        self.assertEqual((opcode, int.from_bytes(payload[:2], "big")), (frames.CLOSE, 1000))
        self.assertEqual(session.receive(0, hold=20000).body, last.body)
        self.assertEqual(session.receive(1).status, 204)
        self.expect_refusal(session.send(3, frames.text("too late")), 400, "bad-request")

    def test_parameters_may_be_in_the_query(self):
        session = self.open()
        session.send(1, frames.text("hello"))
        url = f"{session.url}?session={session.token}&after=0&request=1&hold=20000&mine=too"
        self.expect_messages(Request("GET", url, {}, b"").reply(), 1, [(frames.TEXT, b"hello")])

    def test_frames_that_are_none_are_refused(self):
        session = self.open()
        good = frames.text("good")
        for bad in (b"\x81", b"\x01\x01x", b"\x81\x81\0\0\0\0x", b"\xc1\x01x", b"\x89\0", b"\x80\0",
                    b"\x81\x01\xff", b"\x81\x7e\x00\x01x", frames.close(1000) + good,
                    frames.close(1005)):
            with self.subTest(bad=bad):
                self.expect_refusal(session.send(1, good + bad), 400, "bad-frames")
        self.assertEqual(session.send(1, good)["Hawser-Received"], "1")

    def test_numbers_that_are_none_are_refused(self):
        session = self.open()
        for bad in ("01", "-1", "+1", "1.0", "0x1", "9007199254740992", "one"):
            with self.subTest(bad=bad):
                self.expect_refusal(session.receive(bad), 400, "bad-number")
        self.expect_refusal(session.send(0, frames.text("x")), 400, "bad-number")
        twice = f"{session.url}?after=1"
        self.expect_refusal(Request("GET", twice, {"Hawser-Session": session.token,
                                                   "Hawser-After": "0", "Hawser-Request": "9"},
                                    b"").reply(), 400, "bad-number")

    def test_what_is_too_long_is_refused_by_its_announcement(self):
        session = self.open()
        reply = session.send(1, frames.frame(frames.BINARY, b"x" * (LIMIT + 1)))
        self.expect_refusal(reply, 413, "message-too-big")
        reply = session.send(1, frames.frame(frames.BINARY, b"x" * (LIMIT + 1024)))
        self.expect_refusal(reply, 413, "body-too-big")
        self.assertEqual(reply["Hawser-Max-Body"], str(LIMIT + 256))
        self.assertEqual(session.send(1, frames.text("fine"))["Hawser-Received"], "1")

    def test_an_unknown_session_is_not_found(self):
        session = self.open()
        session.token = "A" * len(session.token)
        self.expect_refusal(session.receive(0), 404, "unknown-session")
        self.expect_refusal(session.send(1, frames.text("x")), 404, "unknown-session")

    def test_requests_that_make_no_sense_are_refused(self):
        url = self.server.url + "/long-polling"
        session = self.open()
        self.expect_refusal(Request("GET", url, {}, b"").reply(), 400, "bad-request")
        self.expect_refusal(Request("POST", url, {}, frames.text("x")).reply(), 400, "bad-request")
        refused = Request("PUT", url, {"Hawser-Session": session.token}, b"").reply()
        self.assertEqual((refused.status, refused["Allow"]), (405, "GET, POST, OPTIONS"))
        for kind in ("application/json", "multipart/form-data; boundary=x"):
            reply = session.send(1, frames.text("x"), **{"Content-Type": kind})
            self.expect_refusal(reply, 415, "media-type")
        for kind in ("text/plain; charset=utf-8", "application/octet-stream",
                     "application/vnd.hawser.frames"):
            reply = session.send(1, frames.text("x"), **{"Content-Type": kind})
            self.assertEqual(reply["Hawser-Received"], "1")
        reply = session.send(2, frames.text("x"), **{"Content-Encoding": "gzip"})
        self.assertEqual(reply.status, 415)

    def test_a_page_of_another_host_is_refused(self):
        reply = Request("POST", self.server.url + "/long-polling",
                        {"Origin": "http://elsewhere.example"}, b"").reply()
        self.expect_refusal(reply, 403, "origin")

    def test_the_shared_path_takes_both_kinds_of_polling(self):
        session = self.open("/channel")
        session.send(1, frames.text("hello"))
        self.expect_messages(session.receive(0, hold=20000), 1, [(frames.TEXT, b"hello")])
        self.assertEqual(session.receive(1, hold=0).status, 204)


if __name__ == "__main__":
    unittest.main(verbosity=2)
