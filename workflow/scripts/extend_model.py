"""Extends a frozen network to the catalogue's candidates, those outside the k-core too."""

from pathlib import Path

import torch

from segue.catalogue.catalogue import Catalogue
from segue.channels.extension import extended_model
from segue.jobs import log, logged
from segue.run.models import Model
from segue.run.results import EXTENDED

if __name__ == "__main__":
    torch.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]):
        catalogue = Catalogue(Path(snakemake.input.listed).parent)
        model = extended_model(
            Model.of(snakemake.wildcards).name + EXTENDED,
            {name: snakemake.input[name] for name in ("scorer", "model", "split", "relations")},
            catalogue,
        )
        outside = int((catalogue.core[: model.num_tracks] < 0).sum())
        log.info("%d tracks, %d of them outside the k-core", model.num_tracks, outside)
        model.save(snakemake.output.scorer)
