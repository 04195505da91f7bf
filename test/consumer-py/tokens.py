"""JWS compact (RFC 7515, 7518, 8037) as the contract has it: EdDSA or ES256, whichever the key is registered with."""

import base64
import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class Refused(ValueError):
    """What was said is not what the contract allows; the text names the member."""


def strict_json(text):
    """Parses a JSON object. A member that stands twice is refused: two readers could take either."""

    def once(pairs):
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            raise Refused("json: a member stands twice")
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=once)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Refused(f"json: {error}") from None
    if not isinstance(value, dict):
        raise Refused("json: not an object")
    return value


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    """Only the one text of these bytes: no padding, no other alphabet, no bits left over."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        data = b""
    if b64url(data) != text:
        raise Refused("jws: not base64url")
    return data


def thumbprint(jwk):
    """RFC 7638."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("crv", "kty", "x")
    text = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"), sort_keys=True)
    return b64url(hashlib.sha256(text.encode()).digest())


def gateway_key(file):
    """A gateway's public key, a JWK in a file, by the name that its tokens have for it."""
    with open(file, encoding="utf8") as text:
        jwk = json.load(text)
    return {**jwk, "kid": thumbprint(jwk), "alg": "EdDSA"}


def signed_by(jwk, alg, signature, data):
    """Whether the signature is the key's, under the one algorithm that belongs to its curve."""
    x = unb64url(jwk["x"])
    try:
        if (jwk["kty"], jwk["crv"], alg) == ("OKP", "Ed25519", "EdDSA"):
            ed25519.Ed25519PublicKey.from_public_bytes(x).verify(signature, data)
            return True
        if (jwk["kty"], jwk["crv"], alg) == ("EC", "P-256", "ES256") and len(signature) == 64:
            key = ec.EllipticCurvePublicKey.from_encoded_point(
                ec.SECP256R1(), b"\x04" + x + unb64url(jwk["y"])
            )
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
            return True
    except (InvalidSignature, ValueError):
        pass
    return False


def verified(token, typ, keys):
    """The claims of a token that one of these JWKs (with `kid` and `alg`) signed. Its times are not looked at.

    Raises Refused, naming what is wrong.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise Refused("jws: not three parts")
    header = strict_json(unb64url(parts[0]))
    if set(header) != {"alg", "typ", "kid"} or header["typ"] != typ:
        raise Refused("header: not exactly alg, kid and the typ that is wanted")
    key = next((key for key in keys if key["kid"] == header["kid"]), None)
    if key is None or key["alg"] != header["alg"]:
        raise Refused("header.kid: no key of this name and algorithm")
    if not signed_by(key, header["alg"], unb64url(parts[2]), f"{parts[0]}.{parts[1]}".encode()):
        raise Refused("signature: not the key's")
    return strict_json(unb64url(parts[1]))


class Signer:
    """Signs with an Ed25519 key in a PEM file (PKCS #8)."""

    def __init__(self, file, kid):
        with open(file, "rb") as pem:
            self._key = load_pem_private_key(pem.read(), password=None)
        self._kid = kid

    def sign(self, typ, claims):
        parts = ({"alg": "EdDSA", "typ": typ, "kid": self._kid}, claims)
        text = ".".join(b64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        return f"{text}.{b64url(self._key.sign(text.encode()))}"
