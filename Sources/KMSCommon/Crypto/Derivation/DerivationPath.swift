/// Where the keys of a mnemonic are: `m/44'/60'/0'/0/i`, where `i` stands for the derivation index.
public struct DerivationPath: Hashable, Sendable {
  /// One step: a number, or the index.
  public enum Step: Hashable, Sendable {
    /// Always the same.
    case fixed(HDPathElement)
    /// The derivation index.
    case index(hardened: Bool)
  }

  /// The steps from the master key.
  public let steps: [Step]

  /// Creates a path.
  public init(_ steps: [Step]) { self.steps = steps }

  /// Reads `m/44'/60'/0'/0/i`; `h` and `H` may stand for the apostrophe.
  ///
  /// Nil when it does not begin with `m`, a step is no number below 2^31, the index is there twice, or there are more than ten steps.
  public init?(_ text: String) {
    var parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let first = parts.first, first == "m" || first == "M", parts.count <= 11 else { return nil }
    parts.removeFirst()
    var steps: [Step] = []
    for part in parts {
      let isHardened = part.last.map { "'hH\u{2019}".contains($0) } ?? false
      let number = isHardened ? part.dropLast() : part
      if number == "i" {
        steps.append(.index(hardened: isHardened))
      } else if number.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt32(number),
        value < 1 << 31
      {
        steps.append(.fixed(isHardened ? .hardened(value) : .normal(value)))
      } else {
        return nil
      }
    }
    guard steps.count(where: \.isIndex) <= 1 else { return nil }
    self.steps = steps
  }

  /// The text, `m/44'/60'/0'/0/i`.
  public var text: String { text(index: nil) }

  /// The text with a number in the place of the index.
  public func text(index: UInt32?) -> String {
    let parts = steps.map { step in
      switch step {
      case .fixed(.hardened(let value)): "\(value)'"
      case .fixed(.normal(let value)): "\(value)"
      case .index(let isHardened): (index.map(String.init) ?? "i") + (isHardened ? "'" : "")
      }
    }
    return (["m"] + parts).joined(separator: "/")
  }

  /// Whether one of the steps is the index.
  public var hasIndex: Bool { steps.contains(where: \.isIndex) }

  /// Whether every step is hardened, as SLIP-0010 wants it for Ed25519.
  public var isHardened: Bool {
    steps.allSatisfy { step in
      switch step {
      case .fixed(.hardened), .index(hardened: true): true
      default: false
      }
    }
  }

  /// The steps to the key of an index.
  public func elements(index: UInt32) -> [HDPathElement] {
    steps.map { step in
      switch step {
      case .fixed(let element): element
      case .index(let isHardened): isHardened ? .hardened(index) : .normal(index)
      }
    }
  }

  /// The steps before the index, when that is the last one and not hardened: to the node that an extended public key can
  /// describe.
  public var account: [HDPathElement]? {
    guard steps.last == .index(hardened: false) else { return nil }
    return DerivationPath(steps.dropLast()).elements(index: 0)
  }

  /// The same path with the index appended when it has none.
  public func indexed(hardened: Bool) -> DerivationPath {
    hasIndex ? self : DerivationPath(steps + [.index(hardened: hardened)])
  }

  /// The same path with another account: the third step, as BIP-44 has it; nil where that is no hardened number.
  public func account(_ number: UInt32) -> DerivationPath? {
    guard steps.count >= 4, case .fixed(.hardened) = steps[2], number < 1 << 31 else { return nil }
    var steps = steps
    steps[2] = .fixed(.hardened(number))
    return DerivationPath(steps)
  }
}

extension DerivationPath.Step {
  fileprivate var isIndex: Bool { if case .index = self { true } else { false } }
}
