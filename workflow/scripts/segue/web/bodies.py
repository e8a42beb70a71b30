"""Bodies of requests read, and of answers written, as JSON."""

import msgspec
from msgspec import Struct

from segue.data.mpd import NOT_DECODED
from segue.web.refused import RefusedError

encoded = msgspec.json.Encoder().encode


def decoder(struct: type[Struct]) -> msgspec.json.Decoder:
    return msgspec.json.Decoder(struct)


def decoded(decode: msgspec.json.Decoder, body: bytes) -> Struct:
    """The question in ``body``. Raises RefusedError, with the field, where it is none."""
    try:
        return decode.decode(body)
    except msgspec.ValidationError as error:
        said, _, field = str(error).partition(" - at `")
        raise RefusedError(
            "The request is not what it has to be.",
            where=field.rstrip("`") or "$",
            found=said,
            expected="what openapi.json says of this path",
        ) from error
    except NOT_DECODED as error:
        raise RefusedError(
            "The request is no JSON.", where="the body", found=str(error), expected="a JSON object in UTF-8"
        ) from error
