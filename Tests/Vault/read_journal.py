#!/usr/bin/env python3
"""Reads a journal of kms-sign. Written from docs/journal.md alone; standard library only.

    read_journal.py KEY JOURNAL        KEY: the journal's key, 64 hexadecimal digits

Prints what counts as JSON; says what is wrong and ends with 1.
"""
import hashlib
import hmac
import json
import struct
import sys

MAGIC = b"tatum-kms journal 2\n".ljust(32, b"\0")


def fail(reason):
    print(reason)
    sys.exit(1)


def code(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def fields(body):
    at, last, found = 1, 0, {}
    while at < len(body):
        if len(body) - at < 5:
            fail("malformed")
        number, length = struct.unpack_from(">BI", body, at)
        at += 5
        if number <= last or length > len(body) - at:
            fail("malformed")
        if number >= 128:
            fail("newer version")
        found[number], last = body[at:at + length], number
        at += length
    return found


def integer(value):
    if len(value) != 8:
        fail("malformed")
    return int.from_bytes(value, "big")


def places(found):
    value = found.get(13, b"")
    return [integer(value[i:i + 8]) for i in range(0, len(value), 8)]


def entries(key, data):
    """The place and the body of each entry, and where the last one ends."""
    if len(data) < 96 or data[:32] != MAGIC:
        fail("not a journal")
    if code(key, data[:64]) != data[64:96]:
        fail("another key")
    at, found = 96, []
    while len(data) - at >= 8:
        length, masked = struct.unpack_from(">II", data, at)
        end = at + 8 + length
        if length ^ 0x544B4D4A != masked or not 1 <= length <= 67108864 or end + 32 > len(data):
            break
        if code(key, data[at - 32:end]) != data[end:end + 32]:
            break
        found.append((at, data[at + 8:end]))
        at = end + 32
    return found, at


def is_unfinished(key, data, at):
    """Whether what is behind the last whole entry was never finished."""
    rest = data[at:]
    for start in range(at + 1, len(data) - 40):
        length, masked = struct.unpack_from(">II", data, start)
        end = start + 8 + length
        if length ^ 0x544B4D4A == masked and end + 32 <= len(data):
            if code(key, data[start - 32:end]) == data[end:end + 32]:
                return False
    if len(rest) < 8:
        return True
    length, masked = struct.unpack_from(">II", rest)
    if length ^ 0x544B4D4A != masked or not 1 <= length <= 67108864:
        return not any(rest)
    return 8 + length + 32 > len(rest) or not any(rest[-32:])


def main():
    key = bytes.fromhex(sys.argv[1])
    with open(sys.argv[2], "rb") as file:
        data = file.read()
    found, end = entries(key, data)
    if not is_unfinished(key, data, end):
        fail(f"damaged at byte {end}")
    signed, seen, given, listed = {}, {}, {}, {}
    for place, body in found:
        values = fields(body)
        if body[0] == 1:
            signed[place] = values
            seen[place] = integer(values[5])
            for other in places(values):
                given[other] = values[1].decode()
        elif body[0] == 2:
            for other in places(values):
                seen[other] = max(seen[other], integer(values[5]))
        elif body[0] == 3:
            for other in places(values):
                del signed[other]
        elif body[0] == 4:
            chain = f"{values[3].decode()} {'testnet' if values[4] == bytes([1]) else 'mainnet'}"
            listed.setdefault(chain, []).append(integer(values[5]))
        elif body[0] >= 128:
            fail("newer version")
    result = {}
    for place, values in signed.items():
        entry = {
            "id": values[1].decode(), "contentDigest": values[2].hex(), "chain": values[3].decode(),
            "testnet": values[4] == b"\1", "signedAt": integer(values[5]), "signed": json.loads(values[6])}
        if 7 in values:
            entry |= {"sender": values[7].decode(), "nonce": integer(values[8]), "lastSeen": seen[place]}
        if 9 in values:
            entry["txId"] = values[9].decode()
        for number, name in ((10, "expiresAt"), (11, "lastValidHeight")):
            if number in values:
                entry[name] = integer(values[number])
        if 14 in values:
            entry["networkCount"] = integer(values[14])
        coins = values.get(12, b"")
        entry["coins"] = [
            f"{coins[i:i + 32].hex()}:{int.from_bytes(coins[i + 32:i + 36], 'big')}={integer(coins[i + 36:i + 44])}"
            for i in range(0, len(coins), 44)]
        if place in given:
            entry["nonceGivenTo"] = given[place]
        result[entry["id"].lower()] = entry
    print(json.dumps({"entries": len(found), "unfinished": len(data) - end, "signed": result, "listed": listed}))


main()
