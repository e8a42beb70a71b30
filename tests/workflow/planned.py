"""What runs would make, job by job, as Snakemake plans them; many plans in one process, none carried out.

A program: the folder of a workflow is its working directory, stdin has JSON, {name: [config file, targets]}.
On stdout comes JSON, {name: list of jobs}. In place of its digest, a job's code is listed: the files of the
library that it runs, in its param `code`, which is JSON too.
"""

import json
import sys
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, Quietness, ResourceSettings

SCRIPTS = Path("workflow/scripts").absolute()
sys.path.insert(0, str(SCRIPTS))

from segue.run import digest  # noqa: E402


def listed_code(script, modules=(), facts=()):
    files = sorted(path.relative_to(SCRIPTS).as_posix() for path in digest.code_files(script, modules))
    return json.dumps({"files": files, "facts": list(facts)})


def plan(config_file: str, targets: list[str]) -> list[dict]:
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL}, dryrun=True)) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[Path(config_file)]),
            snakefile=Path("Snakefile"),
        )
        workflow = workflow.dag(DAGSettings(targets=set(targets), forceall=True)).workflow_api._workflow
        workflow._prepare_dag(forceall=True, ignore_incomplete=True, lock_warn_only=True)
        workflow.async_run(workflow.dag.init())
        numbers = {job: number for number, job in enumerate(workflow.dag.jobs)}
        return [
            {
                "rule": job.rule.name,
                "outputs": list(job.output),
                "temporary": sorted(job.temp_output),
                "inputs": sorted(job.input),
                # As Snakemake compares them: without their names.
                "params": sorted(map(repr, job.non_derived_params)),
                "code": job.params.get("code"),
                "needs": [numbers[needed] for needed in workflow.dag.dependencies[job]],
            }
            for job in numbers
        ]


if __name__ == "__main__":
    digest.code_digest = listed_code
    answers = {name: plan(*question) for name, question in json.load(sys.stdin).items()}
    json.dump(answers, sys.stdout)
