"""The parameters of a request: form fields, a query or JSON."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from userreg.sandbox.errors import BadRequest
from userreg.sandbox.world import Json


@dataclass(frozen=True)
class Upload:
    """A file that came with the request."""

    name: str
    content: bytes


@dataclass
class Parameters:
    """All values as they came, as text; files by the name of their field."""

    values: dict[str, str]
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Empty where nothing was said."""
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.values.get(name) or default)
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1", "yes", "y", "t")

    def json(self, name: str) -> Any:
        """None where nothing was said. Raises `ApiError` where it is no JSON."""
        if not (text := self.text(name)):
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise BadRequest(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """A file, in the field itself or attached under another name."""
        attached = self.text(name).removeprefix("attach://")
        return self.files.get(name) or self.files.get(attached)


async def read_parameters(request: web.Request) -> Parameters:
    """Raises `ApiError` where the body cannot be read."""
    values = dict(request.query)
    if request.content_type == "application/json":
        return Parameters(values | as_text(_parsed(await request.read())))
    files = {}
    for name, value in (await _form(request)).items():
        if isinstance(value, web.FileField):
            files[name] = Upload(value.filename, value.file.read())
        else:
            values[name] = str(value)
    return Parameters(values, files)


async def _form(request: web.Request) -> Any:
    try:
        return await request.post()
    except (ValueError, LookupError):
        raise BadRequest("can't parse the form") from None


def _parsed(body: bytes) -> Json:
    try:
        values = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise BadRequest("can't parse JSON")
    return values


def as_text(values: Json) -> dict[str, str]:
    """JSON values as a form has them."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
        if value is not None
    }
