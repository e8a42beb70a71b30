"""What the server of `segue serve` answers, and whom."""

import asyncio
import gzip
import io
import json
import zipfile

import httpx
import msgspec
import polars as pl
import pytest
from command_cases import URI
from jsonschema import Draft202012Validator
from web_cases import OFFERED, listening_at, served_run

from segue.serve.continuation import continue_playlists, load
from segue.serve.forms import Playlist
from segue.serve.pulls import pulls
from segue.web import wire
from segue.web.app import endpoints
from segue.web.guard import BODY_BYTES, CSP, Buckets, Rate
from segue.web.listen import guarded

TRACKS = [URI(number) for number in (30, 31, 32)]
MINE = {"tracks": TRACKS, "title": "gym", "n": 7}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("a run")


@pytest.fixture(scope="module")
def served(folder):
    served = served_run(folder)
    yield served
    served.close()


@pytest.fixture(scope="module")
def client(served):
    host, port = listening_at(served, ["segue.example"])
    with httpx.Client(base_url=f"http://{host}:{port}") as client:
        yield client


def got(client, path, status=200, **options):
    """The JSON of an answer, whose headers are looked at."""
    answer = client.get(path, **options)
    return checked(answer, status)


def posted(client, path, body, status=200, kind="application/json", headers=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return checked(client.post(path, content=body, headers={"Content-Type": kind, **(headers or {})}), status)


def checked(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.json()


def test_the_run(client):
    run = got(client, "/api/run")
    assert (run["playlists"], run["tracks"], run["best"], run["invented"]) == (3, 600, OFFERED[0], True)
    assert [(one["id"], one["label"], one["kind"], one["explains"]) for one in run["models"]] == [
        ("lgc-random-fixed", "LightGCN random, fixed α", "network", "exact"),
        ("als", "ALS", "baseline", "exact"),
        ("knn", "Item-kNN", "baseline", "exact"),
    ]
    assert run["limits"] == msgspec.to_builtins(wire.Limits())


@pytest.mark.parametrize("name", OFFERED)
def test_the_answers_are_those_of_the_library(client, folder, name):
    answer = posted(client, "/api/continue", MINE | {"models": [name]})
    (mine,) = answer["answers"]
    model = load(folder / "results", name)
    table = continue_playlists(model, [Playlist(TRACKS, "gym")], 7)
    columns = ("rank", "track_uri", "track_name", "artist_name")
    keys = ("rank", "uri", "name", "artist")
    assert [[one[key] for key in keys] for one in mine["proposals"]] == [
        list(row) for row in table.select(columns).iter_rows()
    ]
    assert [one["score"] for one in mine["proposals"]] == pytest.approx(table["score"].to_list(), rel=1e-5)
    assert (mine["path"], mine["exact"]) == ("tracks", True)
    assert {one["hit"] for one in mine["proposals"]} == {None}
    found = pulls(model, Playlist(TRACKS), table["track_uri"])
    for proposal in mine["proposals"]:
        own = found.filter(pl.col("track_uri") == proposal["uri"], pl.col("given").is_not_null())
        strongest = own.filter(pl.col("pull") > 0).sort("pull", descending=True).head(3)
        assert [one["given"] for one in proposal["pulls"]] == strongest["given"].to_list()
    assert [one["used"] for one in answer["given"]] == ["graph"] * 3


def test_models_answer_side_by_side_and_tracks_count_once(client):
    answer = posted(client, "/api/continue", MINE | {"tracks": TRACKS * 2, "models": ["knn", "als", "knn"]})
    assert [one["model"] for one in answer["answers"]] == ["knn", "als"]
    assert [one["uri"] for one in answer["given"]] == TRACKS


def test_hits_are_the_test_edges_of_the_playlist(client):
    """Of pid 72, playlist 1, these are the tracks 1 and 4."""
    playlist = got(client, "/api/playlists/72")
    uris = [one["uri"] for one in playlist["tracks"]]
    assert (playlist["held_out"], len(uris)) == (2, 18)
    assert not {URI(1), URI(4)} & {*uris}
    asked = {"tracks": uris, "title": playlist["title"], "pid": 72, "n": 500, "models": ["als"]}
    proposals = posted(client, "/api/continue", asked)["answers"][0]["proposals"]
    hits = {one["uri"] for one in proposals if one["hit"]}
    assert hits == {URI(1), URI(4)} & {one["uri"] for one in proposals}
    assert {one["hit"] for one in proposals} <= {True, False}


def test_what_is_not_known_is_used_by_its_title_or_refused(client):
    alone = posted(client, "/api/continue", {"tracks": [URI(999)], "title": "gym", "n": 3})
    assert alone["given"] == [{"uri": URI(999), "name": None, "artist": None, "used": "unused"}]
    assert (alone["answers"][0]["path"], alone["answers"][0]["exact"]) == ("title", False)
    for asked, said in (
        ({}, "A playlist is empty and has no title."),
        ({"tracks": [URI(999)]}, "No track of the playlists is known."),
        ({"tracks": ["no uri"]}, "A track is named by no uri."),
        ({"tracks": [URI(number) for number in range(300)], "n": 400}, "There are not that many tracks"),
    ):
        problem = posted(client, "/api/continue", asked, 400)["error"]
        assert problem["what"].startswith(said)
        assert set(problem) == {"what", "where", "found", "expected", "fix"}


def test_questions_at_once_are_answered_each_as_if_alone(served):
    """Together where the thread that answers is busy; one that is refused spoils no other."""

    def question(number):
        return wire.Question(tracks=[URI(number), URI(number + 1)] if number % 5 else [], n=1 + number % 9)

    async def at_once():
        asked = (served.continued(question(number)) for number in range(40))
        return await asyncio.gather(*asked, return_exceptions=True)

    together = asyncio.run(at_once())
    for number, one in enumerate(together):
        if number % 5 == 0:
            assert str(one).startswith("A playlist is empty")
            continue
        alone = asyncio.run(served.continued(question(number)))
        assert [each.uri for each in one.answers[0].proposals] == [
            each.uri for each in alone.answers[0].proposals
        ]
        assert len(one.answers[0].proposals) == 1 + number % 9


def test_tracks_and_playlists_are_found(client):
    assert got(client, "/api/tracks?q=sng+17&n=1")["tracks"] == [
        {"uri": URI(17), "name": "Song 17", "artist": "Artist 3", "in_graph": True}
    ]
    found = {"pid": 72, "title": "New Classic Metal 🔥", "tracks": 18, "held_out": 2}
    for asked in ("metal new", "72", "METAL"):
        assert got(client, f"/api/playlists?q={asked}")["playlists"] == [found]
    assert len(got(client, "/api/playlists")["playlists"]) == 3
    assert got(client, "/api/playlists?q=nothing")["playlists"] == []
    assert got(client, "/api/playlists?q=73")["why"] == "The graph has no playlist with the number 73."
    assert got(client, "/api/playlists/73", 404)["error"]["found"] == "73"
    for query in ("n=0", "n=101", "n=x", "n=1&n=2", f"q={'a' * 201}"):
        assert got(client, f"/api/tracks?{query}", 400)["error"]["where"] == query[0]


def test_files_of_every_kind_are_read(client):
    text = f"# title: mine\n{URI(30)}\nArtist 3 - Song 31\nArtist 3 - Sonk 31\nnothing\n".encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/my.txt", text)
    for name, data in (
        ("my.txt", text),
        ("", text),
        ("my.txt.gz", gzip.compress(text)),
        ("my.zip", archive.getvalue()),
    ):
        read = posted(client, f"/api/read?name={name}", data, kind="application/octet-stream")
        (playlist,) = read["playlists"]
        assert playlist["title"] == "mine"
        assert [one["uri"] for one in playlist["tracks"]] == [URI(30), URI(31)]
        assert [(one["place"], one["text"]) for one in read["left_out"]] == [
            ("line 4", "Artist 3 - Sonk 31"),
            ("line 5", "'nothing'"),
        ]
        assert (read["num_left_out"], read["notes"], playlist["more"]) == (2, [], 0)
    table = b"playlist,artist,title\na,Artist 3,Song 3\nb,Artist 4,Song 4\n"
    read = posted(client, "/api/read?name=t.csv", table, kind="application/octet-stream")
    assert [one["title"] for one in read["playlists"]] == ["a", "b"]


def test_what_is_read_at_once_is_what_would_be_read_else(client, monkeypatch):
    known = f"# title: mine\n{URI(30)}\nartist 3 - SONG 31\nArtist 3 - Song 31\nnothing\n"
    files = [(known + more).encode() for more in ("", "Artist 3 - Song 3l\n", "\n" * 10_000)]
    files += [b"playlist,artist,title\na,Artist 3,Song 3\nb,Artist 4,Song 4\n", b"[]", b""]

    def read():
        sent = {"headers": {"Content-Type": "application/octet-stream"}}
        return [client.post("/api/read?name=a", content=data, **sent).json() for data in files]

    at_once = read()
    assert [one["uri"] for one in at_once[0]["playlists"][0]["tracks"]] == [URI(30), URI(31)]
    monkeypatch.setattr("segue.web.served.QUICK_BYTES", -1)
    assert read() == at_once


def test_what_a_file_may_hold_has_bounds(client):
    def read(name, data, status=200):
        return posted(client, f"/api/read?name={name}", data, status, "application/octet-stream")

    many = "\n".join(URI(number) for number in range(700)).encode()
    answer = read("a.txt", many)
    assert len(answer["playlists"][0]["tracks"]) == wire.TRACKS
    assert (answer["playlists"][0]["more"], answer["left_out"], answer["notes"]) == (200, [], [])
    answer = read("a.txt", many + b"\nnothing" * 1_000)
    assert (len(answer["left_out"]), answer["num_left_out"]) == (200, 1_000)
    table = "\n".join(f"{name},{URI(number)}" for name in range(12) for number in range(480))
    answer = read("a.csv", b"playlist,track_uri\n" + table.encode())
    assert [(len(one["tracks"]), one["more"]) for one in answer["playlists"]] == [
        *[(480, 0)] * 10,
        (200, 280),  # wire.FILE_TRACKS in all
        (0, 480),
    ]
    answer = read("a.txt", "\n".join(f"Artist 3 - Song {n}" for n in range(2_001)).encode())
    assert answer["notes"] == ["of 2,001 tracks by name the first 2,000 were looked for"]
    answer = read("a.txt", f"{URI(3)}\nBj\xf6rk - Song\n".encode("cp1252"))
    assert answer["notes"] == ["read as cp1252: not UTF-8, by the byte 0xf6 of line 2"]
    assert [one["place"] for one in answer["left_out"]] == ["line 2"]
    bomb = gzip.compress(b"\n" * 2**25)
    assert len(bomb) < 2**16
    assert "when unpacked" in read("a.txt.gz", bomb, 400)["error"]["found"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.txt", b"\n" * 2**25)
    assert "when unpacked" in read("a.zip", archive.getvalue(), 400)["error"]["found"]
    for data in (b"", b"\0", gzip.compress(b"x")[:-4], b"PK\x03\x04rubbish", b"[" * 10_000):
        read("a.gz" if data[:1] == b"\x1f" else "a.json", data, 400)


def test_the_description_holds_for_its_own_questions_and_answers(client, served):
    spec = got(client, "/openapi.json")
    assert spec["openapi"].startswith("3.1")
    assert set(spec["paths"]) == {one.path.replace(":int", "") for one in endpoints(served)}
    answers = {
        "/api/run": ("get", got(client, "/api/run")),
        "/api/tracks": ("get", got(client, "/api/tracks?q=song")),
        "/api/playlists": ("get", got(client, "/api/playlists")),
        "/api/playlists/{pid}": ("get", got(client, "/api/playlists/5")),
        "/api/continue": ("post", posted(client, "/api/continue", MINE)),
        "/api/read": ("post", posted(client, "/api/read", b"x - y", kind="application/octet-stream")),
    }
    for path, (method, answer) in answers.items():
        content = spec["paths"][path][method]["responses"]["200"]["content"]["application/json"]
        validator = Draft202012Validator({**content["schema"], "components": spec["components"]})
        assert not [*validator.iter_errors(answer)], path
    body = spec["paths"]["/api/continue"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    question = Draft202012Validator({**body, "components": spec["components"]})
    assert not [*question.iter_errors(MINE)]
    for wrong in ({"n": 0}, {"tracks": ["x"] * 501}, {"x": 1}, {"pid": -1}, {"title": "x" * 201}):
        assert [*question.iter_errors(wrong)]
        posted(client, "/api/continue", wrong, 400)


def test_the_page_is_served_and_no_other_file(client):
    page = client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"] == CSP
    assert "<script>" not in page.text
    assert " style=" not in page.text
    for path in ("/static/%2e%2e/app.py", "/static/index.html", "/static/", "/static", "/x"):
        got(client, path, 404)
    assert client.delete("/").status_code == client.post("/api/run").status_code == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "localhost.evil.example"}, 421),
        ({"Host": ""}, 421),
        ({"Host": "segue.example"}, 200),
        ({"Host": "SEGUE.example.:80"}, 200),
        ({"Host": "127.0.0.1:9"}, 200),
        ({"Host": "[::1]:9"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8001"}, 403),
        ({"Host": "localhost:8000", "Origin": "http://localhost:8000"}, 200),
        ({"Host": "localhost:8000", "Origin": "https://localhost:8000"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
    ],
)
def test_only_its_own_page_asks(client, headers, status):
    got(client, "/api/run", status, headers=headers)
    posted(client, "/api/continue", MINE, status, headers=headers)
    # To the page itself another one may lead.
    assert client.get("/", headers=headers).status_code == (421 if status == 421 else 200)


def test_bodies_have_a_type_and_a_size(client):
    for kind in ("", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream"):
        posted(client, "/api/continue", MINE, 415, kind)
    posted(client, "/api/continue", MINE, 200, "Application/JSON; charset=utf-8")
    posted(client, "/api/read", b"x", 415)
    posted(client, "/api/continue", b" " * (BODY_BYTES + 1), 413)
    posted(client, "/api/read", b" " * (wire.FILE_BYTES + 1), 413, "application/octet-stream")
    chunks = (b" " * 1000 for _ in range(100))  # without a length
    answer = client.post("/api/continue", content=chunks, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


def test_an_address_has_a_rate(served):
    transport = httpx.ASGITransport(guarded(served, rate=Rate(0.001, 3)))

    async def asked():
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return [await client.get("/openapi.json") for _ in range(5)]

    answers = asyncio.run(asked())
    assert [one.status_code for one in answers] == [200] * 3 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 100


def test_tokens_come_back_and_few_addresses_are_remembered():
    now = [0.0]
    buckets = Buckets(Rate(2, 3), clock=lambda: now[0])
    assert [buckets.wait("a") for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    now[0] = 1
    assert [buckets.wait("a") for _ in range(3)] == [0, 0, 0.5]
    assert buckets.wait("b") == 0
    now[0] = 1000
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    for number in range(5000):
        buckets.wait(str(number))
    assert len(buckets._buckets) == 4096
