"""The fetcher against servers, names and addresses that mean harm."""

import gzip
import json
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch import (
    Clock,
    Fetcher,
    FetchError,
    Limits,
    Network,
    Politeness,
    Refused,
    TooLarge,
    TooSlow,
    Unreachable,
)
from ingest.fetch.addresses import is_public, target
from ingest.fetch.body import read_body
from ingest.fetch.model import Ask
from tests.replay import Answer, Asked, FakeTime, Replay, fetcher, html

REFUSED = [
    *(
        "",
        "//host/",
        "http:127.0.0.1",
        "http://",
        "javascript:alert(1)",
        "file:///etc/hosts",
        "ftp://a.gov/",
        "jar:http://a/",
    ),
    *("http://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://0177.1/", "http://2130706433/", "http://0/"),
    *(
        "http://08.8.8.8/",
        "http://8.8.8/",
        "http://0x08080808/",
        "http://1.2.3.4.5/",
        "http://8.8.8.8.0x1/",
        "http://8.8.8.256/",
    ),
    *(
        "http://１２７.０.０.１/",
        "http://127｡0｡0｡1/",
        "http://①②⑦.0.0.1/",
        "http://𝟏𝟐𝟕.0.0.1/",
        "http://ｌｏｃａｌｈｏｓｔ/",
    ),
    *("http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://printer.local/", "http://metadata/"),
    *(
        "http://metadata.google.internal/",
        "http://user@a.gov/",
        "http://u:p@a.gov/",
        "http://@a.gov/",
        "http://a.gov:0/",
    ),
    *(
        "http://a.gov:99999/",
        "http://a.gov:x/",
        "http://%31%32%37.0.0.1/",
        "http://a.gov%00.b/",
        "http://a b/",
        "http://a.gov\\@b/",
    ),
    *(
        "http://a\t.gov/",
        "http://a.gov/\r\nX: y",
        "http://a..gov/",
        "http://-.a..",
        "http://[::1",
        "http://[::1]]/",
        "http://[v1.x]/",
    ),
    *("http://[::1]/", "http://[::]/", "http://[::ffff:8.8.8.8]/", "http://[::8.8.8.8]/", "http://[64:ff9b::808:808]/"),
    *(
        "http://[64:ff9b:1::1]/",
        "http://[2002:808:808::1]/",
        "http://[2001::1]/",
        "http://[2001:db8::1]/",
        "http://[3fff::1]/",
    ),
    *(
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[fec0::1]/",
        "http://[fd00::1]/",
        "http://[ff02::1]/",
        "http://[100::1]/",
    ),
    *("http://[5f00::1]/", "http://10.1.2.3/", "http://172.31.0.1/", "http://192.168.0.1/", "http://169.254.169.254/"),
    *("http://100.127.255.255/", "http://192.0.0.8/", "http://192.0.2.1/", "http://192.88.99.1/", "http://198.19.0.1/"),
    *(
        "http://198.51.100.1/",
        "http://203.0.113.1/",
        "http://224.0.0.251/",
        "http://239.1.1.1/",
        "http://255.255.255.255/",
    ),
]


REFUSED += [
    "http://127.0.0.1../",
    "http://a.gov../",
    "http://a.gov/\ud800",
    "http://a.gov/\u2028",
    "http://a.gov/\x85",
    "http://127.0.0.1:80@8.8.8.8/",
]


def no_look_up(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")


@pytest.mark.parametrize("url", REFUSED)
def test_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises(Refused) as caught:
        Fetcher(network=Network(no_look_up), clock=FakeTime().clock()).get(url)
    assert "Fix:" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.shared
def test_the_shared_vectors(shared: Path) -> None:
    urls = json.loads((shared / "badinput/ssrf/ssrf_vectors.json").read_text())["refuse"]
    assert len(urls) > 40
    for url in urls:
        with pytest.raises(Refused):
            Fetcher(network=Network(no_look_up), clock=FakeTime().clock()).get(url)
    for url in urls:  # and by a redirect from a server that may be asked
        away = Answer(302, headers={"Location": url.encode().decode("latin-1")})
        with Replay(lambda _, away=away: away) as server:  # type: ignore[misc]
            with pytest.raises(FetchError) as caught:
                fetcher(server).get(server.url())
            assert isinstance(caught.value, Refused), url
            assert len(server.asked) == 1


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "193.34.1.1", "2606:4700::1111", "2a00:1450::1", "240e::1"])
def test_public_addresses_pass(address: str) -> None:
    from ipaddress import ip_address

    assert is_public(ip_address(address))
    assert target(f"http://{f'[{address}]' if ':' in address else address}/").literal


