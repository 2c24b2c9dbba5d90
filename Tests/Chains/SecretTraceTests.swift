internal import Glibc
internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSSigning
internal import Testing

/// Of a secret nothing stays in memory that is not protected: no array, no string, and no stack that nobody wiped.
@Suite(.serialized) struct SecretTraceTests {
  /// One chain of each way in which keys are written.
  static let chains = [
    "BTC", "LTC", "BCH", "ETH", "TRON", "VET", "XRP", "XLM", "SOL", "ALGO", "ADA", "EGLD", "FLOW", "BNB",
  ]

  @Test(arguments: chains) func nothingStaysOfPrivateKeys(chain: String) throws {
    let scheme = try #require(SigningRegistry.wallets(of: chain))
    let wallet = try scheme.generatePrivateKey(testnet: false)
    let key = try scheme.key(kind: .privateKey, secret: wallet.secret, index: nil, testnet: false)
    let accepted = try scheme.accept(privateKey: wallet.secret, assurance: KeyAssurance(), testnet: false)
    #expect(try scheme.wallet(privateKey: accepted.text, testnet: false).address == wallet.address)
    try expectNoTrace(of: wallet.secret, "the text of a key")
    try expectNoTrace(of: key.secret, "a key")
  }

  @Test(arguments: chains) func nothingStaysOfKeysOfOtherChains(chain: String) throws {
    let secret = try #require(SigningRegistry.wallets(of: chain)).generatePrivateKey(testnet: false).secret
    // A person may have typed it wrong, and then it is no key of any chain.
    let mistyped = try SecretBytes(joining: [
      secret.slice(0..<secret.count / 3), secret.slice(secret.count / 3 + 1..<secret.count),
    ])
    var refusals = 0
    for other in Self.chains {
      let scheme = try #require(SigningRegistry.wallets(of: other))
      for text in [secret, mistyped] {
        do {
          let accepted = try scheme.accept(privateKey: text, assurance: KeyAssurance(), testnet: false)
          _ = try scheme.wallet(privateKey: accepted.text, testnet: false)
        } catch let refusal as WalletError {
          refusals += 1
          _ = try KeyAdvice.explain(refusal, key: text, chain: other)
        }
      }
    }
    #expect(refusals > Self.chains.count)
    try expectNoTrace(of: secret, "the text of a key")
  }

  /// Algorand's secrets are Base32, as Stellar's texts are, and one in four begins with a letter that one of those begins with.
  @Test func nothingStaysOfKeysThatLookLikeStellarTexts() throws {
    let scheme = try #require(SigningRegistry.wallets(of: "ALGO"))
    for letter in "GMTXPCBL" {
      var secret: SecretBytes
      repeat {
        secret = try scheme.generatePrivateKey(testnet: false).secret
      } while secret.withUnsafeBytes { $0[0] } != letter.asciiValue
      _ = try KeyAdvice.explain(WalletError.invalidPrivateKey(""), key: secret, chain: "BTC")
      try expectNoTrace(of: secret, "the text of a key")
    }
  }

  @Test(arguments: ["BTC", "ETH", "ADA", "SOL", "FLOW", "TRON", "EGLD"])
  func nothingStaysOfWords(chain: String) throws {
    let scheme = try #require(SigningRegistry.wallets(of: chain))
    let words = try Mnemonic.generate()
    let key = try scheme.key(kind: .mnemonic, secret: words, index: 0, testnet: false)
    _ = try scheme.wallet(mnemonic: words, testnet: false)
    for other in ["XRP", "ALGO", "FLOW"] {
      let refusal = WalletError.invalidPrivateKey("")
      _ = try KeyAdvice.explain(refusal, key: words, chain: other)
      _ = try KeyAdvice.explain(refusal, words: words.slice(9..<words.count), chain: other)
    }
    try expectNoTrace(of: words, "words")
    try expectNoTrace(of: Mnemonic.seed(words), "a seed")
    try expectNoTrace(of: key.secret, "a key of words")
  }

  /// What is looked for is found where it stands.
  @Test func tracesAreFound() throws {
    let secret = try SecretBytes.random(count: 64).hexEncoded()
    #expect(try !OrdinaryMemory.contains(secret))
    let copy = secret.withUnsafeBytes { Array($0) }
    #expect(try OrdinaryMemory.contains(secret))
    withExtendedLifetime(copy) {}
  }

  /// Looks for the end of a secret: where an allocator keeps a list of freed blocks, it overwrites their first bytes.
  private func expectNoTrace(
    of secret: SecretBytes, _ what: String, location: SourceLocation = #_sourceLocation
  ) throws {
    let end = try secret.slice(max(0, secret.count - 16)..<secret.count)
    #expect(try !OrdinaryMemory.contains(end), "\(what) stays in memory", sourceLocation: location)
  }
}

/// The memory of this process but for that which is protected, which is left out of dumps (madvise(2), MADV_DONTDUMP).
private enum OrdinaryMemory {
  static func contains(_ secret: SecretBytes) throws -> Bool {
    let size = 1 << 20
    let chunk = try #require(mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    defer { munmap(chunk, size) }
    #expect(madvise(chunk, size, MADV_DONTDUMP) == 0)
    let memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
    defer { close(memory) }
    for region in try regions() {
      var at = region.lowerBound
      while at < region.upperBound {
        // Another thread may have given it back.
        let count = pread(memory, chunk, min(size, region.upperBound - at), off_t(at))
        guard count > 0 else { break }
        if secret.withUnsafeBytes({ stands($0, in: UnsafeRawBufferPointer(start: chunk, count: count)) }) {
          return true
        }
        // A secret may lie across the end.
        at += count < size ? count : size - secret.count
      }
    }
    return false
  }

  private static func stands(_ secret: UnsafeRawBufferPointer, in memory: UnsafeRawBufferPointer) -> Bool {
    guard var at = memory.baseAddress, let first = secret.baseAddress else { return false }
    let end = at + memory.count - secret.count
    while at <= end, let next = memchr(at, Int32(secret[0]), end - at + 1) {
      if memcmp(next, first, secret.count) == 0 { return true }
      at = UnsafeRawPointer(next) + 1
    }
    return false
  }

  private static func regions() throws -> [Range<Int>] {
    var found: [Range<Int>] = []
    var current: Range<Int>?
    for line in try text("/proc/self/smaps").split(separator: "\n") {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      let ends = fields[0].split(separator: "-")
      if ends.count == 2, let start = Int(ends[0], radix: 16), let end = Int(ends[1], radix: 16) {
        // Memory of files holds what was there before, and nothing that a program computes but its variables.
        current = fields[1].hasPrefix("rw") ? start..<end : nil
      } else if fields[0] == "VmFlags:", let region = current, !fields.contains("dd") {
        found.append(region)
      }
    }
    return found
  }

  private static func text(_ path: String) throws -> String {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
