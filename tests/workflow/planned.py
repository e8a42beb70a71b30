"""What runs would make, job by job, as Snakemake plans them; many plans in one process, none carried out.

A program: the folder of a workflow is its working directory, stdin has JSON, {name: [config file, targets]}.
On stdout comes JSON, {name: list of jobs}. In place of its digest, a job's code is listed: the files of the
library that it runs, in its param `code`, which is JSON too.

All plans are of the same Snakefiles and library, so what is read of these is read once; YAML by PyYAML's
faster parser.
"""

import gc
import json
import sys
from functools import cache
from pathlib import Path

import snakemake.api
import snakemake.workflow
import yaml
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, Quietness, ResourceSettings

SCRIPTS = Path("workflow/scripts").absolute()
sys.path.insert(0, str(SCRIPTS))

from segue.run import digest  # noqa: E402

parse, parsed = snakemake.workflow.parse, {}


def parse_once(path, workflow, linemap, rulecount):
    key = path.get_path_or_uri(secret_free=True), rulecount
    if key not in parsed:
        lines = {}
        parsed[key] = *parse(path, workflow, lines, rulecount=rulecount), lines
    code, rulecount, lines = parsed[key]
    linemap.update(lines)
    return code, rulecount


@cache
def code_files(script, modules):
    return sorted(path.relative_to(SCRIPTS).as_posix() for path in digest.code_files(script, modules))


def listed_code(script, modules=(), facts=()):
    return json.dumps({"files": code_files(script, tuple(modules)), "facts": list(facts)})


def plan(config_file: str, targets: list[str]) -> list[dict]:
    with snakemake.api.SnakemakeApi(OutputSettings(quiet={Quietness.ALL}, dryrun=True)) as api:
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
    snakemake.workflow.parse = parse_once
    yaml.SafeLoader, yaml.FullLoader = yaml.CSafeLoader, yaml.CFullLoader
    answers = {}
    for name, question in json.load(sys.stdin).items():
        answers[name] = plan(*question)
        gc.freeze()  # else all that Snakemake keeps of each plan is looked through during the next ones
    json.dump(answers, sys.stdout)