@given(st.ip_addresses())
def test_public_is_never_more_than_the_registry_says(address: object) -> None:
    from ipaddress import IPv4Address, IPv6Address

    assert isinstance(address, IPv4Address | IPv6Address)
    if is_public(address):
        assert address.is_global
        assert not (address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"http://{text}/", f"http://a.gov/{text}"):
        try:
            where = target(url)
        except Refused:
            continue
        assert where.url.isascii()
        assert target(where.url) == where


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "10.0.0.1"],
        ["::1", "2606:4700::1111"],
        ["8.8.8.8", "64:ff9b::a00:1"],
        ["not an address"],
        ["fe80::1%lo"],
    ],
)
def test_a_name_with_any_private_address_is_refused(answers: list[str]) -> None:
    with pytest.raises(Refused):
        Fetcher(network=Network(lambda host, port: answers), clock=FakeTime().clock()).get("http://www.bis.gov/")


def test_a_second_answer_of_the_name_service_changes_nothing() -> None:
    with Replay(lambda _: html("checked")) as good, Replay(lambda _: html("evil"), "127.0.0.2") as evil:
        answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
        looked_up: list[str] = []

        def rebinding(host: str, port: int) -> list[str]:
            looked_up.append(host)
            return next(answers)

        assert fetcher(good, resolver=rebinding).get(good.url("/", "rebind.attacker.net")).body == b"checked"
        with pytest.raises(Refused):
            fetcher(good, resolver=rebinding).get(good.url("/", "rebind.attacker.net"))
    assert looked_up == ["rebind.attacker.net"] * 2
    assert evil.asked == []


def test_the_allow_list_is_exact() -> None:
    with Replay(lambda _: html("x")) as one, Replay(lambda _: html("y")) as other:
        assert fetcher(one).get(one.url()).status == 200
        with pytest.raises(Refused):
            fetcher(one).get(other.url())


def test_each_redirect_is_checked() -> None:
    with Replay(lambda _: Answer(302, headers={"Location": "http://169.254.169.254/latest/"})) as server:
        fetch = fetcher(server)
        with pytest.raises(Refused, match="169"):
            fetch.get(server.url())
    assert len(server.asked) == 1


@pytest.mark.parametrize(("hops", "ok"), [(5, True), (6, False), (1000, False)])
def test_at_most_five_redirects(hops: int, ok: bool) -> None:
    def respond(asked: Asked) -> Answer:
        at = int(asked.path[1:])
        return html("end") if at == hops else Answer(307, headers={"Location": f"{at + 1}"})

    with Replay(respond) as server:
        fetch = fetcher(server)
        if ok:
            got = fetch.get(server.url("/0"))
            assert (got.body, got.final_url) == (b"end", server.url("/5"))
        else:
            with pytest.raises(Refused, match="redirects"):
                fetch.get(server.url("/0"))
            assert len(server.asked) == 6


def test_a_redirect_never_leaves_https() -> None:
    fetch, ask = Fetcher(network=Network(no_look_up)), Ask("https://law.gov/", {})
    https = target("https://law.gov/a")
    assert fetch._follow(ask, https, "b").url == "https://law.gov/b"
    assert (
        fetch._follow(ask, https, "http://law.gov/b?c#d").url == "https://law.gov/b?c"
    )  # same host: goes on with https
    assert fetch._follow(ask, target("http://law.gov/"), "https://www.law.gov/").scheme == "https"
    for away in ("http://www.law.gov/b", "http://law.gov:8080/b", "ftp://law.gov/b", "//10.0.0.1:x/"):
        with pytest.raises(Refused):
            fetch._follow(ask, https, away)


