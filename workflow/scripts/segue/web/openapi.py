"""What the API takes and gives, as OpenAPI describes it, from the endpoints and their structs."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from segue.web.wire import Failure

if TYPE_CHECKING:
    from segue.web.app import Endpoint, Query

VERSION = "3.1.0"
REF = "#/components/schemas/{name}"
PATH_TYPES = {"int": {"type": "integer", "minimum": 0}, "str": {"type": "string"}}
_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")


def description(endpoints: Sequence["Endpoint"]) -> dict[str, Any]:
    structs = [Failure, *(one.gives for one in endpoints)]
    structs += [one.takes for one in endpoints if one.takes not in (None, bytes)]
    structs = [*dict.fromkeys(structs)]
    refs, components = msgspec.json.schema_components(structs, ref_template=REF)
    schema = dict(zip(structs, refs, strict=True))
    paths: dict[str, Any] = {}
    for one in endpoints:
        path = _PARAMETER.sub(r"{\1}", one.path)
        paths.setdefault(path, {})[one.method.lower()] = _operation(one, schema)
    return {
        "openapi": VERSION,
        "info": {
            "title": "Segue",
            "version": "1",
            "description": "Continues playlists by the models of a run.",
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(endpoint: "Endpoint", schema: dict[type, dict[str, Any]]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.says,
        "parameters": [
            *(_in_path(*match) for match in _PARAMETER.findall(endpoint.path)),
            *map(_in_query, endpoint.query),
        ],
        "responses": {
            "200": _content("An answer.", schema[endpoint.gives]),
            "4XX": _content("No answer, and why.", schema[Failure]),
        },
    }
    if endpoint.takes is bytes:
        body = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": body}
    elif endpoint.takes is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema[endpoint.takes]}},
        }
    return operation


def _content(says: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _in_path(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": PATH_TYPES[kind or "str"]}


def _in_query(query: "Query") -> dict[str, Any]:
    if isinstance(query.default, str):
        schema = {"type": "string", "maxLength": query.most}
    else:
        schema = {"type": "integer", "minimum": 1, "maximum": query.most}
    return {
        "name": query.name,
        "in": "query",
        "description": query.says,
        "schema": schema | {"default": query.default},
    }
