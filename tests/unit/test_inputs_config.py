"""Configurations as people write them: each file of tests/inputs/config, as ``segue --config`` reads it."""

import pytest
from inputs.cases import load_cases

from segue.cli.run import WORKFLOW
from segue.errors import SegueError
from segue.run.config import read_config, valid_config


def read(path):
    """The whole configuration with the file ``path`` on top."""
    config = read_config(WORKFLOW / "config/config.yaml", path)
    return valid_config(config, read_config(WORKFLOW / "workflow/schemas/config.schema.yaml"))


def value(config, key):
    for part in key.split("."):
        config = config[part]
    return config


@pytest.mark.parametrize("case", load_cases("config"), ids=str)
def test_what_is_read_or_said(case):
    if case.outcome == "refused":
        with pytest.raises(SegueError) as refused:
            read(case.path)
        assert str(refused.value).replace(f"{case.path.parent}/", "") == case.message.rstrip("\n")
    else:
        config = read(case.path)
        found = {key: value(config, key) for key in case.expected["values"]}
        assert found == case.expected["values"]
        assert [*map(type, found.values())] == [*map(type, case.expected["values"].values())]
