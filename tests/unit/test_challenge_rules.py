import gzip
import tracemalloc
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.challenge.rules import Rule, Violation, violations
from segue.challenge.submission import write_submission
from segue.errors import SegueError

HEADER = "team_info,main,my team name,my@example.org"
# In the order of the challenge set, which a submission need not keep.
SEEDS = {1000: [], 1001: [3, 3, 4], 1002: [0, 600, 601]}


def uri(number):
    return f"spotify:track:{number:022}"


SET = [SimpleNamespace(pid=pid, title=None, tracks=tuple(map(uri, tracks))) for pid, tracks in SEEDS.items()]


def tracks(pid):
    """500 tracks that are no seeds of ``pid``."""
    return [uri(number) for number in range(600) if number not in SEEDS.get(pid, ())][:500]


def line(pid, uris=None):
    return ", ".join([str(pid), *(tracks(pid) if uris is None else uris)])


def submission(**changed):
    """The lines of a right submission, some of them changed: ``second=...`` is that after the header."""
    lines = {"header": HEADER, "first": line(1001), "second": line(1000), "third": line(1002)}
    return list((lines | changed).values())


@pytest.fixture
def judge(tmp_path):
    def judge(lines, name="a.csv"):
        text = lines if isinstance(lines, bytes) else "\n".join([*lines, ""]).encode()
        (tmp_path / name).write_bytes(text)
        return violations(SET, tmp_path / name)

    return judge


def replaced(pid, changes):
    uris = tracks(pid)
    for place, track in changes.items():
        uris[place] = track
    return line(pid, uris)


def test_a_right_submission(judge):
    assert judge(submission()) == []
    assert judge(gzip.compress("\n".join(submission()).encode()), "a.csv.gz") == []


def test_what_the_rules_allow_besides(judge):
    spaced = replaced(1000, {7: f"\t{uri(550)}  "})
    lines = ["# a comment", "", "  \t", submission()[0].replace(",", " , "), "#", line(1001), spaced]
    assert judge([*lines, "# 1001, twice", line(1002), ""]) == []
    assert judge("\r\n".join(submission()).encode()) == []
    assert judge(submission(header="team_info,creative,🔥 日本's,x")) == []
    assert judge(submission(header="team_info,my team name,my@example.org")) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"third": replaced(1002, {8: uri(600)})}, (4, Rule.SEED, f"track 9, '{uri(600)}'")),
        (
            {"third": replaced(1002, {8: uri(600), 0: uri(0), 99: uri(601)})},
            (4, Rule.SEED, f"track 1, '{uri(0)}', and 2 more"),
        ),
        ({"first": line(1001, tracks(1001)[1:])}, (2, Rule.COUNT, "499 tracks")),
        ({"first": line(1001, [*tracks(1001), uri(599)])}, (2, Rule.COUNT, "501 tracks")),
        ({"second": "1000"}, (3, Rule.COUNT, "0 tracks")),
        ({"second": replaced(1000, {499: uri(20)})}, (3, Rule.DUPLICATE, f"track 500, '{uri(20)}'")),
        (
            {"second": replaced(1000, {497: uri(20), 498: uri(20), 499: uri(21)})},
            (3, Rule.DUPLICATE, f"track 498, '{uri(20)}', and 2 more"),
        ),
        *(
            ({"second": replaced(1000, {1: wrong})}, (3, Rule.URI, f"track 2, {wrong!r}"))
            for wrong in (
                "",
                "0" * 22,
                "spotify:track:",
                uri(1)[:-1],
                uri(1) + "0",
                uri(1)[:-1] + "-",
                uri(1)[:-1] + "é",
                uri(1).replace("track", "artist"),
                uri(1).upper(),
                "https://open.spotify.com/track/" + "0" * 22,
                f'"{uri(1)}"',
            )
        ),
        ({"third": line(1001)}, (4, Rule.ONE_LINE, "the pid 1001 again, after line 2")),
        ({"third": line(999)}, (4, Rule.PID, "'999' is not in the challenge set")),
        ({"third": line("one")}, (4, Rule.PID, "'one' is no number")),
        ({"third": line("-1002")}, (4, Rule.PID, "'-1002' is no number")),
        ({"third": line("1_002")}, (4, Rule.PID, "'1_002' is no number")),
        ({"third": line("١٠٠٢")}, (4, Rule.PID, "'١٠٠٢' is no number")),
        ({"third": line("9" * 5000)}, (4, Rule.PID, f"'{'9' * 59}…' is not in the challenge set")),
        ({"third": line("")}, (4, Rule.PID, "'' is no number")),
        ({"third": " # " + line(1002)}, (4, Rule.PID, "'# 1002' is no number")),
        ({"third": HEADER}, (4, Rule.TEAM_INFO, "team_info on a later line")),
    ],
)
def test_the_line_and_the_rule_are_named(judge, changed, expected):
    found = judge(submission(**changed))
    assert found[0] == Violation(*expected)
    # A line that answers for no playlist leaves one without an answer; nothing else is wrong.
    answered = expected[1] not in (Rule.PID, Rule.ONE_LINE, Rule.TEAM_INFO)
    assert found[1:] == ([] if answered else [Violation(None, Rule.ONE_LINE, "no line of the pid 1002")])


@pytest.mark.parametrize(
    "header",
    [
        "team_info,main,my team name",
        "team_info,my team name,main,my@example.org",
        "team_info,Main,my team name,my@example.org",
        "team_info,main,,my@example.org",
        "team_info,main,a,b,c",
        "team info,main,my team name,my@example.org",
        "pid,main,a,b",
        "\ufeff" + HEADER,
        " # a comment",
    ],
)
def test_a_wrong_header(judge, header):
    assert judge(["# a comment", *submission(header=header)]) == [(2, Rule.TEAM_INFO, repr(header.strip()))]


