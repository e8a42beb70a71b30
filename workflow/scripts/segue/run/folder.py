"""Asks a configuration for the folder of its results.

``python -m segue.run.folder [FILE...]``, in the folder of the workflow, prints it: of the default run, or
with the settings in FILE laid over it, as for snakemake --configfile.
"""

import argparse
import sys

from segue.errors import SegueError
from segue.run.config import read_config, valid_config


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the results folder of a configuration.")
    parser.add_argument("overrides", metavar="FILE", nargs="*", help="as for snakemake --configfile")
    try:
        config = read_config("config/config.yaml", *parser.parse_args().overrides)
        config = valid_config(config, read_config("workflow/schemas/config.schema.yaml"))
    except SegueError as error:
        sys.exit(f"Error: {error}")
    print(config["results"])


if __name__ == "__main__":
    main()
