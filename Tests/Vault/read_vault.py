#!/usr/bin/env python3
"""Reads a vault; written from docs/vault.md alone, as a proof that the document is complete.

usage: read_vault.py FILE < PASSWORD        prints all wallets with their secrets as JSON
       read_vault.py --view-key FILE < LINE prints the public sides, with a line "view:..." as key

Needs the package `cryptography`, 44 or later. Low Argon2id parameters are accepted with --any-cost (tests).
"""

import hashlib
import hmac
import json
import sqlite3
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NAMES = {1: b"tatum-kms vault 1", 2: b"tatum-kms vault 2"}


def fields(*parts):
    parts = [p.encode() if isinstance(p, str) else p for p in parts]
    return b"".join(struct.pack(">I", len(p)) + p for p in parts)


def derive(key, vault_id, name, purpose):
    return HKDF(SHA256(), 32, salt=vault_id, info=fields(name, purpose)).derive(key)


def unseal(sealed, key, associated_data):
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], associated_data)


def read_census(data):
    entries, at = {}, 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        at += 4
        chain = data[at : at + length].decode()
        at += length
        testnet, count = struct.unpack_from(">BQ", data, at)
        at += 9
        entries[chain, testnet] = (count, data[at : at + 32])
        at += 32
    return entries


def buckets(ids):
    out = b""
    for value in sorted({int(i[:2], 16) for i in ids}):
        inside = sorted(i for i in ids if int(i[:2], 16) == value)
        digest = hashlib.sha256("".join(inside).encode()).digest()
        out += struct.pack(">BI", value, len(inside)) + digest
    return out


def main(arguments):
    by_view_key = "--view-key" in arguments
    any_cost = "--any-cost" in arguments
    path = [a for a in arguments if not a.startswith("--")][0]
    given = sys.stdin.buffer.read()

    with open(path, "rb") as file:
        if file.read(10) == b"U2FsdGVkX1":
            sys.exit("a wallet file of the original Tatum KMS")
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.execute("BEGIN")
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != 0x544B4D53:
        sys.exit("not a vault")
    if version not in NAMES:
        sys.exit(f"version {version}")
    name = NAMES[version]
    vault_id, kdf, memory, passes, salt, sealed_key, key_check = db.execute(
        "SELECT vault_id, kdf, kdf_memory_kib, kdf_passes, kdf_salt, sealed_key, key_check FROM meta"
    ).fetchone()

    secrets_key = None
    if by_view_key:
        view_key = bytes.fromhex(given.decode().strip().removeprefix("view:"))
    else:
        if kdf != "argon2id":
            sys.exit("unknown kdf")
        in_range = 19456 <= memory <= 2097152 and 2 <= passes <= 64 and memory * passes <= 16777216
        if not in_range and not any_cost:
            sys.exit("Argon2id parameters out of range")
        wrapping_key = Argon2id(salt=salt, length=32, iterations=passes, lanes=1, memory_cost=memory).derive(given)
        bound = fields(name, vault_id, "vault_key", "argon2id", str(memory), str(passes), salt)
        try:
            vault_key = unseal(sealed_key, wrapping_key, bound)
        except InvalidTag:
            sys.exit("wrong password")
        view_key = derive(vault_key, vault_id, name, "view")
        secrets_key = derive(vault_key, vault_id, name, "secrets")
    if not hmac.compare_digest(hmac.digest(view_key, fields(name, "key-check"), "sha256"), key_check):
        sys.exit("wrong key")
    identity_key = derive(view_key, vault_id, name, "identity")

    wallets, ids = {}, {}
    for signature_id, chain, testnet, kind, identity, public, secret in db.execute(
        "SELECT signature_id, chain, testnet, kind, identity, public, secret FROM wallet ORDER BY number"
    ):
        place = (signature_id, chain, str(testnet), kind)
        wallet = {"chain": chain, "testnet": bool(testnet), "kind": kind}
        wallet |= json.loads(unseal(public, view_key, fields(name, vault_id, "public", *place)))
        if secrets_key:
            wallet["secret"] = unseal(secret, secrets_key, fields(name, vault_id, "secret", *place)).decode()
        text = wallet.get("address") or wallet.get("xpub") or wallet.get("publicKey")
        expected = text and hmac.digest(identity_key, fields(name, chain, str(testnet), text), "sha256")[:16]
        if expected != identity:
            sys.exit(f"{signature_id}: identity")
        wallets[signature_id] = wallet
        ids.setdefault((chain, testnet), []).append(signature_id)

    (sealed,) = db.execute("SELECT sealed FROM census").fetchone()
    census = read_census(unseal(sealed, view_key, fields(name, vault_id, "census")))
    rosters = {(c, t): b for c, t, b in db.execute("SELECT chain, testnet, buckets FROM roster")}
    if census.keys() != ids.keys() or census.keys() != rosters.keys():
        sys.exit("census: other chains")
    for key, (count, digest) in census.items():
        if count != len(ids[key]) or rosters[key] != buckets(ids[key]) or hashlib.sha256(rosters[key]).digest() != digest:
            sys.exit(f"census: other wallets of {key}")
    if version > 1 and secrets_key:
        (sealed,) = db.execute("SELECT sealed FROM policy").fetchone()
        policy = json.loads(unseal(sealed, secrets_key, fields(name, vault_id, "policy")))
        if not 0 <= policy["required"] <= len(policy["approvers"]):
            sys.exit("policy")
        if policy["required"]:
            print(json.dumps(policy), file=sys.stderr)
    print(json.dumps(wallets))


main(sys.argv[1:])
