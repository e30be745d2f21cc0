"""The chat and its page in a headless Chromium: visitors on three transports talk to each other."""

import asyncio
import random
import threading
import unittest

import chromium
import programs

programs.require("chromium", "chromedriver")

TRANSPORTS = {"websocket": "WebSocket", "long-polling": "Long-polling", "polling": "Polling"}


class Visitor:
    """Somebody with a window that is nobody else's."""

    def __init__(self, browser, url, name, transport="websocket"):
        self.window = browser.window(url)
        self.name = name
        self.enter(transport)

    def enter(self, transport):
        self.choose(transport)
        self.window.run("document.getElementById('name').value = arguments[0]", self.name)
        self.window.click("#enter")
        self.expect_connected(transport)

    def choose(self, transport):
        self.window.click(f"#transport option[value={transport}]")

    def say(self, text):
        self.window.type("#text", text + "\n")

    def expect_state(self, sentence):
        self.window.wait("document.getElementById('state').textContent === wanted", sentence)

    def expect_connected(self, transport):
        self.expect_state(f"Connected by {TRANSPORTS[transport]}")

    def expect_said(self, text):
        self.window.wait("[...document.querySelectorAll('.said')]"
                         ".some((said) => said.lastChild.textContent === wanted)", text)

    def expect_people(self, people):
        """`people` is a dictionary from name to transport."""
        listed = sorted(f"{name}{' (you)' if name == self.name else ''} {transport}"
                        for name, transport in people.items())
        self.window.wait("JSON.stringify([...document.querySelectorAll('#people li')]"
                         ".map((li) => li.textContent).sort()) === JSON.stringify(wanted)", listed)

    def conversation(self):
        """What has been said, as pairs of name and text."""
        return [tuple(said) for said in self.window.run(
            "return [...document.querySelectorAll('.said')].map((said) => "
            "[said.firstChild.textContent, said.lastChild.textContent])")]


