# The library, and the settings of the default run, read before Snakemake reads them: what is wrong with that file is
# said with its name and line.

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

# Of this file, not of the run: the workflow may be a module of another, or be started from anywhere.
ROOT = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parents[1]
SCRIPTS = ROOT / "workflow" / "scripts"
if not SCRIPTS.is_dir():
    raise WorkflowError(
        f"Segue's library is not on this disk: found {ROOT}, expected a folder. Clone the repository, and name its "
        "Snakefile there."
    )
sys.path.insert(0, str(SCRIPTS))

from segue.errors import SegueError
from segue.run.config import read_config

try:
    DEFAULTS = read_config(ROOT / "config/config.yaml")
except SegueError as error:
    raise WorkflowError(str(error)) from None
