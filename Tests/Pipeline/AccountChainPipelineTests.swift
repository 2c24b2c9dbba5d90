import Foundation
import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSRecords
import Testing

/// TRON, VET and BNB through all four stages; the sandbox decodes and verifies with code of its own.
@Suite struct AccountChainPipelineTests {
  private func stages(_ run: PipelineRun, fetch: [String] = []) throws -> [Record] {
    let signed = try run.sign(run.verify(run.fetch(fetch).outputText).outputText)
    return try run.broadcast(signed.outputText).records
  }

  private func expectSent(_ records: [Record], _ count: Int, _ run: PipelineRun) throws {
    #expect(records.count == count)
    for record in records {
      #expect(record["result"]?["txId"] != nil, "\(record.error?.description ?? "no result")")
      #expect(record["result"]?["txId"] == record["signed"]?["txId"])
    }
    let broadcasts = try run.sandbox.look("broadcasts").array ?? []
    #expect(broadcasts.count == count)
    #expect(broadcasts.allSatisfy { $0["mismatches"] == [] && $0["flags"] == [] }, "\(broadcasts)")
  }

  private func add(
    _ run: PipelineRun, _ id: Int, _ chain: String, _ wallet: String, _ transaction: JSONValue,
    index: JSONValue = .null
  ) throws {
    try run.sandbox.control(
      "pending",
      [
        "id": .string("61dc0000000000000000000\(id)"), "chain": .string(chain), "hashes": [.string(wallet)],
        "index": index, "serializedTransaction": .string(transaction.text),
      ])
  }

  // MARK: TRON

  /// A transfer of `amount` sun to oneself that expires `seconds` from now, as a node makes it.
  private func transfer(amount: UInt8, seconds: Double) throws -> JSONValue {
    let key = try Secp256k1PrivateKey(
      SecretBytes(copying: Hex.decodePrefixed(KeyedVault.TestKey.eth) ?? []))
    let point = key.publicKey(compressed: false).dropFirst()
    let owner = [0x41] + Hash.keccak256(Array(point)).suffix(20)
    func varint(_ value: UInt64) -> [UInt8] {
      value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
    }
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [number << 3 | 2] + varint(UInt64(bytes.count)) + bytes
    }
    let url = "type.googleapis.com/protocol.TransferContract"
    let value = field(1, owner) + field(2, owner) + [0x18, amount]
    let contract = [0x08, 0x01] + field(2, field(1, Array(url.utf8)) + field(2, value))
    let expiration = UInt64((Date().timeIntervalSince1970 + seconds) * 1000)
    let raw =
      field(1, [1, 2]) + field(4, Array(1...8)) + [0x40] + varint(expiration) + field(11, contract)
    let text = JSONValue.string(Hex.encode(owner))
    return [
      "visible": false, "txID": .string(Hex.encode(Hash.sha256(raw))),
      "raw_data": [
        "contract": [
          [
            "parameter": [
              "value": ["owner_address": text, "to_address": text, "amount": .number(JSONNumber(amount))],
              "type_url": .string(url),
            ], "type": "TransferContract",
          ]
        ], "ref_block_bytes": "0102", "ref_block_hash": "0102030405060708",
        "expiration": .number(JSONNumber(expiration)),
      ], "raw_data_hex": .string(Hex.encode(raw)),
    ]
  }

  @Test func sendsTRONAndRefusesWhatIsHiddenOrExpired() throws {
    let run = try PipelineRun()
    let wallet = try run.vault.add("TRON", key: KeyedVault.TestKey.eth)
    try add(run, 1, "TRON", wallet, transfer(amount: 5, seconds: 60))
    try add(run, 2, "TRON", wallet, transfer(amount: 6, seconds: -60))
    var hidden = try #require(try transfer(amount: 7, seconds: 60).object)
    hidden["raw_data"] = try transfer(amount: 1, seconds: 60)["raw_data"]
    try add(run, 3, "TRON", wallet, .object(hidden))
    let records = try stages(run)
    #expect(records.compactMap(\.error?.code.rawValue).sorted() == ["content-mismatch", "expired"])
    try expectSent(records.filter { $0.error == nil }, 1, run)
  }

  // MARK: VET

  @Test func sendsVETWithBothKindsOfWallets() throws {
    let run = try PipelineRun()
    let key = try run.vault.add("VET", key: KeyedVault.TestKey.eth)
    let mnemonic = try run.vault.add("VET", mnemonic: KeyedVault.TestKey.mnemonic)
    let to: JSONValue = "0x687422eea2cb73b5d3e242ba5456b782919afc85"
    try run.sandbox.control(
      "state", ["chains": ["VET": ["gasUsed": ["0x0000000000000000000000000000456e65726779": 13000]]]])
    try add(run, 1, "VET", key, ["from": 0, "to": to, "value": "1000000000000000000"])
    try add(
      run, 2, "VET", mnemonic,
      [
        "from": 0, "to": "0x0000000000000000000000000000456e65726779",
        "data":
          "0xa9059cbb000000000000000000000000687422eea2cb73b5d3e242ba5456b782919afc850000000000000000000000000000000000000000000000000de0b6b3a7640000",
      ], index: 1)
    try add(run, 3, "VET", key, ["from": 0, "to": to, "value": "1000000000000000000"])
    let records = try stages(run, fetch: ["--node-url", "VET=" + run.sandbox.url + "/vechain"])
    try expectSent(records, 3, run)
    #expect(Set(records.compactMap { $0["signed"]?["txId"]?.string }).count == 3)
  }

  // MARK: BNB

  @Test func sendsSeveralTransfersOfOneBNBAccount() throws {
    let run = try PipelineRun()
    let key = "268a1c3c1b08e4cfd93cf380c39027ac0b6a707abcb4f578ad9ffd172a6eb327"
    let wallet = try run.vault.add("BNB", key: key)
    let address = "tbnb1z6hg2sflt9wdrjrjysdn57c0yd56nkts9lmwun"
    let bytes = try #require(Bech32.decodeBytes(address, hrp: "tbnb"))
    try run.sandbox.control(
      "state", ["chains": ["BNB": ["accounts": [address: ["accountNumber": 42, "sequence": 7]]]]])
    for amount in [1, 2, 3] {
      let coins: JSONValue = [["denom": "BNB", "amount": .number(JSONNumber(amount))]]
      let buffer: JSONValue = [
        "type": "Buffer", "data": .array(bytes.map { .number(JSONNumber($0)) }),
      ]
      let encoded: JSONValue = [["address": buffer, "coins": coins]]
      let shown: JSONValue = [["address": .string(address), "coins": coins]]
      try add(
        run, amount, "BNB", wallet,
        [
          "msg": ["inputs": encoded, "outputs": encoded, "aminoPrefix": "2A2C87FA"],
          "signMsg": ["inputs": shown, "outputs": shown], "memo": "109429545",
        ])
    }
    let records = try stages(run)
    try expectSent(records, 3, run)
    #expect(records.compactMap { $0["signed"]?["nonce"]?.string }.sorted() == ["7", "8", "9"])
  }
}
