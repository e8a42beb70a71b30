import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.data.slices import Source, batches, files_of, sample_slices, select_slices, slice_name
from segue.errors import SegueError

MPD = [slice_name(first, first + 999) for first in range(0, 1_000_000, 1000)]


@pytest.fixture
def folder(tmp_path):
    def make(*names: str) -> Path:
        for name in names:
            (tmp_path / name).touch()
        return tmp_path

    return make


def pids(slices: list[Source]) -> list[str]:
    return [source.name.removeprefix("mpd.slice.").removesuffix(".json") for source in slices]


def test_a_slice_is_named_by_its_first_and_last_pid():
    assert slice_name(1000, 1999) == "mpd.slice.1000-1999.json"


def test_numeric_order_goes_by_first_pid(folder):
    names = ["mpd.slice.100000-100999.json", "mpd.slice.2000-2999.json", "mpd.slice.10000-10999.json"]
    selected = select_slices(folder(*names, "mpd.slice.0-999.json"), "all", "numeric")
    assert pids(selected) == ["0-999", "2000-2999", "10000-10999", "100000-100999"]
    assert all(Path(source.path).exists() for source in selected)


def test_lexicographic_order_goes_by_the_text_of_the_name(folder):
    mpd = folder(*MPD)
    first = select_slices(mpd, 50, "lexicographic")
    assert pids(first)[:5] == ["0-999", "1000-1999", "10000-10999", "100000-100999", "101000-101999"]
    assert pids(first)[12:15] == ["109000-109999", "11000-11999", "110000-110999"]
    assert [source.name for source in first] == sorted(MPD)[:50]
    assert len(set(first) & set(select_slices(mpd, 50, "numeric"))) == 7


def test_the_first_fifty_numeric_slices_are_the_first_fifty_thousand_playlists(folder):
    selected = select_slices(folder(*MPD), 50, "numeric")
    assert pids(selected) == [f"{first}-{first + 999}" for first in range(0, 50_000, 1000)]
    assert len(select_slices(folder(), "all", "numeric")) == 1000


def test_other_files_and_folders_are_ignored(folder):
    others = ["challenge_set.json", "mpd.slice.5-9.json.bz2", "x.mpd.slice.5-9.json", "mpd.slice.5-9.json~"]
    found = folder(*others, "mpd.slice.a-b.json", "mpd.slice.0-4.json", ".mpd.slice.5-9-123.json")
    (found / "mpd.slice.5-9").mkdir()
    (found / "folder.zip").mkdir()
    assert pids(select_slices(found, "all", "numeric")) == ["0-4"]


def test_a_relative_folder_gives_relative_paths(folder, monkeypatch):
    monkeypatch.chdir(folder("mpd.slice.0-4.json"))
    assert select_slices(".", 1, "numeric") == [Source("mpd.slice.0-4.json")]


