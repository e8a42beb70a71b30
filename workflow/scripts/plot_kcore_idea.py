"""Draws the cores of a small graph."""

from segue.figures.kcore_idea import kcore_idea
from segue.figures.style import save_png
from segue.jobs import logged


def plot_kcore_idea(target: str) -> None:
    save_png(kcore_idea(), target)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        plot_kcore_idea(snakemake.output.figure)
