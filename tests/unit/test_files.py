import json

import pytest

from segue.files import atomic, write_json


def test_a_file_is_whole_or_not_there(tmp_path):
    target = tmp_path / "deep" / "table.parquet"
    with atomic(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.suffix == ".parquet"
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "table.csv"
    target.write_text("old")

    def fail():
        with atomic(target) as temporary:
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_json_is_the_same_bytes_and_refuses_nan(tmp_path):
    write_json(tmp_path / "a.json", {"z": 1.5, "a": "é"})
    assert (tmp_path / "a.json").read_bytes() == b'{\n  "z": 1.5,\n  "a": "\xc3\xa9"\n}\n'
    with pytest.raises(ValueError, match="Out of range float values"):
        write_json(tmp_path / "a.json", {"value": float("nan")})
    assert json.loads((tmp_path / "a.json").read_text())["z"] == 1.5
