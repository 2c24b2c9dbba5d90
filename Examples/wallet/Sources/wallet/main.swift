import KMSChains
import KMSCrypto
import KMSRecords
import KMSSigning

guard let ethereum = SigningRegistry.chains["ETH"] else { throw WalletError.unsupported("no Ethereum") }

// The words that everybody knows, of BIP-39's test vectors. Real ones are read into SecretBytes, never into a String.
let words = try SecretBytes(
  copying: (Array(repeating: "abandon", count: 11) + ["about"]).joined(separator: " ").utf8)
let key = try ethereum.wallets.key(kind: .mnemonic, secret: words, index: 0, testnet: false)
print(key.address)

let transaction: JSONValue = [
  "to": "0x687422eea2cb73b5d3e242ba5456b782919afc85", "value": "1000000000000000",
]
let pending = try PendingTransaction(
  ["id": "1", "hashes": ["wallet"], "index": 0, "serializedTransaction": .string(transaction.text)],
  chain: "ETH")
let intent = try ethereum.read(pending, testnet: false)
let request = SigningRequest(
  context: [
    "from": .string(key.address), "chainId": "1", "nonce": "0", "gas": "21000", "gasPrice": "25000000000",
  ],
  keys: intent.keyReferences.map { SigningKey(reference: $0, privateKey: key) }, now: 0)
let signed = try intent.prepare(request).sign(nonce: 0)
print(signed.txData)
