"""The echo server and client over TLS, with a certificate made on the spot; curl as a second
client."""

import os
import subprocess
import sys
import tempfile
import unittest

import frames
import programs

programs.require("openssl", "curl")

if programs.run("echo_server", "--tls", "none", "none")[2].startswith("usage"):
    print("the examples were built without TLS")
    sys.exit(programs.SKIPPED)

LIMIT = 1 << 20


def make_certificate(folder, name, subject):
    """A certificate that signs itself: the names of its file and its key's."""
    certificate, key = (os.path.join(folder, f"{name}.{end}") for end in ("crt", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", f"subjectAltName={subject}", "-out", certificate, "-keyout", key],
                   check=True, capture_output=True, timeout=programs.PATIENCE)
    return certificate, key


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.certificate, cls.key = make_certificate(folder, "ours", "IP:127.0.0.1")
        cls.foreign_certificate, cls.foreign_key = make_certificate(
            folder, "foreign", "DNS:elsewhere.example")

    def server(self, *files, options=()):
        server = self.enterContext(programs.Server(
            "echo_server", "--port", "0", *options, "--tls",
            *(files or (self.certificate, self.key))))
        self.addCleanup(lambda: self.assertEqual(server.stop(), 0))
        self.assertTrue(server.url.startswith("https://127.0.0.1:"), server.url)
        return server

    def expect_echo(self, url, *arguments):
        code, printed, complaint = programs.run("echo_client", url, "--ca", self.certificate,
                                                *arguments)
        self.assertEqual((code, complaint), (0, ""))
        return printed

    def expect_failure(self, *arguments):
        code, printed, complaint = programs.run("echo_client", *arguments)
        self.assertEqual((code, printed), (1, ""))
        self.assertRegex(complaint, "^echo_client: .+\n$")
        return complaint

    def test_a_websocket(self):
        printed = self.expect_echo(self.server().websocket_url + "/channel")
        self.assertIn(" over websocket:", printed)

    def test_long_polling_and_polling(self):
        server = self.server(options=("--interval", "10"))
        self.assertIn(" over long-polling:", self.expect_echo(server.url + "/channel"))
        self.assertIn(" over polling:", self.expect_echo(
            server.url + "/channel", "--transport", "polling", "--count", "1"))

    def test_long_messages(self):
        server = self.server()
        for transport in ("websocket", "long-polling"):
            with self.subTest(transport=transport):
                self.expect_echo(server.url + "/channel", "--transport", transport, "--count", "5",
                                 "--size", str(LIMIT))

    def test_several_threads(self):
        server = self.server(options=("--threads", "2"))
        for transport in ("websocket", "long-polling") * 4:
            self.expect_echo(server.url + "/channel", "--transport", transport, "--count", "20")

    def test_a_certificate_of_nobody_known_is_refused(self):
        server = self.server()
        refusal = self.expect_failure(server.websocket_url + "/channel")
        self.assertIn("certificate was not accepted", refusal)
        refusal = self.expect_failure(server.url + "/channel")
        self.assertIn("certificate was not accepted", refusal)

    def test_a_certificate_of_another_host_is_refused(self):
        server = self.server(self.foreign_certificate, self.foreign_key)
        for url in (server.websocket_url, server.url):
            with self.subTest(url=url):
                self.expect_failure(url + "/channel", "--ca", self.foreign_certificate)

    def test_plain_talk_to_a_secure_server_fails_and_harms_nobody(self):
        server = self.server()
        self.expect_failure(server.url.replace("https", "ws") + "/channel")
        self.expect_echo(server.websocket_url + "/channel")

    def test_secure_talk_to_a_plain_server_fails_and_harms_nobody(self):
        with programs.Server("echo_server", "--port", "0") as server:
            self.expect_failure(server.url.replace("http", "wss") + "/channel", "--ca",
                                self.certificate)
            code, _, _ = programs.run("echo_client", server.url + "/channel")
            self.assertEqual(code, 0)

    def test_files_that_are_no_certificate_are_a_clear_failure(self):
        code, _, complaint = programs.run("echo_server", "--port", "0", "--tls", __file__, self.key)
        self.assertEqual(code, 1)
        self.assertRegex(complaint, "^.+\n$")

    def test_curl_polls_too(self):
        server = self.server(options=("--drain", "50"))  # the session is left behind

        def curl(*arguments, body=b""):
            done = subprocess.run(["curl", "--silent", "--show-error", "--fail", "--cacert",
                                   self.certificate, "--max-time", str(programs.PATIENCE),
                                   *arguments], input=body, capture_output=True, check=True)
            return done.stdout

        url = server.url + "/long-polling"
        head = curl("--data-binary", "", "--header", "Content-Type:", "--include", url).decode()
        token = next(line.split(": ")[1] for line in head.split("\r\n")
                     if line.startswith("Hawser-Session: "))
        message = frames.text("over TLS")
        curl("--data-binary", "@-", "--header", "Content-Type:",
             f"{url}?session={token}&first=1", body=message)
        self.assertEqual(curl(f"{url}?session={token}&request=1&after=0&hold=20000"), message)


if __name__ == "__main__":
    unittest.main(verbosity=2)
