internal import KMSPrimitives
internal import KMSRecords

/// The bytes of a transaction that the API tells in members: `vin` and `vout` as Bitcoin Core writes them (BCH, DOGE), or
/// `inputs` and `outputs` as bcoin does (BTC, LTC).
///
/// The members leave open whether an amount is in coins or in satoshi, and in which order the bytes of an id stand. All
/// readings are tried: only one of them can have the id that is asked for.
enum RebuiltTransaction {
  /// The bytes without witnesses; nil when no reading of `json` has `id`.
  static func bytes(of json: JSONValue, _ id: String) -> [UInt8]? {
    guard let version = integer(json["version"]), let lockTime = integer(json["locktime"]) else { return nil }
    for isReversed in [false, true] {
      guard let inputs = inputs(json, isReversed) else { continue }
      for places in [8, 0] {
        guard let outputs = outputs(json, places) else { continue }
        let transaction = BitcoinTransaction(
          version: version, inputs: inputs, outputs: outputs, lockTime: lockTime)
        if transaction.id == id { return transaction.encoded(includingWitness: false) }
      }
    }
    return nil
  }

  /// 32 bits; a version may be written as a negative number.
  private static func integer(_ json: JSONValue?) -> UInt32? {
    guard let number = json?.number?.int64 else { return nil }
    return UInt32(exactly: number) ?? Int32(exactly: number).map { UInt32(bitPattern: $0) }
  }

  private static func script(_ json: JSONValue?) -> [UInt8]? { json?.string.flatMap { Hex.decode($0) } }

  private static func inputs(_ json: JSONValue, _ isReversed: Bool) -> [BitcoinTransaction.Input]? {
    guard let items = json["vin"]?.array ?? json["inputs"]?.array, !items.isEmpty else { return nil }
    var inputs: [BitcoinTransaction.Input] = []
    for item in items {
      guard let sequence = integer(item["sequence"]) else { return nil }
      let point: BitcoinTransaction.OutPoint, script: [UInt8]?
      if let coinbase = item["coinbase"]?.string {
        point = BitcoinTransaction.OutPoint(hash: [UInt8](repeating: 0, count: 32), index: .max)
        script = Hex.decode(coinbase)
      } else {
        guard let id = (item["txid"] ?? item["prevout"]?["hash"])?.string.flatMap({ Hex.decode($0) }),
          id.count == 32, let index = integer(item["vout"] ?? item["prevout"]?["index"])
        else { return nil }
        point = BitcoinTransaction.OutPoint(hash: isReversed ? id : id.reversed(), index: index)
        script = self.script(item["scriptSig"]?["hex"] ?? item["script"])
      }
      guard let script else { return nil }
      inputs.append(BitcoinTransaction.Input(outPoint: point, script: script, sequence: sequence))
    }
    return inputs
  }

  private static func outputs(_ json: JSONValue, _ places: Int) -> [BitcoinTransaction.Output]? {
    guard let items = json["vout"]?.array ?? json["outputs"]?.array, !items.isEmpty else { return nil }
    var outputs: [BitcoinTransaction.Output] = []
    for (i, item) in items.enumerated() {
      // Out of order, it would be another transaction.
      if let n = item["n"], n.uint64 != UInt64(i) { return nil }
      guard let value = item["value"].flatMap({ $0.number?.digits ?? $0.string }),
        let satoshi = DecimalText.shifted(value, by: places).flatMap({ UInt64($0) }),
        let script = script(item["scriptPubKey"]?["hex"] ?? item["script"])
      else { return nil }
      outputs.append(BitcoinTransaction.Output(value: satoshi, script: script))
    }
    return outputs
  }
}
