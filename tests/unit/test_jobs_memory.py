import platform
import resource
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "workflow" / "scripts"

PROGRAM = """
import resource, torch
from segue.jobs import keep_freed_memory
{call}
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    torch.ones(2**24)  # 64 MiB
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_freed_blocks_are_used_again():
    faults = [
        int(
            subprocess.run(
                [sys.executable, "-c", PROGRAM.format(call=call)],
                env={"PYTHONPATH": str(LIBRARY)},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for call in ("keep_freed_memory()", "")
    ]
    pages = 2**26 // resource.getpagesize()
    assert faults[1] > 19 * pages
    assert faults[0] < 10 * pages