def message(*arguments) -> str:
    with pytest.raises(SegueError) as caught:
        select_slices(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("word", ["{batch}", "{ x.y }", "{0}", "{a,b}"])
def test_a_word_in_braces_would_be_a_wildcard(tmp_path, word):
    place = tmp_path / f"a {word} b"
    text = message(place, "all", "numeric")
    assert "which Snakemake takes for a wildcard" in text
    assert f"found: {word}\n" in text


def test_a_missing_folder_is_named(tmp_path):
    text = message(tmp_path / "mpd", 5, "numeric")
    assert f"where: {tmp_path / 'mpd'}\n" in text
    assert "found: No such file or directory\n" in text
    assert (
        "expected: a folder with files named mpd.slice.{first pid}-{last pid}.json, .json.gz or .json.zst"
        in text
    )
    assert "set data.dir to the folder of your slices, or data.source to sample" in text


def test_a_file_is_no_folder(folder):
    text = message(folder("mpd.slice.0-4.json") / "mpd.slice.0-4.json", 1, "numeric")
    assert "found: Not a directory\n" in text


@pytest.mark.parametrize(("count", "expected"), [("all", "one or more"), (3, "3")])
def test_a_folder_without_slices(folder, count, expected):
    text = message(folder("notes.txt"), count, "numeric")
    assert text.startswith("There is no slice in the folder.\n")
    assert "found: no slice\n" in text
    assert f"expected: {expected} file(s) named mpd.slice." in text


def test_too_few_slices_are_counted_and_their_pids_shown(folder):
    names = [slice_name(first, first + 999) for first in (4000, 0, 1000, 5000, 10_000)]
    text = message(folder(*names), 6, "numeric")
    assert "found: 5 slice(s) with the pids 0-1999, 4000-5999, 10000-10999\n" in text
    assert "expected: 6 file(s)" in text
    assert "lower data.slices" in text


def test_the_pids_of_many_scattered_slices_are_cut_short(folder):
    text = message(folder(*MPD[::2]), 1000, "numeric")
    assert "found: 500 slice(s) with the pids 0-999, 2000-2999, " in text
    assert "18000-18999 and 490 more ranges\n" in text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mpd.slice.0-499.json", "mpd.slice.0-999.json"),
        ("mpd.slice.0-999.json", "mpd.slice.00-99.json"),
        ("mpd.slice.1000-1999.json", "mpd.slice.1999-2998.json"),
        ("mpd.slice.0-999.json", "mpd.slice.0-999.json.gz"),
        ("mpd.slice.1000-9999.json", "mpd.slice.3000-3999.json"),
    ],
)
@pytest.mark.parametrize("order", ["numeric", "lexicographic"])
def test_slices_that_claim_the_same_pids_are_named(folder, one, other, order):
    found = folder(one, other, "mpd.slice.20000-20999.json")
    text = message(found, 1, order)
    assert text.startswith("Two slices claim the same pids.\n")
    assert one in text
    assert other in text
    assert "20000" not in text
    (found / other).unlink()
    assert len(select_slices(found, "all", order)) == 2


def test_a_range_that_runs_backwards_is_refused(folder):
    text = message(folder("mpd.slice.999-0.json"), 1, "numeric")
    assert "mpd.slice.999-0.json\n" in text
    assert "found: first pid 999, last pid 0\n" in text


def archive(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "{}")
    return path


def test_packed_slices_stand_beside_plain_ones(folder):
    found = folder("mpd.slice.10-19.json.zst", "mpd.slice.0-9.json.gz", "mpd.slice.30-39.json")
    archive(
        found / "more.zip", "data/", "data/deep/mpd.slice.20-29.json", "data/readme.txt", "mpd.slice.5.json"
    )
    selected = select_slices(found, "all", "numeric")
    assert selected == [
        Source(f"{found}/mpd.slice.0-9.json.gz"),
        Source(f"{found}/mpd.slice.10-19.json.zst"),
        Source(f"{found}/more.zip", "data/deep/mpd.slice.20-29.json"),
        Source(f"{found}/mpd.slice.30-39.json"),
    ]
    assert [source.pids for source in selected] == [(0, 9), (10, 19), (20, 29), (30, 39)]
    assert {source.plain_name for source in selected} == {slice_name(i, i + 9) for i in (0, 10, 20, 30)}
    assert [source.is_plain for source in selected] == [False, False, False, True]
    assert str(selected[2]) == f"{found}/more.zip: data/deep/mpd.slice.20-29.json"


def test_an_archive_is_a_place_of_its_own(tmp_path):
    path = archive(tmp_path / "mpd.zip", "data/mpd.slice.10-19.json", "data/mpd.slice.0-9.json.gz")
    selected = select_slices(path, "all", "numeric")
    assert selected == [
        Source(str(path), "data/mpd.slice.0-9.json.gz"),
        Source(str(path), "data/mpd.slice.10-19.json"),
    ]
    assert files_of(selected) == [str(path)]


def test_pids_in_an_archive_and_beside_it_are_claimed_twice(folder):
    found = folder("mpd.slice.0-9.json")
    archive(found / "mpd.zip", "data/mpd.slice.0-9.json")
    text = message(found, "all", "numeric")
    assert f"found: {found}/mpd.slice.0-9.json and {found}/mpd.zip: data/mpd.slice.0-9.json\n" in text


