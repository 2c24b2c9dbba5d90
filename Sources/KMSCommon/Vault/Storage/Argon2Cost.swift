/// How much work it is to try one password: the parameters of Argon2id version 1.3 (RFC 9106), one lane.
public struct Argon2Cost: Sendable, Hashable, CustomStringConvertible {
  /// Memory in KiB.
  public let memoryKiB: Int
  /// Passes over that memory.
  public let passes: Int

  /// Takes parameters between `floor` and the ceiling: 19 MiB and 2 passes at least, the least that OWASP's
  /// password storage cheat sheet names for Argon2id; at most 2 GiB, 64 passes, and 16 GiB written in all
  /// passes, so that a hostile file can neither take the memory nor the hour.
  ///
  /// - Throws: `cost-out-of-range`.
  public init(memoryKiB: Int, passes: Int) throws(VaultError) {
    guard memoryKiB >= Self.floor.memoryKiB, passes >= Self.floor.passes else {
      throw VaultError(
        .costOutOfRange,
        "Argon2id with \(memoryKiB) KiB and \(passes) passes is too weak; the least is \(Self.floor)")
    }
    guard memoryKiB <= Self.maximumMemoryKiB, passes <= Self.maximumPasses,
      memoryKiB * passes <= Self.maximumWorkKiB
    else {
      throw VaultError(
        .costOutOfRange,
        "Argon2id with \(memoryKiB) KiB and \(passes) passes is too much; the most is 2 GiB, 64 passes, and 16 GiB in all passes"
      )
    }
    self.init(unsafeUncheckedMemoryKiB: memoryKiB, passes: passes)
  }

  /// Takes any parameters: for tests, which would otherwise wait. Vaults made so are refused by `Vault.open`.
  package init(unsafeUncheckedMemoryKiB memoryKiB: Int, passes: Int) {
    self.memoryKiB = memoryKiB
    self.passes = passes
  }

  /// 256 MiB and 3 passes, the parameters of libsodium's "moderate" level; about half a second.
  public static let standard = Argon2Cost(unsafeUncheckedMemoryKiB: 256 * 1024, passes: 3)

  /// The least that is accepted.
  public static let floor = Argon2Cost(unsafeUncheckedMemoryKiB: 19 * 1024, passes: 2)

  private static let maximumMemoryKiB = 2 << 20
  private static let maximumPasses = 64
  private static let maximumWorkKiB = 16 << 20

  /// Such as `256 MiB, 3 passes`.
  public var description: String {
    "\(memoryKiB % 1024 == 0 ? "\(memoryKiB / 1024) MiB" : "\(memoryKiB) KiB"), \(passes) passes"
  }
}
