internal import CSodium
public import KMSCrypto
internal import KMSPrimitives

/// An extended private key of BIP32-Ed25519 (Khovratovich and Law, "BIP32-Ed25519 Hierarchical Deterministic Keys over
/// a Non-linear Keyspace", 2017) in Cardano's second version, with the master key of Icarus (CIP-0003).
public struct IcarusKey: Sendable {
  /// kL || kR, 64 bytes: the scalar (little-endian) and what the nonces of signatures are made from.
  public let extended: SecretBytes
  /// The chain code, 32 bytes; nil for a key that was stored without it and so has no children.
  public let chainCode: SecretBytes?
  /// The public key, 32 bytes.
  public let publicKey: [UInt8]

  /// Creates the master key of the entropy of a mnemonic, 16 to 32 bytes (CIP-0003, Icarus).
  ///
  /// - Parameter password: A second factor in UTF-8; nil and empty are the same, which is what wallets use.
  /// - Throws: `CryptoError` with code `invalid-parameter` when the entropy has another length.
  public static func master(
    entropy: SecretBytes, password: SecretBytes? = nil
  ) throws(CryptoError) -> IcarusKey {
    guard (16...32).contains(entropy.count) else {
      throw .parameter("the entropy of a mnemonic has 16 to 32 bytes")
    }
    return try master(salt: entropy, password)
  }

  /// The same as Trezor does it for 24 words: the checksum counts as a part of the entropy (CIP-0003, Trezor).
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the entropy has not 32 bytes.
  public static func trezorMaster(
    entropy: SecretBytes, password: SecretBytes? = nil
  ) throws(CryptoError) -> IcarusKey {
    guard entropy.count == 32 else { throw .parameter("the entropy of 24 words has 32 bytes") }
    var hash = entropy.withBytes { Hash.sha256($0) }
    defer { hash.wipe() }
    return try master(
      salt: SecretBytes(joining: [entropy, SecretBytes(copying: hash.prefix(1))]), password)
  }

  /// Creates the master key of the seed of a mnemonic (64 bytes) as Ledger does it (CIP-0003, Ledger).
  public static func ledgerMaster(seed: SecretBytes) throws(CryptoError) -> IcarusKey {
    let name = try SecretBytes(copying: "ed25519 seed".utf8)
    var data: [UInt8] = [1]
    data.reserveCapacity(1 + seed.count)
    seed.withBytes { data.append(contentsOf: $0) }
    defer { data.wipe() }
    var code = HMAC.sha256(key: name, data)
    defer { code.wipe() }
    var hash = seed
    repeat {
      hash = try HMAC.secretSHA512(key: name, hash)
    } while hash.withBytes { $0[31] & 0b0010_0000 != 0 }
    let extended = try SecretBytes(
      count: 64,
      writing: { out in
        hash.withBytes { out.write($0) }
        out[0] &= 0b1111_1000
        out[31] = out[31] & 0b0111_1111 | 0b0100_0000
      })
    return try IcarusKey(extended, chainCode: SecretBytes(copying: code))
  }

  private static func master(salt: SecretBytes, _ password: SecretBytes?) throws(CryptoError) -> IcarusKey {
    let password = if let password { password } else { try SecretBytes(copying: []) }
    let stretched = try KeyDerivation.pbkdf2SHA512(password: password, salt: salt, rounds: 4096, count: 96)
    let extended = try SecretBytes(
      count: 64,
      writing: { out in
        stretched.withBytes { out.write($0.extracting(first: 64)) }
        out[0] &= 0b1111_1000
        out[31] &= 0b0001_1111
        out[31] |= 0b0100_0000
      })
    return try IcarusKey(extended, chainCode: stretched.slice(64..<96))
  }

  /// Takes kL || kR of 64 bytes without a chain code.
  ///
  /// - Throws: `CryptoError.invalidPrivateKey` when the length is another one, or kL lacks the form that every key of
  ///   this scheme has (lowest three bits and the highest clear, the second highest set).
  public init(extended: SecretBytes) throws(CryptoError) { try self.init(extended, chainCode: nil) }

  /// The same with a chain code of 32 bytes, so that the key has children.
  public init(extended: SecretBytes, chainCode: SecretBytes) throws(CryptoError) {
    guard chainCode.count == 32 else { throw .parameter("a chain code has 32 bytes") }
    try self.init(extended, chainCode: .some(chainCode))
  }

  private init(_ extended: SecretBytes, chainCode: SecretBytes?) throws(CryptoError) {
    guard extended.count == 64,
      extended.withBytes({ $0[0] & 0b111 == 0 && $0[31] & 0b1100_0000 == 0b0100_0000 })
    else { throw .invalidPrivateKey }
    var publicKey = [UInt8](repeating: 0, count: 32)
    guard unsafe extended.withPointer({ unsafe crypto_scalarmult_ed25519_base_noclamp(&publicKey, $0) }) == 0
    else {
      throw .invalidPrivateKey
    }
    self.extended = extended
    self.chainCode = chainCode
    self.publicKey = publicKey
  }