def test_a_damaged_archive_is_named(folder):
    text = message(folder("mpd.zip"), "all", "numeric")
    assert text.startswith("A zip archive cannot be read.\n")
    assert "mpd.zip\n" in text


def test_an_archive_for_a_later_version_of_zip_is_named(tmp_path):
    path = archive(tmp_path / "mpd.zip", "mpd.slice.0-9.json")
    whole = bytearray(path.read_bytes())
    whole[whole.rindex(b"PK\x01\x02") + 6] = 99  # the version that is needed to extract, in the directory
    path.write_bytes(whole)
    text = message(tmp_path, "all", "numeric")
    assert text.startswith("A zip archive cannot be read.\n")
    assert "found: zip file version 9.9\n" in text


def test_what_has_the_name_of_a_slice_must_be_a_file(tmp_path):
    path = tmp_path / "mpd.slice.0-9.json"
    for make, found in (
        (path.mkdir, "a folder"),
        (lambda: path.symlink_to(tmp_path / "gone"), "a link that leads nowhere (No such file or directory)"),
        (lambda: os.mkfifo(path), "a pipe"),
    ):
        make()
        text = message(tmp_path, "all", "numeric")
        assert f"where: {path}\n  found: {found}\n" in text
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize("below", ["data", "spotify_million_playlist_dataset/data"])
def test_slices_in_the_only_folder_below_that_has_some(tmp_path, below):
    (tmp_path / "src").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/mpd.slice.0-9.json").touch()
    folder = tmp_path / below
    folder.mkdir(parents=True)
    for name in ("mpd.slice.10-19.json", "mpd.slice.0-9.json.gz"):
        (folder / name).touch()
    archive(folder / "more.zip", "mpd.slice.20-29.json")
    assert select_slices(tmp_path, "all", "numeric") == [
        Source(f"{folder}/mpd.slice.0-9.json.gz"),
        Source(f"{folder}/mpd.slice.10-19.json"),
        Source(f"{folder}/more.zip", "mpd.slice.20-29.json"),
    ]
    # The folder's own come first, and what lies below is another matter.
    (tmp_path / "mpd.slice.0-9.json").touch()
    assert select_slices(tmp_path, "all", "numeric") == [Source(f"{tmp_path}/mpd.slice.0-9.json")]


