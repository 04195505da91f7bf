"""Reads the published test vectors as a stranger does: what is good gives what is expected, what is bad is refused.

Arguments: the contract's folder of vectors, and the one of its schemas. Says on standard output, as JSON, how many cases
there were, and which of them were read otherwise.
"""

import json
import sys
import zlib
from pathlib import Path

from jsonschema import Draft202012Validator, RefResolver

from charges import charge, instant
from ledger import first_head, next_head, read_event
from tokens import Refused, b64url, strict_json, verified

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SIGNATURE_BYTES = 64

SCHEMAS = {
    "member-pass+jwt": "pass",
    "custody-receipt+jwt": "receipt",
    "door-command+jwt": "command",
    "reservation-delta+jwt": "reservation-delta",
    "usage-delta+jwt": "usage-delta",
    "stay-records+jwt": "stay-records",
    "trust-bundle+jwt": "trust",
}


class Reader:
    def __init__(self, vectors, schemas):
        self.schemas = Path(schemas).resolve()
        with open(Path(vectors) / "keys.json", encoding="utf8") as file:
            self.keys = json.load(file)["keys"]
        self.heads = {}

    def fits(self, name, value):
        """Refuses what a schema of the contract does not allow."""
        file = self.schemas / f"{name}.schema.json"
        schema = json.loads(file.read_text(encoding="utf8"))
        resolver = RefResolver(file.as_uri(), schema)
        errors = list(Draft202012Validator(schema, resolver=resolver).iter_errors(value))
        if errors:
            raise Refused(f"{name}: {errors[0].message}")

    def ledger(self, case):
        body = case["body"].encode()
        event, epoch, seq, name = read_event(body, "shibuya-1")
        if (self.schemas / f"events/{name}.schema.json").exists():
            self.fits(f"events/{name}", event)
        self.heads[epoch] = next_head(self.heads.get(epoch, first_head(epoch)), body)
        return {"venue": "shibuya-1", "epoch": epoch, "seq": seq, "head": self.heads[epoch].hex()}

    def tokens(self, case):
        claims = verified(case["token"], case["typ"], self.keys)
        self.fits(f"{SCHEMAS[case['typ']]}.claims", claims)
        for change in claims.get("changes", []):
            if not claims["from"] < change["version"] <= claims["to"]:
                raise Refused("changes: a version that the delta does not span")
        return claims

    def codes(self, case):
        form, text = case["text"][:4], case["text"][4:]
        if form == "GK1.":
            given, *proofs = text.split("~")
            if given == "" or len(proofs) != 1:
                raise Refused("code: not a pass, a tilde and perhaps a proof")
            return {"pass": given, "proof": proofs[0] or None}
        if form != "GK2.":
            raise Refused("code: of no form that is known")
        unpacked = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        data = unpacked.decompress(unbase45(text))
        if not unpacked.eof or unpacked.unused_data:
            raise Refused("code: not one deflated stream")
        given, rest = first_token(data)
        proof, rest = first_token(rest) if rest else (None, b"")
        if rest:
            raise Refused("code: something behind the tokens")
        return {"pass": given, "proof": proof}

    def requests(self, case):
        self.fits("request", case["request"])
        return case["request"]

    def charges(self, case):
        request = case["request"]
        self.fits("charge-request", request)
        if instant(request["reservation"]["end"]) <= instant(request["reservation"]["start"]):
            raise Refused("reservation.end: not after its start")
        return charge(request)


def unbase45(text):
    """RFC 9285."""
    data = bytearray()
    for at in range(0, len(text), 3):
        signs = [BASE45.index(sign) for sign in text[at : at + 3]]
        if len(signs) == 1:
            raise Refused("base45: a sign is left over")
        data += sum(sign * 45**place for place, sign in enumerate(signs)).to_bytes(len(signs) - 1, "big")
    return bytes(data)


def first_token(data):
    """The token that the bytes begin with, and what is behind it."""
    header, _, rest = data.partition(b"\0")
    claims, _, rest = rest.partition(b"\0")
    signature, rest = rest[:SIGNATURE_BYTES], rest[SIGNATURE_BYTES:]
    if len(signature) < SIGNATURE_BYTES:
        raise Refused("code: a signature is cut short")
    strict_json(header), strict_json(claims)
    return ".".join(b64url(part) for part in (header, claims, signature)), rest


def told(name, expect):
    """What is compared of what a case expects: of a charge, its rule and amounts."""
    members = ("rule", "unitsBeforeCap", "units", "yen")
    return tuple(expect[member] for member in members) if name == "charges" else expect


if __name__ == "__main__":
    reader, cases, wrong = Reader(*sys.argv[1:]), 0, []
    for kind in ("ledger", "tokens", "codes", "requests", "charges"):
        with open(Path(sys.argv[1]) / f"{kind}.json", encoding="utf8") as vectors:
            for each in json.load(vectors)["cases"]:
                cases += 1
                try:
                    made = getattr(reader, kind)(each)
                except (Refused, ValueError, TypeError, OverflowError, zlib.error) as why:
                    made = None
                    if "refused" not in each:
                        wrong.append(f"{kind}, {each['name']}: refused: {why}")
                if made is not None and ("refused" in each or made != told(kind, each["expect"])):
                    wrong.append(f"{kind}, {each['name']}: read as {made}")
    print(json.dumps({"cases": cases, "wrong": wrong}))
