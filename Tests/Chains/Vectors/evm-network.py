#!/usr/bin/env python3
"""Vectors of an EVM network, from libraries that have nothing to do with this project.

    python3 -m venv /tmp/vectors && /tmp/vectors/bin/pip install eth-account bip-utils
    /tmp/vectors/bin/python3 Tests/Chains/Vectors/evm-network.py NAME COIN-TYPE MAINNET-ID TESTNET-ID...

writes wallets/name.json and transactions/name.json beside itself: keys by BIP-39, BIP-32 and BIP-44 (bip-utils), signatures
by eth-account. NAME is the chain's name as Tatum writes it, COIN-TYPE its SLIP-44 number, the ids are its chain ids.
Nothing here reads this project's source, so that a mistake there can't hide here.
"""
import json
import pathlib
import sys

from bip_utils import Bip32Slip10Secp256k1, Bip39SeedGenerator
from eth_account import Account
from eth_account import __version__ as eth_account_version
from eth_utils import to_checksum_address

HERE = pathlib.Path(__file__).resolve().parent
SIGNER = f"generated with eth-account {eth_account_version}"
MNEMONICS = {
    "kit-sister": "kit erase harsh crawl taste rebel bus ocean traffic vast undo street patrol around network deputy "
    "wage usage aware void float snake baby sister",
    "abandon-about": "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
    "test-junk": "test test test test test test test test test test test junk",
}
KEY = "0x4874827a55d87f2309c55b835af509e3427aa4d52321eeb49a2b93b5c0f8edfb"  # of nobody: published in tatum-js's tests
TO = "0x8cb76aed9c5e336ef961265c6079c14e9cd3d2ea"
TRANSFER = "0xa9059cbb" + "0" * 24 + TO[2:] + f"{10**18:064x}"


def account(mnemonic, coin_type):
    seed = Bip39SeedGenerator(mnemonic).Generate()
    return Bip32Slip10Secp256k1.FromSeed(seed).DerivePath(f"m/44'/{coin_type}'/0'/0")


def private_key(node, index):
    return "0x" + node.ChildKey(index).PrivateKey().Raw().ToHex()


def wallet(name, which, mnemonic, testnet, coin_type):
    node = account(mnemonic, 1 if testnet else coin_type)
    keys = [private_key(node, index) for index in (0, 7)]
    return {
        "name": f"{name} {'testnet' if testnet else 'mainnet'}, {which} mnemonic",
        "source": "generated with bip-utils and eth-account",
        "generated": True, "kind": "hdWallet", "testnet": testnet, "mnemonic": mnemonic,
        "derivationPath": f"m/44'/{1 if testnet else coin_type}'/0'/0/i",
        "xpub": node.PublicKey().ToExtended(),
        "keys": [
            {"index": index, "privateKey": key, "address": Account.from_key(key).address.lower()}
            for index, key in zip((0, 7), keys)
        ],
    }


def vector(chain, name, chain_id, testnet, fields, pending, key=KEY, **more):
    """`fields` is what is signed, `pending` are the members that stand in the pending transaction."""
    unsigned = {"chainId": chain_id, "nonce": 5, "gas": 21000, "value": 0, "data": "0x", **fields}
    if "maxFeePerGas" not in unsigned:
        unsigned.setdefault("gasPrice", 25_000_000_000)
    transaction = dict(unsigned)
    if "to" in transaction:
        transaction["to"] = to_checksum_address(transaction["to"])
    signed = Account.sign_transaction(transaction, key)
    serialized = {"from": 0, **pending}
    serialized = {k: str(v) if k in ("value", "gasPrice") and isinstance(v, int) else v for k, v in serialized.items()}
    return {
        "name": name, "source": SIGNER, "testnet": testnet, "deterministic": True, "generated": True,
        "unsigned": {k: str(v) if isinstance(v, int) else v for k, v in unsigned.items()},
        "context": {
            "chainId": chain_id, "transactionCount": unsigned["nonce"],
            "gasPrice": str(unsigned.get("gasPrice", unsigned.get("maxFeePerGas"))), "estimateGas": unsigned["gas"],
            "from": Account.from_key(key).address,
        },
        "pendingComposed": True,
        "pending": {
            "id": "61dcf2a4684ebc8ba4da5af4", "chain": chain, "hashes": ["26d3883e-4e17-48b3-a0ee-09a3e484ac83"],
            "serializedTransaction": json.dumps(serialized, separators=(",", ":")), "withdrawalId": None,
            "index": more.pop("index", None),
        },
        "privateKeys": [key], **more,
        "expected": {"txData": "0x" + signed.raw_transaction.hex().removeprefix("0x"),
                     "txId": "0x" + signed.hash.hex().removeprefix("0x")},
    }


def transactions(chain, mainnet, testnets):
    def all_of(chain_id, testnet):
        to = {"to": TO}
        price = {"gasPrice": 25_000_000_000}
        def make(name, fields, pending, **more):
            return vector(chain, f"chain id {chain_id}: {name}", chain_id, testnet, fields, pending, **more)
        yield make("native transfer, all given", {**to, "value": 10**15}, {**to, "value": 10**15, "nonce": 5, **price, "gas": 21000})
        yield make("native transfer, above 2^64", {**to, "value": 10**21}, {**to, "value": 10**21, "nonce": 5, **price, "gas": 21000})
        yield make("token transfer, all facts from the network", {**to, "data": TRANSFER, "gas": 65000},
                   {**to, "data": TRANSFER})
        yield make("contract creation", {"data": "0x60006000f3", "gas": 100_000},
                   {"data": "0x60006000f3", "nonce": 5, **price, "gas": 100_000})
        dynamic = {"maxFeePerGas": 60_000_000_000, "maxPriorityFeePerGas": 1_500_000_000}
        yield make("EIP-1559", {**to, "value": 7, "type": 2, **dynamic},
                   {**to, "value": 7, "nonce": 5, "gas": 21000, **{k: str(v) for k, v in dynamic.items()}})
    for chain_id in [mainnet, *testnets]:
        yield from all_of(chain_id, chain_id != mainnet)
    mnemonic = MNEMONICS["kit-sister"]
    yield vector(
        chain, "mnemonic wallet with an index", testnets[0], True, {"to": TO, "value": 1},
        {"to": TO, "value": 1, "nonce": 5, "gasPrice": 25_000_000_000, "gas": 21000},
        key=private_key(account(mnemonic, 1), 1), mnemonic=mnemonic, index=1)


def write(folder, chain, vectors, description):
    path = HERE / folder / f"{chain.lower()}.json"
    document = {
        "source": "generated (marked); see evm-network.py", "description": description,
        "verifiedWith": f"eth-account {eth_account_version}, bip-utils", "vectors": list(vectors),
    }
    path.write_text(json.dumps(document, indent=2) + "\n")
    print(f"{path}: {len(document['vectors'])} vectors")


def main():
    name, coin_type, mainnet, *testnets = sys.argv[1:]
    write(
        "wallets", name,
        (wallet(name, which, mnemonic, testnet, coin_type) for which, mnemonic in MNEMONICS.items() for testnet in (False, True)),
        f"{name}: EVM keys. Test networks have m/44'/1'/0'/0.")
    write(
        "transactions", name, transactions(name, int(mainnet), [int(id) for id in testnets]),
        f"{name}, chain ids {mainnet} and {', '.join(testnets)}. \"context\" is the network data to serve.")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main()
