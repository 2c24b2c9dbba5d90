// An approver for Node 18 or later, without libraries: shows where your own rule goes. docs/approvals.md is normative.
//
//   node approver.mjs approver.pem 8787      approver.pem: an Ed25519 key, as `openssl genpkey -algorithm ed25519` makes it
import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const key = createPrivateKey(readFileSync(process.argv[2]));

// Your rule: what may be signed? `pending` is what Tatum listed, `context` what kms-fetch added.
function mayBeSigned({ id, chain, testnet, pending, context }) {
  return testnet && chain === "ETH" && BigInt(JSON.parse(pending.serializedTransaction).value ?? 0) <= 10n ** 15n;
}

// The members of a JSON object as they stand in `text`. JSON.parse has said that it is JSON; it does not give texts.
function rawMembers(text) {
  const members = new Map();
  const skip = (at) => at + /^[ \t\n\r]*/.exec(text.slice(at, at + 1024))[0].length;
  const end = (at) => {
    // Of the value that begins at `at`: braces and brackets outside strings are paired.
    for (let depth = 0, inString = false; ; at++) {
      const c = text[at];
      if (inString) {
        if (c === "\\") at++;
        else if (c === '"') inString = false;
        else continue;
        if (c === '"' && depth === 0) return at + 1;
      } else if (c === '"') inString = true;
      else if (c === "{" || c === "[") depth++;
      else if ((c === "}" || c === "]") && depth-- <= 1) return depth < 0 ? at : at + 1;
      else if (depth === 0 && (c === "," || c === undefined)) return at;
    }
  };
  let at = skip(skip(0) + 1);
  while (text[at] === '"') {
    const nameEnd = end(at);
    const name = JSON.parse(text.slice(at, nameEnd));
    if (members.has(name)) throw new Error(`the member ${name} stands twice`);
    const start = skip(skip(nameEnd) + 1);
    const stop = end(start);
    members.set(name, text.slice(start, stop).trim());
    at = skip(stop);
    if (text[at] === ",") at = skip(at + 1);
  }
  return members;
}

function digestOf(body, raw) {
  const network = body.testnet ? "testnet" : "mainnet";
  const parts = ["tatum-kms approval", "1", body.id, body.chain, network, raw.get("pending"), raw.get("context") ?? ""];
  const hash = createHash("sha256");
  for (const part of parts.map((part) => Buffer.from(part))) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(part.length));
    hash.update(length).update(part);
  }
  return hash.digest("hex");
}

function jwsOf(digest) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(value).toString("base64url");
  const claims = { digest, approved: true, iat: now, exp: now + 300 };
  const text = part('{"alg":"EdDSA"}') + "." + part(JSON.stringify(claims));
  return text + "." + sign(null, Buffer.from(text), key).toString("base64url");
}

function answerTo(path, bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const body = JSON.parse(text);
  if (typeof body.testnet !== "boolean" || body.id !== path.split("/").pop() || body.pending?.id !== body.id) return null;
  const digest = digestOf(body, rawMembers(text));
  return digest === body.digest && mayBeSigned(body) ? jwsOf(digest) : null;
}

createServer((request, response) => {
  const chunks = [];
  let size = 0;
  request.on("data", (chunk) => {
    chunks.push(chunk);
    if ((size += chunk.length) > 17 << 20) request.destroy(); // a record has at most 16 MiB
  });
  request.on("end", () => {
    let jws = null;
    try {
      if (request.method === "POST") jws = answerTo(request.url, Buffer.concat(chunks));
    } catch (error) {
      console.error(`not understood: ${error.message}`);
    }
    response.writeHead(jws ? 200 : 403, { "Content-Type": "application/json" });
    response.end(JSON.stringify(jws ? { approved: true, jws } : { approved: false }));
  });
}).listen(Number(process.argv[3] ?? 8787), "127.0.0.1", function () {
  console.log(`http://127.0.0.1:${this.address().port}/approve`);
});