def test_no_header(judge):
    (found,) = judge(submission()[1:])
    assert found[:2] == (1, Rule.TEAM_INFO)


def test_missing_playlists_come_last_in_the_order_of_the_set(judge):
    missing = [Violation(None, Rule.ONE_LINE, f"no line of the pid {pid}") for pid in SEEDS]
    assert judge(submission()[:2]) == [missing[0], missing[2]]
    assert judge([HEADER]) == missing
    assert judge(b"") == judge(["# only this"]) == [Violation(None, Rule.TEAM_INFO, "no line"), *missing]
    assert str(missing[0]).startswith("the file: no line of the pid 1000 (rule: there is one line for each")


def test_several_faults_of_a_line(judge):
    wrong = replaced(1001, {5: uri(3), 6: "x", 7: uri(4), 8: uri(4)})
    found = judge(submission(first=f"{wrong}, x"))
    assert [(number, rule) for number, rule, _ in found] == [
        (2, rule) for rule in (Rule.COUNT, Rule.URI, Rule.DUPLICATE, Rule.SEED)
    ]
    assert str(found[0]) == "line 2: 501 tracks (rule: a line holds exactly 500 tracks)"


def test_bytes_that_are_no_text(judge):
    lines = [text.encode() for text in submission()]
    latin = HEADER.replace("my team", "café").encode("latin-1")
    assert judge(b"\n".join([latin, *lines[1:]])) == [
        (1, Rule.READABLE, "no UTF-8, by the byte 0xe9; the rest is not read")
    ]
    found = judge(b"\n".join([*lines[:2], lines[2][:-1] + b"\xff", lines[3]]))
    assert [(number, rule) for number, rule, _ in found] == [(3, Rule.READABLE)]
    packed = gzip.compress(b"\n".join(lines))
    why = "packed by gzip, and its name does not end with .gz; the rest is not read"
    assert judge(packed) == [(1, Rule.READABLE, why)]
    assert judge(packed, "A.CSV.GZ") == []
    why = "no text: it has the byte 0x00; the rest is not read"
    assert judge(b"\n".join([lines[0], b"\0\1", *lines[1:]])) == [(2, Rule.READABLE, why)]


def test_damaged_gzip(judge):
    whole = gzip.compress("\n".join(submission()).encode())
    for damaged in (
        whole[:-1],
        whole[: len(whole) // 2],
        whole[:40] + b"\xff" * 9 + whole[49:],
        b"text",
        whole[:9],
    ):
        found = judge(damaged, "a.csv.gz")
        assert found[-1].rule == Rule.READABLE
        assert "gzip" in found[-1].what
        assert Rule.ONE_LINE not in {rule for _, rule, _ in found}
    wrong_sum = whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:]
    assert judge(wrong_sum, "a.csv.gz")[-1].rule == Rule.READABLE


def test_a_line_that_does_not_end_is_not_read(judge):
    trap = gzip.compress(f"{HEADER}\n1000,".encode() + b" " * 2**25)
    tracemalloc.start()
    found = judge(trap, "a.csv.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**23
    assert found == [(2, Rule.COUNT, "over 1,048,576 bytes; the rest is not read")]


def test_what_is_no_challenge_set_or_no_file(tmp_path):
    with pytest.raises(SegueError, match="cannot be read"):
        violations(SET, tmp_path / "none.csv")
    with pytest.raises(SegueError, match="cannot be read"):
        violations(SET, tmp_path)
    with pytest.raises(SegueError, match="pid 1000 again"):
        violations([*SET, SET[0]], tmp_path / "a.csv")
    with pytest.raises(SegueError, match="no pid"):
        violations([SimpleNamespace(pid=None, tracks=())], tmp_path / "a.csv")
    with pytest.raises(SegueError, match=r"where: a\.json: playlist number 4\n"):
        violations([*SET, SET[0]], tmp_path / "a.csv", "a.json")
    with pytest.raises(SegueError, match="no playlist"):
        violations([], tmp_path / "a.csv")


FIELD = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=',"'), min_size=1
)


@settings(max_examples=30)
@given(
    seeds=st.dictionaries(
        st.integers(0, 2**40), st.lists(st.integers(0, 700), max_size=100), min_size=1, max_size=3
    ),
    team=FIELD.filter(str.strip),
    contact=FIELD.filter(str.strip),
    challenge_track=st.sampled_from(["main", "creative"]),
    ending=st.sampled_from(["csv", "csv.gz"]),
)
def test_what_is_written_is_right(tmp_path_factory, seeds, team, contact, challenge_track, ending):
    path = tmp_path_factory.mktemp("submission") / f"a.{ending}"
    rows = [
        (pid, rank, uri(number))
        for pid, own in reversed(seeds.items())
        for rank, number in enumerate((n for n in range(999, 0, -1) if n not in own), start=1)
        if rank <= 500
    ]
    table = pl.DataFrame(rows, schema=["pid", "rank", "track_uri"], orient="row")
    write_submission(table, path, team, contact, challenge_track)
    playlists = [SimpleNamespace(pid=pid, tracks=tuple(map(uri, own))) for pid, own in seeds.items()]
    assert violations(playlists, path) == []
    # And a seed is found where it stands.
    playlists[0].tracks += (rows[-1][2],)
    assert [(number, rule) for number, rule, _ in violations(playlists, path)] == [
        (len(seeds) + 1, Rule.SEED)
    ]
