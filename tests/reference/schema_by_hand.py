"""A plain check of JSON against the keywords of JSON Schema that the fibre standard uses; refuses others."""

from __future__ import annotations

from typing import Any

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
_WORDS_ONLY = {
    "$id", "$schema", "$defs", "title", "description", "$comment", "codelist", "openCodelist", "format", "$ref", "type",
    "required", "properties", "items", "prefixItems", "enum", "const", "minItems", "uniqueItems", "minLength",
    "minProperties", "additionalProperties",
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], whole: dict[str, Any], path: str = "$") -> list[str]:
    """Return what is wrong with a value, each with its path."""
    if "$ref" in schema and schema["$ref"].startswith("#/$defs/"):
        return faults(value, whole["$defs"][schema["$ref"].removeprefix("#/$defs/")], whole, path)
    unknown = set(schema) - _WORDS_ONLY
    assert not unknown, f"từ khóa chưa biết {unknown} ở {path}"
    found = []
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, _TYPES[kind]) for kind in kinds):
        return [f"{path}: {value!r} không phải {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: {value!r} ngoài danh sách")
    if "const" in schema and value != schema["const"]:
        found.append(f"{path}: {value!r} khác {schema['const']!r}")
    size = len(value) if isinstance(value, str | list | dict) else 0
    least = {str: "minLength", list: "minItems", dict: "minProperties"}.get(type(value), "")
    if size < schema.get(least, 0):
        found.append(f"{path}: quá ngắn")
    if isinstance(value, dict):
        found += [f"{path}: thiếu {name}" for name in schema.get("required", []) if name not in value]
        for name, part in value.items():
            if schema.get("additionalProperties") is False and name not in schema.get("properties", {}):
                found.append(f"{path}: thừa {name}")
            if name in schema.get("properties", {}):
                found += faults(part, schema["properties"][name], whole, f"{path}.{name}")
    if isinstance(value, list):
        if schema.get("uniqueItems") and any(item in value[:place] for place, item in enumerate(value)):
            found.append(f"{path}: có phần tử lặp")
        first = schema.get("prefixItems", [])
        for place, item in enumerate(value):
            part = first[place] if place < len(first) else schema.get("items", {})
            found += faults(item, part, whole, f"{path}[{place}]")
    return found
