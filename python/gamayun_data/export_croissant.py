"""Croissant metadata of an export (MLCommons Croissant 1.0): its files, their hashes, its pools."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any, Final

from gamayun_data.directory import tool
from gamayun_data.export_parts import VALIDATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gamayun_data.export_parts import ExportedFile, ExportedStage
    from gamayun_data.export_sources import Sources

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.0"
CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification asks for."""
COLUMNS: Final = {
    "stage": "sc:Text",
    "pool": "sc:Text",
    "language": "sc:Text",
    "tokens_read": "sc:Integer",
    "documents": "sc:Integer",
    "share": "sc:Float",
}
ROWS: Final = {
    "shares": {"id": "sc:Text", "language": "sc:Text", "source": "sc:Text", "epoch": "sc:Integer"},
    "exact": {"sample": "sc:Integer", "pool": "sc:Text"},
}
"""Columns of a Parquet export beside its tokens."""
PARQUET: Final = "application/vnd.apache.parquet"
BYTES: Final = "application/octet-stream"


def croissant(
    name: str,
    format: str,
    order: str,
    stages: Sequence[ExportedStage],
    files: Iterable[ExportedFile],
    sources: Sources,
) -> dict[str, Any]:
    """The metadata as JSON-LD; pools are records of their own, rows those of Parquet."""
    distribution = [_file(file) for file in files]
    records = [_pools(stages)]
    if format == "parquet":
        distribution += [_set(stage) for stage in stages]
        records += [_rows(stage, order) for stage in stages]
    licences = sorted({licence for licence in sources.licences.values() if licence})
    metadata = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": f"Token ids for language models, in the form of {format}.",
        "conformsTo": CONFORMS_TO,
        "creator": {"@type": "sc:Organization", "name": tool()["name"]},
        "inLanguage": list(sources.languages),
        "license": licences,
        "version": "1.0.0",
        "distribution": distribution,
        "recordSet": records,
    }
    return {key: value for key, value in metadata.items() if value}


def _file(file: ExportedFile) -> dict[str, Any]:
    guessed = PARQUET if file.path.endswith(".parquet") else mimetypes.guess_type(file.path)[0]
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": guessed or BYTES,
        "sha256": file.sha256,
    }


def _set(stage: ExportedStage) -> dict[str, Any]:
    """The Parquet files of a stage."""
    return {
        "@type": "cr:FileSet",
        "@id": f"{stage.name}-files",
        "name": f"{stage.name}-files",
        "encodingFormat": PARQUET,
        "includes": f"{stage.name}/**/*.parquet",
    }


def _pools(stages: Sequence[ExportedStage]) -> dict[str, Any]:
    rows = [
        {
            "pools/stage": stage.name,
            "pools/pool": pool.name,
            "pools/language": pool.language,
            "pools/tokens_read": pool.stage_tokens,
            "pools/documents": pool.documents,
            "pools/share": 0.0 if stage.name == VALIDATION else pool.stage_tokens / stage.tokens,
        }
        for stage in stages
        for pool in stage.pools
    ]
    fields = [_field("pools", column, kind) for column, kind in COLUMNS.items()]
    return {"@type": "cr:RecordSet", "@id": "pools", "name": "pools", "field": fields, "data": rows}


def _rows(stage: ExportedStage, order: str) -> dict[str, Any]:
    columns = [(column, kind, False) for column, kind in ROWS[order].items()]
    fields = []
    for column, kind, repeated in [*columns, ("tokens", "sc:Integer", True)]:
        source = {"fileSet": {"@id": f"{stage.name}-files"}, "extract": {"column": column}}
        field = {**_field(stage.name, column, kind), "source": source}
        fields.append({**field, "repeated": True} if repeated else field)
    return {"@type": "cr:RecordSet", "@id": stage.name, "name": stage.name, "field": fields}


def _field(records: str, column: str, kind: str) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": f"{records}/{column}", "name": column, "dataType": kind}