  /// Returns the child key at `index`, 0 to 2^31 - 1.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the index is beyond its limit or this key has no chain
  ///   code, `invalid-private-key` when there is no such key (never met in practice).
  public func child(_ index: UInt32, hardened: Bool) throws(CryptoError) -> IcarusKey {
    guard index < 1 << 31 else { throw .childIndex }
    guard let chainCode else { throw .parameter("a key without a chain code has no children") }
    let parent = try hardened ? extended : SecretBytes(copying: publicKey)
    let z = try IcarusStep.hash(
      hardened ? .hardenedKey : .normalKey, chainCode, parent, hardened ? index | 1 << 31 : index)
    let code = try IcarusStep.hash(
      hardened ? .hardenedCode : .normalCode, chainCode, parent, hardened ? index | 1 << 31 : index)
    let child = try SecretBytes(
      count: 64,
      writing: { out in
        extended.withBytes { out.write($0) }
        z.withBytes { z in
          // kL' = kL + 8·ZL with the 28 lowest bytes of ZL, kR' = kR + ZR modulo 2^256; little-endian.
          var carry: UInt32 = 0
          for i in 0..<32 {
            carry += UInt32(out[i]) + (i < 28 ? UInt32(z[i]) << 3 : 0)
            out[i] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
          }
          carry = 0
          for i in 32..<64 {
            carry += UInt32(out[i]) + UInt32(z[i])
            out[i] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
          }
        }
      })
    return try IcarusKey(child, chainCode: code.slice(32..<64))
  }

  /// Returns the key at the end of `path`; throws as `child`.
  public func derive(_ path: [HDPathElement]) throws(CryptoError) -> IcarusKey {
    var key = self
    for element in path {
      switch element {
      case .hardened(let index): key = try key.child(index, hardened: true)
      case .normal(let index): key = try key.child(index, hardened: false)
      }
    }
    return key
  }

  /// The extended public key; nil when this key has no chain code.
  public var publicNode: IcarusPublicKey? {
    chainCode.map { IcarusPublicKey(publicKey: publicKey, chainCode: $0.withBytes { Array($0) }) }
  }

  /// Signs `message`: an Ed25519 signature (64 bytes) that `Ed25519.verify` accepts (RFC 8032 section 5.1.6 from step 2
  /// on, with kL as the scalar and kR as the prefix).
  public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
    let nonce = try Self.scalar { state in
      _ = unsafe extended.withPointer { unsafe crypto_hash_sha512_update(&state, $0 + 32, 32) }
      _ = unsafe crypto_hash_sha512_update(&state, message, UInt64(message.count))
    }
    var r = [UInt8](repeating: 0, count: 32)
    guard unsafe nonce.withPointer({ unsafe crypto_scalarmult_ed25519_base_noclamp(&r, $0) }) == 0 else {
      throw .library("Ed25519")
    }
    let challenge = try Self.scalar { state in
      _ = unsafe crypto_hash_sha512_update(&state, r, 32)
      _ = unsafe crypto_hash_sha512_update(&state, publicKey, 32)
      _ = unsafe crypto_hash_sha512_update(&state, message, UInt64(message.count))
    }
    // S = r + h·kL modulo the group order.
    let product = try unsafe SecretBytes(
      count: 32,
      filling: { out in
        let base = unsafe out.start.assumingMemoryBound(to: UInt8.self)
        unsafe challenge.withPointer { challenge in
          unsafe extended.withPointer { unsafe crypto_core_ed25519_scalar_mul(base, challenge, $0) }
        }
      })
    var s = [UInt8](repeating: 0, count: 32)
    unsafe nonce.withPointer { nonce in
      unsafe product.withPointer { unsafe crypto_core_ed25519_scalar_add(&s, nonce, $0) }
    }
    return r + s
  }

  /// A SHA-512 modulo the group order.
  private static func scalar(_ update: (inout crypto_hash_sha512_state) -> Void) throws(CryptoError)
    -> SecretBytes
  {
    var state = crypto_hash_sha512_state()
    _ = unsafe crypto_hash_sha512_init(&state)
    defer { unsafe sodium_memzero(&state, MemoryLayout.size(ofValue: state)) }
    update(&state)
    let hash = try unsafe SecretBytes(
      count: 64,
      filling: { out in
        _ = unsafe crypto_hash_sha512_final(&state, out.start.assumingMemoryBound(to: UInt8.self))
      })
    return try unsafe SecretBytes(
      count: 32,
      filling: { out in
        let base = unsafe out.start.assumingMemoryBound(to: UInt8.self)
        unsafe hash.withPointer { unsafe crypto_core_ed25519_scalar_reduce(base, $0) }
      })
  }
}
