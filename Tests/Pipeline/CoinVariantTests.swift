import Foundation
import KMSChains
import KMSCrypto
import KMSPrimitives
import KMSRecords
import KMSSigning
import Testing

/// Amounts in two goes (trust.md, finding 2; CVE-2020-14199): variants on each chain, kind of script, order and spelling.
@Suite struct CoinVariantTests {
  private struct Input {
    let id: String
    let amount: UInt64
  }

  private let first = String(repeating: "ab", count: 32), second = String(repeating: "cd", count: 32)

  /// A transaction as Tatum lists it: bitcore's JSON, or for BCH hexadecimal with amounts.
  private func text(
    _ chain: String, _ inputs: [Input], pays amount: UInt64, to byte: UInt8, script: [UInt8]
  ) -> String {
    let receiver: [UInt8] = [0x76, 0xa9, 20] + [UInt8](repeating: byte, count: 20) + [0x88, 0xac]
    guard chain == "BCH" else {
      let json: JSONValue = [
        "version": 2, "nLockTime": 0,
        "inputs": .array(
          inputs.map {
            [
              "prevTxId": .string($0.id), "outputIndex": 0, "sequenceNumber": 4_294_967_295, "script": "",
              "scriptString": "",
              "output": ["satoshis": .number(JSONNumber($0.amount)), "script": .string(Hex.encode(script))],
            ]
          }),
        "outputs": [
          ["satoshis": .number(JSONNumber(amount)), "script": .string(Hex.encode(receiver))]
        ],
      ]
      return json.text
    }
    var bytes: [UInt8] = [2, 0, 0, 0, UInt8(inputs.count)]
    for input in inputs {
      bytes += (Hex.decode(input.id.lowercased()) ?? []).reversed() + [0, 0, 0, 0, 0, 255, 255, 255, 255]
    }
    bytes += [1] + amount.bigEndianBytes.reversed() + [UInt8(receiver.count)] + receiver + [0, 0, 0, 0]
    return "\(Hex.encode(bytes)):[\(inputs.map { "\($0.amount)" }.joined(separator: ","))]"
  }

  @Test(arguments: [
    ("BTC", false), ("BTC", true), ("LTC", false), ("LTC", true), ("DOGE", false), ("BCH", false),
  ])
  func noCoinHasTwoAmounts(_ chain: String, _ segwit: Bool) throws {
    let vault = try KeyedVault()
    let secret = String(repeating: "11", count: 32)
    let wallet = try vault.add(chain, key: secret)
    let key = try #require(SigningRegistry.chains[chain]).wallets.key(
      kind: .privateKey, secret: SecretBytes(copying: Array(secret.utf8)), index: nil, testnet: true)
    let hash = Hash.hash160(key.publicKey)
    let script: [UInt8] = segwit ? [0, 20] + hash : [0x76, 0xa9, 20] + hash + [0x88, 0xac]
    let unit: UInt64 = chain == "DOGE" ? 1000 : 1
    let (small, large) = (70_000 * unit, 80_000 * unit)
    let pays = 150_000 * unit - (chain == "DOGE" ? 1_000_000 : 10_000)
    func sign(_ id: String, _ inputs: [Input], to byte: UInt8 = 1) throws -> RecordError? {
      var pending = JSONObject()
      pending["id"] = .string(id)
      pending["chain"] = .string(chain)
      // One key serves all inputs where they are matched by position.
      pending["hashes"] = .array(inputs.map { _ in .string(wallet) })
      pending["serializedTransaction"] = .string(text(chain, inputs, pays: pays, to: byte, script: script))
      let record = try Record(id: id, chain: chain, testnet: true, pending: .object(pending))
      let signed = try #require(try vault.sign([record.line]).records.first)
      #expect((signed["signed"] == nil) == (signed.error != nil))
      return signed.error
    }
    let honest = [Input(id: first, amount: small), Input(id: second, amount: large)]
    let lie = [Input(id: first, amount: large), Input(id: second, amount: small)]
    let before = try sign("a1", honest)
    #expect(before == nil, "\(before?.message ?? "")")
    // The demonstration; the other order; another receiver; one of the two only in words of capitals.
    #expect(try sign("a2", lie)?.code == .coinSignedBefore)
    #expect(try sign("a3", lie.reversed())?.code == .coinSignedBefore)
    #expect(try sign("a4", lie, to: 2)?.code == .coinSignedBefore)
    #expect(try sign("a5", [lie[0], honest[1]], to: 3) != nil)
    let capitals = lie.map { Input(id: $0.id.uppercased(), amount: $0.amount) }
    #expect(try sign("a6", capitals, to: 4) != nil)
    // The very transaction under another id, and its own id in other letters with other amounts.
    #expect(try sign("a7", honest)?.code == .coinSignedBefore)
    #expect(try sign("A1", lie)?.code == .changedAfterSigning)
    // What states the same may pay somebody else: the network takes one of both.
    let other = try sign("a8", honest.reversed(), to: 5)
    #expect(other == nil, "\(other?.message ?? "")")
  }
}
