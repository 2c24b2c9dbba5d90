internal import KMSCrypto
internal import KMSPrimitives

/// The script of an output, by what it takes to spend it.
package enum LockingScript: Hashable, Sendable {
  /// P2PK: a public key of 33 or 65 bytes.
  case publicKey([UInt8])
  /// P2PKH: the HASH160 of a public key.
  case publicKeyHash([UInt8])
  /// P2SH: the HASH160 of a script, or its double SHA-256 on Bitcoin Cash (P2SH32).
  case scriptHash([UInt8])
  /// A SegWit program (BIP-141): version 0 to 16, 2 to 40 bytes.
  case witness(version: Int, program: [UInt8])
  /// Bare multisig with up to 3 keys.
  case multisig
  /// OP_RETURN and pushes: can't be spent.
  case data
  /// Anything else.
  case nonStandard

  package init(_ script: [UInt8]) {
    let count = script.count
    if count == 25, script.starts(with: [0x76, 0xa9, 0x14]), script[23...] == [0x88, 0xac] {
      self = .publicKeyHash(Array(script[3..<23]))
    } else if count == 23, script.starts(with: [0xa9, 0x14]), script[22] == 0x87 {
      self = .scriptHash(Array(script[2..<22]))
    } else if count == 35, script.starts(with: [0xaa, 0x20]), script[34] == 0x87 {
      self = .scriptHash(Array(script[2..<34]))
    } else if (4...42).contains(count), Int(script[1]) == count - 2,
      script[0] == 0 || (0x51...0x60).contains(script[0])
    {
      self = .witness(version: script[0] == 0 ? 0 : Int(script[0]) - 0x50, program: Array(script[2...]))
    } else if let key = Self.publicKey(script) {
      self = .publicKey(key)
    } else if script.first == 0x6a, Self.isPushes(script.dropFirst()) {
      self = .data
    } else if Self.isMultisig(script) {
      self = .multisig
    } else {
      self = .nonStandard
    }
  }

  /// `OP_DUP OP_HASH160 <hash> OP_EQUALVERIFY OP_CHECKSIG`.
  package static func publicKeyHashScript(_ hash: [UInt8]) -> [UInt8] {
    [0x76, 0xa9, 0x14] + hash + [0x88, 0xac]
  }
  /// `OP_HASH160 <hash> OP_EQUAL`, for a hash of 20 bytes.
  static func scriptHashScript(_ hash: [UInt8]) -> [UInt8] { [0xa9, 0x14] + hash + [0x87] }
  /// `<version> <program>`.
  package static func witnessScript(version: Int, program: [UInt8]) -> [UInt8] {
    [version == 0 ? 0 : 0x50 + UInt8(version), UInt8(program.count)] + program
  }

  private static func publicKey(_ script: [UInt8]) -> [UInt8]? {
    guard let length = script.first.map(Int.init), length == 33 || length == 65,
      script.count == length + 2, script.last == 0xac,
      length == 33 ? script[1] == 2 || script[1] == 3 : script[1] == 4
    else { return nil }
    return Array(script[1...length])
  }

  private static func isPushes(_ script: ArraySlice<UInt8>) -> Bool {
    var rest = script
    while let opcode = rest.popFirst() {
      let length: Int
      switch opcode {
      case ..<0x4c: length = Int(opcode)
      case 0x4c...0x4e:
        let width = 1 << (Int(opcode) - 0x4c)  // OP_PUSHDATA1, 2 and 4 have 1, 2 and 4 bytes of length
        guard rest.count >= width else { return false }
        length = Int(UInt32(littleEndianBytes: rest.prefix(width)))
        rest = rest.dropFirst(width)
      case ...0x60: length = 0  // OP_1NEGATE, OP_RESERVED, OP_1 to OP_16
      default: return false
      }
      guard rest.count >= length else { return false }
      rest = rest.dropFirst(length)
    }
    return true
  }

  private static func isMultisig(_ script: [UInt8]) -> Bool {
    guard script.count > 3, script.last == 0xae else { return false }
    let (threshold, total) = (Int(script[0]) - 0x50, Int(script[script.count - 2]) - 0x50)
    guard (1...3).contains(total), (1...total).contains(threshold) else { return false }
    var rest = script[1..<script.count - 2]
    for _ in 0..<total {
      guard let length = rest.popFirst().map(Int.init), length == 33 || length == 65, rest.count >= length
      else { return false }
      rest = rest.dropFirst(length)
    }
    return rest.isEmpty
  }

  /// The script as bitcore writes it into `changeScript`; nil for kinds that are never change.
  ///
  /// Opcodes by name; a push as its length and `0x` hex.
  var bitcoreText: String? {
    switch self {
    case .publicKeyHash(let hash):
      "OP_DUP OP_HASH160 \(Self.push(hash)) OP_EQUALVERIFY OP_CHECKSIG"
    case .scriptHash(let hash) where hash.count == 20: "OP_HASH160 \(Self.push(hash)) OP_EQUAL"
    case .witness(let version, let program): "OP_\(version) \(Self.push(program))"
    case .publicKey(let key): "\(Self.push(key)) OP_CHECKSIG"
    default: nil
    }
  }

  private static func push(_ data: [UInt8]) -> String { "\(data.count) 0x\(Hex.encode(data))" }
}
