#!/usr/bin/env python3
"""The API for scripts/bench: takes every broadcast 50 ms after it came, but those of a chain that hangs.

    bench-api.py PORT_FILE [--hung NAME] [--delay SECONDS] [--pending COUNT] [--facts one|each]

Writes its port into PORT_FILE. `GET /times` gives the seconds at which broadcasts and facts were answered, as a JSON object
of two arrays. The list of pending transactions has COUNT of ETH; `one`: all wait for one fact, the nonce of their sender;
`each`: each waits for a gas estimate of its own, too.
"""
import argparse
import asyncio
import hashlib
import json
import time

ANSWERED = {"broadcast": [], "fact": []}


def item(number, wallet, each):
    transaction = {"from": 0, "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": str(10**15 + number),
                   "gasPrice": "20000000000"}
    if each:
        transaction["data"] = f"0x{number:064x}"
    else:
        transaction["gas"] = "21000"
    return json.dumps({
        "id": f"6922f0a1{number:016x}", "chain": "ETH", "hashes": [wallet], "index": None, "withdrawalId": None,
        "serializedTransaction": json.dumps(transaction, separators=(",", ":"))}, separators=(",", ":"))


async def send_list(writer, body, options):
    """Chunk by chunk, and no faster than they are taken."""
    wallet = json.loads(body)["signatureIds"][0]
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    for first in range(0, max(1, options.pending), 100):
        items = (item(i, wallet, options.facts == "each") for i in range(first, min(first + 100, options.pending)))
        text = ("[" if first == 0 else ",") + ",".join(items)
        writer.write(f"{len(text):x}\r\n{text}\r\n".encode())
        await writer.drain()
    writer.write(b"1\r\n]\r\n0\r\n\r\n")


def fact(path, body):
    if "/transaction/count/" in path:
        return "0"
    if path.startswith("/v3/blockchain/fee/"):
        return '{"fast":3,"medium":20000000000,"slow":1}'
    result = {"eth_chainId": "0xaa36a7", "eth_estimateGas": "0xea60"}[json.loads(body)["method"]]
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": result})


async def answer(path, body, writer, options):
    if path == "/times":
        text = json.dumps(ANSWERED)
        ANSWERED["broadcast"], ANSWERED["fact"] = [], []
    elif options.hung and path.startswith(f"/v3/{options.hung}/"):
        await asyncio.sleep(3600)
    elif path.startswith("/v3/kms/pending/"):
        return await send_list(writer, body, options)
    elif path.startswith("/approve/") or path == "/v3/tatum/kms/batch":
        text = "{}"
    elif path.endswith("/broadcast"):
        await asyncio.sleep(options.delay)
        identifier = json.loads(body).get("signatureId", "")
        text = json.dumps({"txId": "0x" + hashlib.sha256(identifier.encode()).hexdigest()})
        ANSWERED["broadcast"].append(time.monotonic())
    else:
        if "/transaction/count/" in path:
            await asyncio.sleep(options.delay)
        text = fact(path, body)
        ANSWERED["fact"].append(time.monotonic())
    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())


async def serve(reader, writer, options):
    try:
        while line := await reader.readline():
            _, path, _ = line.decode().split()
            length = 0
            while (header := await reader.readline()).strip():
                name, _, value = header.decode().partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            await answer(path, await reader.readexactly(length), writer, options)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port_file")
    parser.add_argument("--hung")
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--pending", type=int, default=0)
    parser.add_argument("--facts", choices=["one", "each"], default="one")
    options = parser.parse_args()
    server = await asyncio.start_server(lambda r, w: serve(r, w, options), "127.0.0.1", 0)
    with open(options.port_file, "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


asyncio.run(main())
