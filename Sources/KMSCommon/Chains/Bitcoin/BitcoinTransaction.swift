internal import KMSCrypto
internal import KMSPrimitives

/// A transaction of the Bitcoin family, as it goes over the wire.
struct BitcoinTransaction: Hashable, Sendable {
  /// An output of an earlier transaction.
  struct OutPoint: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes in wire order: the transaction id reversed.
    let hash: [UInt8]
    let index: UInt32

    /// Reads the id as people write it, 64 hex digits; nil when it is not.
    init?(transactionID: String, index: UInt32) {
      guard let bytes = Hex.decode(transactionID), bytes.count == 32 else { return nil }
      self.init(hash: bytes.reversed(), index: index)
    }

    init(hash: [UInt8], index: UInt32) {
      self.hash = hash
      self.index = index
    }

    var transactionID: String { Hex.encode(hash.reversed()) }
    /// The id, a colon, the index.
    var description: String { "\(transactionID):\(index)" }
  }

  struct Input: Hashable, Sendable {
    let outPoint: OutPoint
    var script: [UInt8] = []
    let sequence: UInt32
    var witness: [[UInt8]] = []
  }

  struct Output: Hashable, Sendable {
    /// In satoshi.
    let value: UInt64
    let script: [UInt8]
  }

  let version: UInt32
  var inputs: [Input]
  let outputs: [Output]
  let lockTime: UInt32

  var hasWitness: Bool { inputs.contains { !$0.witness.isEmpty } }

  /// The serialization: of BIP-144 when there are witnesses to write, else the original one.
  func encoded(includingWitness: Bool = true) -> [UInt8] {
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
  var id: String { Hex.encode(Hash.sha256d(encoded(includingWitness: false)).reversed()) }

  /// Virtual bytes: a byte of witness counts a quarter (BIP-141).
  var virtualSize: Int {
    let base = encoded(includingWitness: false).count
    return (base * 3 + (hasWitness ? encoded().count : base) + 3) / 4
  }
}

extension BitcoinWriter {
  /// The number of outputs and the outputs.
  mutating func append(_ outputs: [BitcoinTransaction.Output]) {
    append(compactSize: outputs.count)
    for output in outputs { append(output) }
  }

  mutating func append(_ output: BitcoinTransaction.Output) {
    append(littleEndian: output.value)
    append(sized: output.script)
  }
}

extension BitcoinTransaction {
  /// Reads the original serialization, without witnesses; nil unless it is exactly one transaction.
  init?(decoding bytes: [UInt8]) {
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

/// Reads the wire format; every method answers nil when there are too few bytes.
private struct BitcoinReader {
  private var reader: ByteReader

  init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

  var isAtEnd: Bool { reader.isAtEnd }

  mutating func read(_ count: Int) -> [UInt8]? { reader.take(count).map(Array.init) }

  mutating func readInteger<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) -> T? {
    reader.littleEndian(type)
  }

  /// A number of elements, not more than there are bytes left, in its shortest form.
  mutating func readCompactSize() -> Int? {
    guard let first = readInteger(UInt8.self) else { return nil }
    let (value, smallest): (UInt64?, UInt64)
    switch first {
    case ..<0xfd: (value, smallest) = (UInt64(first), 0)
    case 0xfd: (value, smallest) = (readInteger(UInt16.self).map(UInt64.init), 0xfd)
    case 0xfe: (value, smallest) = (readInteger(UInt32.self).map(UInt64.init), 0x1_0000)
    default: (value, smallest) = (readInteger(UInt64.self), 0x1_0000_0000)
    }
    guard let value, value >= smallest, value <= UInt64(reader.remaining) else { return nil }
    return Int(value)
  }

  mutating func readSized() -> [UInt8]? { readCompactSize().flatMap { read($0) } }
}