def pause(pieces: Iterator[bytes] | list[bytes], seconds: float) -> Iterator[bytes]:
    for piece in pieces:
        time.sleep(seconds)
        yield piece


def forever(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def real_time(server: Replay, limits: Limits) -> Fetcher:
    polite = Politeness(interval=0.0, tries=2, first_wait=0.0)
    return fetcher(server, limits=limits, politeness=polite, clock=Clock())


def test_an_endless_body_stops_at_the_limit() -> None:
    with Replay(lambda _: Answer(pieces=forever(b"x" * 8192))) as server, pytest.raises(TooLarge):
        fetcher(server, limits=Limits(size=100_000, seconds=5)).get(server.url())


def test_an_endless_chunked_body_stops_at_the_limit() -> None:
    chunk = b"2000\r\n" + b"x" * 8192 + b"\r\n"
    answer = Answer(headers={"Transfer-Encoding": "chunked"}, pieces=forever(chunk))
    with Replay(lambda _: answer) as server, pytest.raises(TooLarge):
        fetcher(server, limits=Limits(size=100_000, seconds=5)).get(server.url())


def test_a_gzip_bomb_stops_early() -> None:
    bomb = gzip.compress(b"\0" * 300_000_000, 1)
    began = time.process_time()
    pieces = iter([bomb[i : i + 65536] for i in range(0, len(bomb), 65536)])
    with pytest.raises(TooLarge):
        read_body("here", pieces, "gzip", 1_000_000, lambda: None)
    assert len(list(pieces)) >= len(bomb) // 65536 - 1  # one piece was enough
    assert time.process_time() - began < 0.5
    answer = Answer(body=bomb, headers={"Content-Encoding": "gzip"})
    with Replay(lambda _: answer) as server, pytest.raises(TooLarge):
        fetcher(server, limits=Limits(size=20_000_000, seconds=10)).get(server.url())


def test_a_bomb_is_never_held_whole() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, 1)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            read_body("here", [bomb], "gzip", 1_000_000, lambda: None)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_bomb_of_many_gzip_members_stops_too() -> None:
    bomb = gzip.compress(b"\0" * 100_000) * 100
    with pytest.raises(TooLarge):
        read_body("here", [bomb], "gzip", 1_000_000, lambda: None)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "raw deflate", "identity", ""])
@pytest.mark.parametrize("size", [0, 1, 65536, 1_000_003])
@pytest.mark.parametrize("step", [1000, 1 << 20])
def test_packed_bodies_come_out_whole(encoding: str, size: int, step: int) -> None:
    text = (b"article 12 " * (size // 11 + 1))[:size]
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(text[: size // 2]) + gzip.compress(text[size // 2 :]) + b"\0\0",
        "x-gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "raw deflate": raw.compress(text) + raw.flush(),
    }.get(encoding, text)
    pieces = [packed[i : i + step] for i in range(0, len(packed), step)]
    assert read_body("here", pieces, encoding.removeprefix("raw "), 2_000_000, lambda: None) == text


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-20], lambda b: b"not gzip", lambda b: b[:50] + b"\xff" * 50 + b[100:]]
)
def test_a_broken_packed_body_is_an_error(damage: object) -> None:
    assert callable(damage)
    packed = gzip.compress(bytes(range(256)) * 100)
    with pytest.raises(Unreachable):
        read_body("here", [damage(packed)], "gzip", 1_000_000, lambda: None)


def test_an_encoding_that_was_not_asked_for_is_an_error() -> None:
    with Replay(lambda _: Answer(body=b"x", headers={"Content-Encoding": "br"})) as server, pytest.raises(Unreachable):
        fetcher(server).get(server.url())
    assert len(server.asked) == 1


def test_a_length_over_the_limit_is_not_even_read() -> None:
    with (
        Replay(lambda _: Answer(body=b"x", headers={"Content-Length": str(10**12)})) as server,
        pytest.raises(TooLarge),
    ):
        fetcher(server, limits=Limits(size=1000, seconds=5)).get(server.url())


