internal import KMSCrypto
internal import KMSPrimitives

/// A transaction of the Bitcoin family, as it goes over the wire.
package struct BitcoinTransaction: Hashable, Sendable {
  /// `SIGHASH_ALL`: a signature covers all inputs and outputs.
  package static let signatureHashAll: UInt8 = 0x01

  /// An output of an earlier transaction.
  package struct OutPoint: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes in wire order: the transaction id reversed.
    package let hash: [UInt8]
    package let index: UInt32

    /// Reads the id as people write it, 64 hex digits; nil when it is not.
    package init?(transactionID: String, index: UInt32) {
      guard let bytes = Hex.decode(transactionID), bytes.count == 32 else { return nil }
      self.init(hash: bytes.reversed(), index: index)
    }

    package init(hash: [UInt8], index: UInt32) {
      self.hash = hash
      self.index = index
    }

    package var transactionID: String { Hex.encode(hash.reversed()) }
    /// The id, a colon, the index.
    package var description: String { "\(transactionID):\(index)" }
  }

  package struct Input: Hashable, Sendable {
    package let outPoint: OutPoint
    package var script: [UInt8] = []
    package let sequence: UInt32
    package var witness: [[UInt8]] = []
  }

  package struct Output: Hashable, Sendable {
    /// In satoshi.
    package let value: UInt64
    package let script: [UInt8]
  }

  package let version: UInt32
  package var inputs: [Input]
  package let outputs: [Output]
  package let lockTime: UInt32

  var hasWitness: Bool { inputs.contains { !$0.witness.isEmpty } }

  /// The serialization: of BIP-144 when there are witnesses to write, else the original one.
  package func encoded(includingWitness: Bool = true) -> [UInt8] {
    let withWitness = includingWitness && hasWitness
    var writer = BitcoinWriter(capacity: 64 + inputs.count * 160 + outputs.count * 40)
    writer.append(littleEndian: version)
    if withWitness { writer.append([0x00, 0x01]) }  // marker and flag
    writer.append(compactSize: inputs.count)
    for input in inputs {
      writer.append(input.outPoint.hash)
      writer.append(littleEndian: input.outPoint.index)
      writer.append(sized: input.script)
      writer.append(littleEndian: input.sequence)
    }
    writer.append(outputs)
    if withWitness {
      for input in inputs {
        writer.append(compactSize: input.witness.count)
        for item in input.witness { writer.append(sized: item) }
      }
    }
    writer.append(littleEndian: lockTime)
    return writer.bytes
  }

  /// The transaction id, 64 lower-case hex digits: the double SHA-256 of the form without witnesses, reversed.
  package var id: String { Hex.encode(Hash.sha256d(encoded(includingWitness: false)).reversed()) }

  /// Virtual bytes: a byte of witness counts a quarter (BIP-141).
  package var virtualSize: Int {
    let base = encoded(includingWitness: false).count
    return (base * 3 + (hasWitness ? encoded().count : base) + 3) / 4
  }
}

extension BitcoinWriter {
  /// The number of outputs and the outputs.
  package mutating func append(_ outputs: [BitcoinTransaction.Output]) {
    append(compactSize: outputs.count)
    for output in outputs { append(output) }
  }

  package mutating func append(_ output: BitcoinTransaction.Output) {
    append(littleEndian: output.value)
    append(sized: output.script)
  }
}

extension BitcoinTransaction {
  /// Reads the original serialization, without witnesses; nil unless it is exactly one transaction.
  package init?(decoding bytes: [UInt8]) {
    var reader = BitcoinReader(bytes)
    guard let version = reader.readInteger(UInt32.self), let inputCount = reader.readCompactSize() else {
      return nil
    }
    var inputs: [Input] = []
    for _ in 0..<inputCount {
      guard let hash = reader.read(32), let index = reader.readInteger(UInt32.self),
        let script = reader.readSized(), let sequence = reader.readInteger(UInt32.self)
      else { return nil }
      inputs.append(Input(outPoint: OutPoint(hash: hash, index: index), script: script, sequence: sequence))
    }
    guard let outputCount = reader.readCompactSize() else { return nil }
    var outputs: [Output] = []
    for _ in 0..<outputCount {
      guard let value = reader.readInteger(UInt64.self), let script = reader.readSized() else { return nil }
      outputs.append(Output(value: value, script: script))
    }
    guard let lockTime = reader.readInteger(UInt32.self), reader.isAtEnd else { return nil }
    self.init(version: version, inputs: inputs, outputs: outputs, lockTime: lockTime)
  }
}
