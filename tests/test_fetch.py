"""The fetcher against a server that means well: caching, politeness, tries."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from ingest.fetch import BadStatus, Fetcher, Network, Politeness, Refused, Unreachable
from ingest.fetch.cache import Cache, Kept
from ingest.fetch.politeness import retry_after
from tests.replay import Answer, Asked, FakeTime, Replay, fetcher, html


def etagged(asked: Asked) -> Answer:
    if asked.headers.get("if-none-match") == '"v1"':
        return Answer(304, headers={"ETag": '"v1"'})
    return html("<p>the law</p>", ETag='"v1"', **{"Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"})


def test_a_document_comes_whole_and_says_where_from() -> None:
    with Replay(etagged) as server:
        got = fetcher(server).get(server.url("/a b?x=é".replace(" ", "%20"), "www.ministry.gov"))
    assert (got.status, got.body, got.etag) == (200, b"<p>the law</p>", '"v1"')
    assert got.content_type.startswith("text/html")
    assert got.final_url.endswith("/a%20b?x=%C3%A9")
    assert got.fetched_at.startswith("2026-11-21T12:00")
    asked = server.asked[0]
    assert asked.headers["host"] == f"www.ministry.gov:{server.port}"
    assert "Navicert" in asked.headers["user-agent"]
    assert asked.query == {"x": "é"}


def test_an_unchanged_document_is_not_sent_again(tmp_path: Path) -> None:
    with Replay(etagged) as server:
        fetch = fetcher(server, cache=tmp_path)
        first = fetch.get(server.url("/law"))
        again = fetcher(server, cache=tmp_path).get(server.url("/law"))
    assert not first.from_cache
    assert (again.not_modified, again.from_cache, again.body) == (True, True, first.body)
    assert again.fetched_at == first.fetched_at
    assert server.asked[1].headers["if-modified-since"] == "Sat, 21 Nov 2026 10:00:00 GMT"


def test_languages_are_kept_apart(tmp_path: Path) -> None:
    def by_language(asked: Asked) -> Answer:
        tongue = asked.headers["accept-language"]
        return Answer(304) if "if-none-match" in asked.headers else html(tongue, ETag=f'"{tongue}"')

    with Replay(by_language) as server:
        fetch = fetcher(server, cache=tmp_path)
        for tongue in ("eng", "deu", "eng"):
            assert fetch.get(server.url(), headers={"Accept-Language": tongue}).body.decode() == tongue


def test_what_the_caller_remembers_is_asked_for() -> None:
    with Replay(etagged) as server:
        got = fetcher(server).get(server.url(), etag='"v1"')
    assert (got.not_modified, got.from_cache, got.body) == (True, False, b"")


def test_not_modified_to_a_first_question_is_an_error() -> None:
    with Replay(lambda _: Answer(304)) as server, pytest.raises(BadStatus):
        fetcher(server).get(server.url())


@pytest.mark.parametrize("damage", ["cut", "flipped", "garbage", "empty"])
def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path, damage: str) -> None:
    with Replay(etagged) as server:
        fetch = fetcher(server, cache=tmp_path)
        fetch.get(server.url("/law"))
        (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
        whole = file.read_bytes()
        file.write_bytes(
            {"cut": whole[:-3], "flipped": whole[:-1] + b"!", "garbage": b"\xff{}\n", "empty": b""}[damage]
        )
        got = fetch.get(server.url("/law"))
    assert (got.status, got.body) == (200, b"<p>the law</p>")
    assert "if-none-match" not in server.asked[1].headers


def test_a_cache_that_cannot_be_written_does_not_stop_the_work(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    Cache(blocked).put("key", Kept("u", "u", "", "e", "", "", b"body"))
    assert Cache(blocked).get("key") is None


def test_a_busy_server_is_asked_again_later_and_later() -> None:
    time = FakeTime()
    answers = iter([Answer(503), Answer(500), html("at last")])
    with Replay(lambda _: next(answers)) as server:
        polite = Politeness(interval=0, tries=4, first_wait=1)
        got = fetcher(server, politeness=polite, clock=time.clock()).get(server.url())
    assert got.body == b"at last"
    assert time.slept == [0.75, 1.5]  # 1 and 2 seconds, less half of a random half


def test_the_tries_come_to_an_end() -> None:
    with Replay(lambda _: Answer(502)) as server, pytest.raises(BadStatus, match="502") as caught:
        fetcher(server, politeness=Politeness(interval=0, tries=3)).get(server.url())
    assert len(server.asked) == 3
    assert caught.value.status == 502


@pytest.mark.parametrize("status", [202, 204, 206, 300, 400, 401, 403, 404, 406, 410, 451])
def test_no_document_is_an_error_at_once(status: int) -> None:
    with Replay(lambda _: Answer(status)) as server, pytest.raises(BadStatus, match=str(status)):
        fetcher(server).get(server.url())
    assert len(server.asked) == 1


@pytest.mark.parametrize("header", ["7", "Sat, 21 Nov 2026 12:00:07 GMT"])
def test_retry_after_is_kept(header: str) -> None:
    time = FakeTime()
    answers = iter([Answer(429, headers={"Retry-After": header}), html("now")])
    with Replay(lambda _: next(answers)) as server:
        assert fetcher(server, clock=time.clock()).get(server.url()).body == b"now"
    assert time.slept == [7.0]


def test_a_server_that_wants_too_long_a_wait_is_left_alone() -> None:
    time = FakeTime()
    with (
        Replay(lambda _: Answer(429, headers={"Retry-After": "86400"})) as server,
        pytest.raises(BadStatus, match="86400"),
    ):
        fetcher(server, clock=time.clock()).get(server.url())
    assert time.slept == []


def test_retry_after_in_every_form() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert retry_after("120", now) == 120
    assert retry_after((now + timedelta(seconds=5)).strftime("%a, %d %b %Y %H:%M:%S GMT"), now) == 5
    assert retry_after("Fri, 20 Nov 2026 00:00:00 GMT", now) == 0
    assert retry_after("soon", now) is None
    assert retry_after("", now) is None
    assert retry_after("²", now) is None
    assert retry_after("9" * 5000, now) == float("inf")


def test_one_request_a_while_for_each_host() -> None:
    time = FakeTime()
    with Replay(lambda _: html("x")) as server:
        polite = Politeness(interval=2.0, intervals={"slow.gov.cn": 5.0})
        fetch = fetcher(server, politeness=polite, clock=time.clock())
        for host in ("www.bis.gov", "www.bis.gov", "slow.gov.cn", "slow.gov.cn", "www.bis.gov"):
            fetch.get(server.url("/", host))
    assert time.slept == [2.0, 5.0]  # the third visit to bis.gov comes late enough by itself


def test_waiting_for_a_turn_is_not_held_against_the_server() -> None:
    time = FakeTime()
    with Replay(lambda _: html("x")) as server:
        fetch = fetcher(server, politeness=Politeness(interval=1000.0), clock=time.clock())
        for _ in range(2):
            assert fetch.get(server.url()).status == 200


def test_environment_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Replay(lambda _: html("direct")) as server:
        assert fetcher(server).get(server.url()).body == b"direct"


def test_a_proxy_is_used_where_one_is_set() -> None:
    with Replay(lambda asked: html(asked.headers["host"])) as proxy:
        network = Network(resolver=lambda host, port: ["127.0.0.1"], proxy=proxy.url("", "proxy.corp.net"))
        fetch = Fetcher(network=network, clock=FakeTime().clock())
        assert fetch.get("http://www.ecfr.gov/").body == b"www.ecfr.gov"
        with pytest.raises(Refused):
            fetch.get("http://127.0.0.1/")
        assert len(proxy.asked) == 1


def test_secrets_are_sent_and_shown_nowhere(tmp_path: Path) -> None:
    def respond(asked: Asked) -> Answer:
        if asked.path == "/moved":
            return Answer(302, headers={"Location": f"/law?OC={quote(asked.query['OC'])}"})
        if asked.path == "/mangled":
            return Answer(302, headers={"Location": f"/law?OC={asked.query['OC']}"})
        if asked.path == "/bad":
            return Answer(404)
        return html(asked.query["OC"], ETag='"1"')

    with Replay(respond) as server:
        fetch = fetcher(server, cache=tmp_path)
        got = fetch.get(server.url("/moved?type=XML"), secret={"OC": "s3cret key"})
        assert got.body == b"s3cret key"
        with pytest.raises(BadStatus) as bad:
            fetch.get(server.url("/bad"), secret={"OC": "s3cret key"})
        with pytest.raises(Refused) as mangled:
            fetch.get(server.url("/mangled"), secret={"OC": "s3cret key"})
    for shown in (got.url, got.final_url, str(bad.value), str(mangled.value)):
        assert "s3cret" not in shown
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_host_that_is_not_there() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        return []

    with pytest.raises(Unreachable, match="no address"):
        Fetcher(network=Network(nowhere), clock=FakeTime().clock()).get("https://www.ecfr.gov/")
