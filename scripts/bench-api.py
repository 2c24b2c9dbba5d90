#!/usr/bin/env python3
"""The API for scripts/bench: takes every broadcast 50 ms after it came, but those of a chain that hangs.

    bench-api.py PORT_FILE [HUNG_NAME]

Writes its port into PORT_FILE. `GET /times` gives the seconds at which broadcasts were answered, as a JSON array.
"""
import asyncio
import hashlib
import json
import sys
import time

ANSWERED = []


async def serve(reader, writer, hung):
    try:
        while line := await reader.readline():
            method, path, _ = line.decode().split()
            length = 0
            while (header := await reader.readline()).strip():
                name, _, value = header.decode().partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            body = await reader.readexactly(length)
            if path == "/times":
                text = json.dumps(ANSWERED)
                ANSWERED.clear()
            elif hung and path.startswith(f"/v3/{hung}/"):
                await asyncio.sleep(3600)
            else:
                await asyncio.sleep(0.05)
                identifier = json.loads(body).get("signatureId", "")
                text = json.dumps({"txId": "0x" + hashlib.sha256(identifier.encode()).hexdigest()})
                ANSWERED.append(time.monotonic())
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main():
    hung = sys.argv[2] if len(sys.argv) > 2 else None
    server = await asyncio.start_server(lambda r, w: serve(r, w, hung), "127.0.0.1", 0)
    with open(sys.argv[1], "w") as file:
        file.write(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


asyncio.run(main())