@pytest.mark.parametrize("length", ["100", "-5", "1e3", "5, 6", "9" * 30])
def test_a_lying_length_is_an_error(length: str) -> None:
    with (
        Replay(lambda _: Answer(body=b"short", headers={"Content-Length": length})) as server,
        pytest.raises(FetchError),
    ):
        fetcher(server, limits=Limits(size=1000, seconds=2, silence=1)).get(server.url())


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00\x01\x02", b"HTTP/1.1 999999\r\n\r\n", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000],
)
def test_no_http_is_an_error(raw: bytes) -> None:
    with Replay(lambda _: Answer(raw=raw)) as server, pytest.raises(FetchError):
        fetcher(server).get(server.url())


def test_a_byte_a_moment_in_the_body_is_cut_off() -> None:
    with Replay(lambda _: Answer(pieces=pause(forever(b"x"), 0.05))) as server:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            real_time(server, Limits(seconds=0.5, silence=5)).get(server.url())
        assert 0.4 < time.monotonic() - began < 2


def test_a_byte_a_moment_in_the_headers_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                    for _ in range(200):
                        connection.sendall(b"y")
                        time.sleep(0.05)
                except OSError:
                    pass

        import threading

        threading.Thread(target=drip, daemon=True).start()
        fetch = Fetcher(
            limits=Limits(seconds=0.5, silence=5),
            network=Network(allow=frozenset({("127.0.0.1", port)})),
            clock=Clock(),
        )
        began = time.monotonic()
        with pytest.raises(TooSlow):
            fetch.get(f"http://127.0.0.1:{port}/")
        assert 0.4 < time.monotonic() - began < 2


def test_silence_does_not_outlast_the_whole() -> None:
    with Replay(lambda _: Answer(pieces=pause([b"x"], 3.0))) as server:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            real_time(server, Limits(seconds=0.4, silence=30)).get(server.url())
        assert time.monotonic() - began < 2


def test_silence_is_an_error_and_tried_again() -> None:
    with Replay(lambda _: Answer(pieces=pause([b"x"], 2.0))) as server, pytest.raises(Unreachable):
        real_time(server, Limits(seconds=5, silence=0.2)).get(server.url())
    assert len(server.asked) == 2


def test_a_closed_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    network = Network(allow=frozenset({("127.0.0.1", port)}))
    with pytest.raises(Unreachable):
        Fetcher(network=network, clock=FakeTime().clock()).get(f"http://127.0.0.1:{port}/")


def test_the_next_address_is_tried_where_the_first_is_dead() -> None:
    with Replay(lambda _: html("second")) as server:
        network = Network(
            lambda host, port: ["127.0.0.9", "127.0.0.1"],
            frozenset({("127.0.0.9", server.port), ("127.0.0.1", server.port)}),
        )
        got = Fetcher(network=network, clock=FakeTime().clock()).get(server.url("/", "www.bis.gov"))
    assert got.body == b"second"


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts for a server with a certificate for `name` and for a client that trusts it."""
    import datetime as dt

    pytest.importorskip("cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "cert.pem").write_bytes(pem + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem")
    return server, ssl.create_default_context(cadata=pem.decode())


def test_tls_checks_the_name_though_the_address_is_pinned(tmp_path: Path) -> None:
    server_side, client_side = certificate(tmp_path, "www.ministry.gov")
    with Replay(
        lambda asked: (
            html(asked.headers["host"])
            if asked.path == "/"
            else Answer(301, headers={"Location": "http://www.ministry.gov/"})
        )
    ) as server:
        server.server.socket = server_side.wrap_socket(server.server.socket, server_side=True)
        allow = frozenset({("127.0.0.1", server.port), ("127.0.0.1", 80)})
        network = Network(lambda host, port: ["127.0.0.1"], allow, tls=client_side)
        fetch = Fetcher(network=network, politeness=Politeness(tries=1), clock=FakeTime().clock())
        url = f"https://www.ministry.gov:{server.port}"
        assert fetch.get(f"{url}/").body.decode() == f"www.ministry.gov:{server.port}"
        with pytest.raises(Unreachable, match=r"(?i)certificate|hostname"):
            fetch.get(f"https://www.other.gov:{server.port}/")
        with pytest.raises(Refused, match="from https to http"):
            fetch.get(f"{url}/down")
