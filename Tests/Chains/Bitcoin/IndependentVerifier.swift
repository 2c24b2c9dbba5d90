import KMSCrypto
import KMSPrimitives

/// Checks signed transactions from their bytes alone, with code that shares nothing with the signer but the hash
/// functions and the curve: its own parser, its own digests, its own reading of scripts.
struct IndependentVerifier {
  struct Spent {
    var value: UInt64
    var script: [UInt8]
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
  }

  private(set) var version: [UInt8] = []
  struct Input {
    var outPoint: [UInt8]
    var script: [UInt8]
    var sequence: [UInt8]
    var witness: [[UInt8]] = []

    /// The id of the transaction that is spent, a colon, the index.
    var outPointText: String {
      "\(Hex.encode(outPoint.prefix(32).reversed())):\(IndependentVerifier.number(Array(outPoint.suffix(4))))"
    }
  }

  private(set) var inputs: [Input] = []
  private(set) var outputs: [(value: UInt64, script: [UInt8])] = []
  private(set) var lockTime: [UInt8] = []
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) throws {
    rest = bytes[...]
    version = try take(4)
    var count = try takeCount()
    let hasWitness = count == 0
    if hasWitness {
      guard try take(1) == [1] else { throw Failure("flag") }
      count = try takeCount()
    }
    for _ in 0..<count {
      inputs.append(Input(outPoint: try take(36), script: try takeSized(), sequence: try take(4)))
    }
    for _ in 0..<(try takeCount()) { outputs.append((Self.number(try take(8)), try takeSized())) }
    if hasWitness {
      for i in inputs.indices {
        for _ in 0..<(try takeCount()) { inputs[i].witness.append(try takeSized()) }
      }
      guard inputs.contains(where: { !$0.witness.isEmpty }) else { throw Failure("superfluous witness") }
    }
    lockTime = try take(4)
    guard rest.isEmpty else { throw Failure("trailing bytes") }
  }

  var id: String { Hex.encode(Hash.sha256d(stripped { $0.script }).reversed()) }

  /// The transaction without its scripts and witnesses.
  var unsigned: [UInt8] { stripped { _ in [] } }

  private func stripped(_ script: (Input) -> [UInt8]) -> [UInt8] {
    var body = version + Self.size(inputs.count)
    for input in inputs {
      body += input.outPoint + Self.size(script(input).count) + script(input) + input.sequence
    }
    body += Self.size(outputs.count)
    for output in outputs { body += Self.bytes(output) }
    return body + lockTime
  }

  /// Throws unless every input satisfies the script that it spends.
  func verify(_ spent: [Spent], forkID: Bool = false) throws {
    guard spent.count == inputs.count else { throw Failure("number of inputs") }
    for i in inputs.indices { try verify(i, spent[i], forkID: forkID) }
  }

  private func verify(_ i: Int, _ spent: Spent, forkID: Bool) throws {
    var stack = try Self.pushes(inputs[i].script)
    var script = spent.script
    if script.count == 23, script[0] == 0xa9 {  // P2SH
      guard let inner = stack.popLast(), [0xa9, 0x14] + Hash.hash160(inner) + [0x87] == script else {
        throw Failure("script hash")
      }
      script = inner
      if inner.count == 22 || inner.count == 34, inner[0] == 0 {
        guard stack.isEmpty else { throw Failure("nested program with other pushes") }
      }
    } else if script.first == 0, script.count == 22 || script.count == 34 {
      guard stack.isEmpty else { throw Failure("native program with a script") }
    }
    var isWitness = false
    if script.first == 0, script.count == 22 || script.count == 34 {
      isWitness = true
      stack = inputs[i].witness
      if script.count == 34 {
        guard let inner = stack.popLast(), Hash.sha256(inner) == Array(script[2...]) else {
          throw Failure("witness script hash")
        }
        script = inner
      } else {
        script = [0x76, 0xa9, 0x14] + script[2...] + [0x88, 0xac]
      }
    } else {
      guard inputs[i].witness.isEmpty else { throw Failure("witness without program") }
    }
    func check(_ signature: [UInt8], _ key: [UInt8]) throws {
      if isWitness, key.count != 33 { throw Failure("uncompressed key in a witness") }
      let type: UInt8 = forkID ? 0x41 : 0x01
      guard signature.last == type else { throw Failure("signature type") }
      let digest =
        isWitness || forkID
        ? segregated(i, script, spent.value, type) : legacy(i, script)
      let body = Array(signature.dropLast())
      if forkID, body.count == 64 {
        guard Secp256k1.verifyBCHSchnorr(body, digest: digest, publicKey: key) else {
          throw Failure("Schnorr")
        }
        return
      }
      guard let ecdsa = ECDSASignature(der: body), Secp256k1.verify(ecdsa, digest: digest, publicKey: key)
      else { throw Failure("ECDSA of input \(i)") }
    }
    if script.count == 25, script[0] == 0x76 {
      guard stack.count == 2, Hash.hash160(stack[1]) == Array(script[3..<23]) else {
        throw Failure("key hash")
      }
      try check(stack[0], stack[1])
    } else if script.last == 0xac {
      guard stack.count == 1 else { throw Failure("bare key") }
      try check(stack[0], Array(script[1..<script.count - 1]))
    } else if script.last == 0xae {
      let threshold = Int(script[0]) - 0x50
      var keys = try Self.pushes(Array(script[1..<script.count - 2]))[...]
      guard stack.count == threshold + 1, stack[0].isEmpty else { throw Failure("multisig stack") }
      for signature in stack.dropFirst() {
        while true {
          guard let key = keys.popFirst() else { throw Failure("multisig signature") }
          if (try? check(signature, key)) != nil { break }
        }
      }
    } else {
      throw Failure("unknown script")
    }
  }

  private func legacy(_ signed: Int, _ code: [UInt8]) -> [UInt8] {
    var body = version + Self.size(inputs.count)
    for (i, input) in inputs.enumerated() {
      let script = i == signed ? code : []
      body += input.outPoint + Self.size(script.count) + script + input.sequence
    }
    body += Self.size(outputs.count)
    for output in outputs { body += Self.bytes(output) }
    return Hash.sha256d(body + lockTime + [1, 0, 0, 0])
  }

  private func segregated(_ i: Int, _ code: [UInt8], _ value: UInt64, _ type: UInt8) -> [UInt8] {
    let prevouts = Hash.sha256d(inputs.flatMap(\.outPoint))
    let sequences = Hash.sha256d(inputs.flatMap(\.sequence))
    let paid = Hash.sha256d(outputs.flatMap { Self.bytes($0) })
    let amount = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    var body = version + prevouts + sequences + inputs[i].outPoint + Self.size(code.count) + code
    body += amount + inputs[i].sequence + paid + lockTime + [type, 0, 0, 0]
    return Hash.sha256d(body)
  }

  private static func bytes(_ output: (value: UInt64, script: [UInt8])) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: output.value >> (8 * UInt64($0))) } + size(output.script.count)
      + output.script
  }

  private static func size(_ count: Int) -> [UInt8] {
    count < 0xfd
      ? [UInt8(count)] : [0xfd, UInt8(count & 0xff), UInt8(count >> 8)]  // tests stay below 65,536
  }

  /// A little-endian integer.
  static func number(_ bytes: [UInt8]) -> UInt64 {
    bytes.enumerated().reduce(0) { $0 | UInt64($1.element) << (8 * UInt64($1.offset)) }
  }

  /// The items of a script of pushes in their shortest form.
  private static func pushes(_ script: [UInt8]) throws -> [[UInt8]] {
    var items: [[UInt8]] = []
    var rest = script[...]
    while let opcode = rest.popFirst() {
      var length = Int(opcode)
      switch opcode {
      case ..<0x4c: break
      case 0x4c:
        length = Int(rest.popFirst() ?? 0)
        guard length >= 0x4c else { throw Failure("push is not minimal") }
      case 0x4d:
        length = Int(rest.popFirst() ?? 0) + Int(rest.popFirst() ?? 0) << 8
        guard length >= 0x100 else { throw Failure("push is not minimal") }
      default: throw Failure("no push")
      }
      guard rest.count >= length else { throw Failure("push beyond the end") }
      items.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return items
  }

  private mutating func take(_ count: Int) throws -> [UInt8] {
    guard rest.count >= count else { throw Failure("too short") }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  private mutating func takeCount() throws -> Int {
    let first = try take(1)[0]
    return switch first {
    case ..<0xfd: Int(first)
    case 0xfd: Int(Self.number(try take(2)))
    default: throw Failure("more than tests write")
    }
  }

  private mutating func takeSized() throws -> [UInt8] { try take(try takeCount()) }
}