def test_slices_in_several_folders_below(tmp_path):
    for name in ("data", "old"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mpd.slice.0-9.json").touch()
    text = message(tmp_path, "all", "numeric")
    assert text.startswith("Several folders have slices.\n")
    assert f"found: {tmp_path}/data (1), {tmp_path}/old (1)\n" in text
    assert f"set data.dir to one of them, such as {tmp_path}/data" in text


@pytest.mark.parametrize(
    "name",
    [
        "mpd.slice.0-999 (1).json",
        "mpd.slice.0-999(2).json",
        "mpd.slice.0-999 copy.json",
        "mpd.slice.0-999 copy 2.json",
        "mpd.slice.0-999 - Copy.json",
        "mpd.slice.0-999 - Copy (2).json",
        "Copy of mpd.slice.0-999.json",
        "mpd.slice.0-999.json (1).gz",
        "MPD.slice.0-999.JSON",
    ],
)
def test_a_copy_is_the_slice_unless_both_are_there(folder, name):
    found = folder(name)
    (source,) = select_slices(found, "all", "numeric")
    assert source == Source(f"{found}/{name}")
    assert (source.name, source.plain_name, source.pids) == (name, "mpd.slice.0-999.json", (0, 999))
    assert source.is_plain == (not name.endswith(".gz"))
    text = message(folder("mpd.slice.0-999.json"), "all", "numeric")
    assert text.startswith("Two slices claim the same pids.\n")
    assert f"{found}/{name}" in text
    assert f"{found}/mpd.slice.0-999.json" in text


@pytest.mark.parametrize(
    ("name", "command"),
    [("mpd.tar.gz", "tar -xf"), ("mpd.TGZ", "tar -xf"), ("mpd.7z", "7z x"), ("mpd.rar", "unrar x")],
)
@pytest.mark.parametrize("below", [".", "download"])
def test_an_archive_that_is_not_looked_into_is_named(tmp_path, name, command, below):
    (tmp_path / below).mkdir(exist_ok=True)
    path = tmp_path / below / name
    path.touch()
    text = message(tmp_path, "all", "numeric")
    assert f"found: no slice; not looked into: {path}\n" in text
    assert f"next step: unpack {path}, as with `{command} {name}`, and set data.dir to the folder" in text
    text = message(path, "all", "numeric")
    assert text.startswith("The slices are in an archive that Segue does not look into.\n")
    assert f"where: {path}\n" in text
    assert f"`{command} {name}`" in text


def test_an_archive_within_an_archive_is_named(tmp_path):
    path = archive(tmp_path / "download.zip", "readme.txt", "mpd/spotify_million_playlist_dataset.zip")
    for place in (tmp_path, path):
        text = message(place, "all", "numeric")
        assert f"found: no slice; not looked into: {path}: mpd/spotify_million_playlist_dataset.zip\n" in text
        assert f"unpack {path}, as with `unzip download.zip`" in text


def test_what_is_missing_may_be_in_an_archive(folder):
    text = message(folder("mpd.slice.0-9.json", "rest.tar"), 2, "numeric")
    assert "found: 1 slice(s) with the pids 0-9; not looked into: " in text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folders_without_permission(folder):
    found = folder("notes.txt")
    (found / "closed").mkdir(mode=0)
    assert message(found, "all", "numeric").startswith("There is no slice in the folder.")
    found.chmod(0)
    text = message(found, "all", "numeric")
    found.chmod(0o700)
    assert "Permission denied" in text
    assert "check the folder's permissions" in text


def test_the_samples_slices_adjoin():
    assert sample_slices("results/sample", 3, 500) == [
        Source("results/sample/mpd.slice.0-499.json"),
        Source("results/sample/mpd.slice.500-999.json"),
        Source("results/sample/mpd.slice.1000-1499.json"),
    ]


def test_batches_hold_consecutive_slices():
    a, b, c, d, e = paths = [Path(name) for name in "abcde"]
    assert batches(paths, 2) == {"000": [a, b], "001": [c, d], "002": [e]}
    assert batches(paths, 9) == {"000": paths}
    assert batches([], 2) == {}


@pytest.mark.parametrize(
    ("count", "first", "last"), [(1, "000", "000"), (1000, "000", "999"), (1001, "0000", "1000")]
)
def test_a_thousand_batches_have_names_of_three_digits(count, first, last):
    names = list(batches([Path("a")] * count, 1))
    assert (names[0], names[-1]) == (first, last)


@given(count=st.integers(1, 2500), size=st.integers(1, 50))
def test_batches_keep_every_slice_and_sort_by_name(count, size):
    paths = [Path(str(number)) for number in range(count)]
    parts = batches(paths, size)
    assert [path for name in sorted(parts) for path in parts[name]] == paths
    assert {len(part) for part in list(parts.values())[:-1]} <= {size}
    assert all(name.isdigit() and len(name) == (3 if len(parts) <= 1000 else 4) for name in parts)


def test_the_snakefile_can_import_it_without_the_heavy_libraries():
    scripts = Path(sys.modules["segue.data.slices"].__file__).parents[2]
    text = "".join(path.read_text() for path in sorted((scripts.parent / "rules").glob("*.smk")))
    modules = set(re.findall(r"^from (segue[.\w]+) import", text, re.M))
    assert {"segue.data.slices", "segue.run.config"} < modules
    heavy = "{'msgspec', 'numpy', 'polars', 'torch', 'safetensors'}"
    script = f"import sys, {', '.join(sorted(modules))}; print(*{heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=scripts, capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"
