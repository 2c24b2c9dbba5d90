import KMSCrypto
import KMSPrimitives

/// A transaction of a Bitcoin-like chain, read from its wire form (with witnesses: BIP-144).
struct BitcoinTransaction {
  struct Input {
    /// Transaction id of the output that is spent, in wire order.
    let previousHash: [UInt8]
    let previousIndex: UInt32
    let script: [UInt8]
    let sequence: UInt32
    var witness: [[UInt8]] = []

    /// The spent output as `<txid in display order>:<index>`.
    var outpoint: String { "\(Hex.encode(previousHash.reversed())):\(previousIndex)" }
  }

  struct Output: Equatable {
    let value: UInt64
    let script: [UInt8]
  }

  let version: UInt32
  private(set) var inputs: [Input]
  let outputs: [Output]
  let lockTime: UInt32
  let hasWitness: Bool

  /// 1,000,000 bytes, beyond which no block has room (bitcoin/src/consensus).
  private static let maximumBytes = 1_000_000

  /// Reads the whole of `raw`; refuses lengths that are not in their shortest form and anything behind the end.
  init(_ raw: [UInt8]) throws(Refusal) {
    guard raw.count <= Self.maximumBytes else { throw Refusal("tx-size") }
    var reader = WireReader(raw)
    version = try reader.uint32()
    var inputCount = try reader.compactSize()
    var isSegWit = false
    if inputCount == 0 {
      guard try reader.byte() == 1 else { throw Refusal("bad-txns-vin-empty") }
      isSegWit = true
      inputCount = try reader.compactSize()
    }
    inputs = []
    for _ in 0..<inputCount {
      inputs.append(
        Input(
          previousHash: try reader.bytes(32), previousIndex: try reader.uint32(),
          script: try reader.counted(),
          sequence: try reader.uint32()))
    }
    var outputs: [Output] = []
    for _ in 0..<(try reader.compactSize()) {
      outputs.append(Output(value: try reader.uint64(), script: try reader.counted()))
    }
    self.outputs = outputs
    if isSegWit {
      for i in inputs.indices {
        for _ in 0..<(try reader.compactSize()) { inputs[i].witness.append(try reader.counted()) }
      }
      guard inputs.contains(where: { !$0.witness.isEmpty }) else {
        throw Refusal("TX decode failed: superfluous witness record")
      }
    }
    hasWitness = isSegWit
    lockTime = try reader.uint32()
    guard reader.isAtEnd else { throw Refusal("TX decode failed: more bytes than the transaction") }
  }

  /// The wire form without witnesses, which the transaction id is a hash of.
  var strippedBytes: [UInt8] {
    var out = Wire.uint32(version) + Wire.compactSize(inputs.count)
    for input in inputs {
      out += input.previousHash + Wire.uint32(input.previousIndex) + Wire.counted(input.script)
      out += Wire.uint32(input.sequence)
    }
    out += Wire.compactSize(outputs.count)
    for output in outputs { out += Wire.output(output) }
    return out + Wire.uint32(lockTime)
  }

  var txId: String { Hex.encode(Hash.sha256d(strippedBytes).reversed()) }

  // MARK: What a signature signs; all of these for SIGHASH_ALL

  /// The original preimage: the transaction with all input scripts empty but the one of `index`, and the hash type.
  func legacyPreimage(_ index: Int, scriptCode: [UInt8], hashType: UInt32) -> [UInt8] {
    var out = Wire.uint32(version) + Wire.compactSize(inputs.count)
    for (i, input) in inputs.enumerated() {
      out += input.previousHash + Wire.uint32(input.previousIndex)
      out += Wire.counted(i == index ? scriptCode : []) + Wire.uint32(input.sequence)
    }
    out += Wire.compactSize(outputs.count)
    for output in outputs { out += Wire.output(output) }
    return out + Wire.uint32(lockTime) + Wire.uint32(hashType)
  }

  /// BIP-143; Bitcoin Cash uses the same with its own hash type (replay protected sighash, 2017).
  func amountPreimage(_ index: Int, scriptCode: [UInt8], amount: UInt64, hashType: UInt32) -> [UInt8] {
    let outpoints = inputs.flatMap { $0.previousHash + Wire.uint32($0.previousIndex) }
    var out = Wire.uint32(version) + Hash.sha256d(outpoints)
    out += Hash.sha256d(inputs.flatMap { Wire.uint32($0.sequence) })
    out += inputs[index].previousHash + Wire.uint32(inputs[index].previousIndex)
    out += Wire.counted(scriptCode) + Wire.uint64(amount) + Wire.uint32(inputs[index].sequence)
    out += Hash.sha256d(outputs.flatMap(Wire.output))
    return out + Wire.uint32(lockTime) + Wire.uint32(hashType)
  }
}

/// Little-endian wire forms.
enum Wire {
  static func uint32(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func uint64(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func compactSize(_ count: Int) -> [UInt8] {
    switch count {
    case ..<0xFD: [UInt8(count)]
    case ...0xFFFF: [0xFD] + uint32(UInt32(count)).prefix(2)
    default: [0xFE] + uint32(UInt32(count))
    }
  }

  static func counted(_ bytes: [UInt8]) -> [UInt8] { compactSize(bytes.count) + bytes }

  static func output(_ output: BitcoinTransaction.Output) -> [UInt8] {
    uint64(output.value) + counted(output.script)
  }
}

/// Reads little-endian wire forms; never past the end.
struct WireReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func bytes(_ count: Int) throws(Refusal) -> [UInt8] {
    guard count <= rest.count else { throw Refusal("TX decode failed: the transaction ends too early") }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func byte() throws(Refusal) -> UInt8 { try bytes(1)[0] }

  mutating func uint32() throws(Refusal) -> UInt32 {
    try bytes(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func uint64() throws(Refusal) -> UInt64 {
    try bytes(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func compactSize() throws(Refusal) -> Int {
    let first = try byte()
    guard first >= 0xFD else { return Int(first) }
    let width = first == 0xFD ? 2 : first == 0xFE ? 4 : 8
    let value = try bytes(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let least: UInt64 = width == 2 ? 0xFD : width == 4 ? 0x1_0000 : 0x1_0000_0000
    guard value >= least else { throw Refusal("TX decode failed: non-canonical compact size") }
    guard value <= UInt64(rest.count) else {
      throw Refusal("TX decode failed: the transaction ends too early")
    }
    return Int(value)
  }

  mutating func counted() throws(Refusal) -> [UInt8] { try bytes(try compactSize()) }
}