class BadPath:
    """A proxy on a thread of its own that does not carry three of ten requests as it should."""

    def __init__(self, server, seed):
        self.server = server
        self.random = random.Random(seed)
        self.faults = 0
        self.is_bad = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.listener = self.loop.run_until_complete(
            asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.sockets[0].getsockname()[1]}"
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def close(self):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result(programs.PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(programs.PATIENCE)
        self.loop.close()

    async def end(self):
        self.listener.close()
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def serve(self, reader, writer):
        try:
            request = await self.read_message(reader)
            is_fault = self.is_bad.is_set() and self.random.random() < 0.3
            how = self.random.choice(("lost request", "lost reply", "doubled")) if is_fault else ""
            self.faults += is_fault
            if how != "lost request":
                reply = await self.ask(request)
                if how == "doubled":
                    reply = await self.ask(request)
                if how != "lost reply":
                    writer.write(reply)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    async def ask(self, request):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
                     .replace(b"\r\nConnection: keep-alive", b"", 1))
        reply = await reader.read()
        writer.close()
        return reply

    async def read_message(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return head + await reader.readexactly(int(line.split(b":")[1]))
        return head


class ChatPageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(chromium.Chromium())

    def setUp(self):
        self.windows = []
        self.browser.complaints()
        self.server = self.enterContext(programs.Server("chat_server", "--port", "0"))

    def tearDown(self):
        code = self.server.stop()
        for window in self.windows:
            window.leave()
        self.assertEqual(code, 0)

    def restart_server(self):
        self.server = self.enterContext(
            programs.Server("chat_server", "--port", str(self.server.port)))

    def visitor(self, name, transport="websocket", url=None):
        visitor = Visitor(self.browser, url or self.server.url + "/", name, transport)
        self.windows.append(visitor.window)
        return visitor

    def visitors(self):
        everybody = {"Ada": "websocket", "Grace": "long-polling", "Łukasz": "polling"}
        return everybody, [self.visitor(name, by) for name, by in everybody.items()]

    def test_people_on_three_transports_talk_to_each_other(self):
        everybody, visitors = self.visitors()
        for visitor in visitors:
            visitor.expect_people(everybody)
        for visitor in visitors:
            visitor.say(f"{visitor.name} says hello")
        for visitor in visitors:
            for speaker in everybody:
                visitor.expect_said(f"{speaker} says hello")
        conversations = {tuple(visitor.conversation()) for visitor in visitors}
        self.assertEqual(len(conversations), 1, "all have heard the same in the same order")
        self.assertEqual(len(conversations.pop()), 3)
        self.assertEqual(self.browser.complaints(), [])

    def test_what_is_said_is_text_and_nothing_else(self):
        ada = self.visitor("<b>Ada</b>")
        grace = self.visitor("Grace & <i>Co</i>", "long-polling")
        evil = "<img src=x onerror=\"document.title='evil'\"> & 'quotes' \"too\""
        ada.say(evil)
        grace.expect_said(evil)
        self.assertEqual(grace.conversation(), [("<b>Ada</b>", evil)])
        count = "return document.querySelectorAll('img, b, i').length"
        self.assertEqual(grace.window.run(count), 0)
        self.assertEqual(grace.window.run("return document.title"), "Hawser chat")

    def test_the_policy_allows_no_other_script(self):
        window = self.visitor("Ada").window
        window.run("const script = document.createElement('script');"
                   "script.textContent = 'document.title = \"evil\"'; "
                   "document.body.append(script);")
        self.assertEqual(window.run("return document.title"), "Hawser chat")
        self.assertTrue(any("Content Security Policy" in line
                            for line in self.browser.complaints()))

    def test_long_messages_pass(self):
        ada, grace = self.visitor("Ada"), self.visitor("Grace", "long-polling")
        longest = "語" * 1000
        for speaker, listener in ((ada, grace), (grace, ada)):
            speaker.window.run("document.getElementById('text').value = arguments[0];"
                               "document.getElementById('send').click();", longest)
            listener.expect_said(longest)

    def test_a_visitor_changes_the_transport_and_stays(self):
        ada, grace = self.visitor("Ada"), self.visitor("Grace")
        for transport in ("long-polling", "polling", "websocket"):
            with self.subTest(transport=transport):
                grace.choose(transport)
                grace.expect_connected(transport)
                ada.expect_people({"Ada": "websocket", "Grace": transport})
                grace.say(f"now by {transport}")
                ada.expect_said(f"now by {transport}")
                ada.say(f"I hear you by {transport}")
                grace.expect_said(f"I hear you by {transport}")

    def test_people_who_leave_are_seen_to_leave(self):
        _, visitors = self.visitors()
        ada = visitors[0]
        for visitor in visitors[1:]:
            visitor.window.click("#leave")
            visitor.expect_state("Not connected")
        ada.expect_people({"Ada": "websocket"})
        visitors[1].enter("polling")
        ada.expect_people({"Ada": "websocket", "Grace": "polling"})

    def test_people_who_close_their_window_are_seen_to_leave(self):
        ada = self.visitor("Ada")
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                grace = self.visitor("Grace", transport)
                ada.expect_people({"Ada": "websocket", "Grace": transport})
                self.windows.remove(grace.window)
                grace.window.close()
                ada.expect_people({"Ada": "websocket"})

    def test_equal_names_are_told_apart(self):
        first, second = self.visitor("Ada"), self.visitor("Ada", "long-polling")
        first.expect_people({"Ada": "websocket", "Ada 2": "long-polling"})
        second.say("which of us?")
        first.expect_said("which of us?")
        self.assertEqual(first.conversation(), [("Ada 2", "which of us?")])

    def test_a_name_that_the_server_refuses_is_asked_for_again(self):
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                window = self.browser.window(self.server.url + "/")
                self.windows.append(window)
                window.click(f"#transport option[value={transport}]")
                window.run("document.getElementById('name').value = 'x'.repeat(25)")
                window.click("#enter")
                window.wait("document.getElementById('state').textContent === wanted",
                            "A name has 1 to 24 characters, all on one line.")
                self.assertFalse(window.run("return document.getElementById('name').disabled"))

    def test_all_come_back_when_the_server_does(self):
        everybody, visitors = self.visitors()
        for visitor in visitors:  # the wait before another try is short
            visitor.window.run("Math.random = () => 0.01")
        self.server.process.kill()
        self.server.wait()
        for visitor in visitors:
            visitor.window.wait("document.getElementById('state').dataset.kind === 'busy'")
        self.restart_server()
        for visitor in visitors:
            visitor.expect_connected(everybody[visitor.name])
            visitor.expect_people(everybody)
        visitors[2].say("here we are again")
        visitors[0].expect_said("here we are again")

    def test_all_come_back_from_a_server_that_ends_gracefully(self):
        everybody, visitors = self.visitors()
        for visitor in visitors:
            visitor.window.run("Math.random = () => 0.01")
        self.assertEqual(self.server.stop(), 0)
        self.restart_server()
        for visitor in visitors:
            visitor.expect_connected(everybody[visitor.name])
            visitor.expect_people(everybody)

    def test_the_pages_polling_gets_everything_once_over_a_bad_path(self):
        seed = random.SystemRandom().randrange(1 << 31)
        print(f"seed {seed} ", end="", flush=True)
        path = BadPath(self.server, seed)
        self.addCleanup(path.close)
        ada = self.visitor("Ada")
        grace = self.visitor("Grace", "long-polling", path.url + "/")
        grace.window.run("BackOff.prototype.wait = () => sleep(1)")
        path.is_bad.set()
        texts = {name: [f"{name} {number}" for number in range(200)] for name in ("Ada", "Grace")}
        for visitor in (ada, grace):
            visitor.window.run(
                "const say = (texts) => { visit.say(texts.shift());"
                "if (texts.length) setTimeout(() => say(texts), 3); }; say(arguments[0]);",
                texts[visitor.name])
        for visitor in (ada, grace):
            for speaker in texts:
                visitor.expect_said(texts[speaker][-1])
        self.assertEqual(ada.conversation(), grace.conversation())
        for speaker, said in texts.items():
            self.assertEqual([text for name, text in ada.conversation() if name == speaker], said)
        self.assertGreater(path.faults, 20)
        path.is_bad.clear()


if __name__ == "__main__":
    unittest.main(verbosity=2)
