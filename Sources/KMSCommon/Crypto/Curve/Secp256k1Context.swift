package import CSecp256k1
internal import CSodium

extension Secp256k1 {
  /// The library's context, created once and blinded once against side channels
  /// (`secp256k1_context_randomize`). After that it is only read: shared by all threads.
  package nonisolated(unsafe) static let context: OpaquePointer = {
    _ = SecretHeap.shared  // initialises libsodium, whose random bytes follow
    guard let context = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
      // No memory at the start: there is nothing to go on with, and nothing from outside decides it.
      preconditionFailure("libsecp256k1 could not create a context")
    }
    var seed = [UInt8](repeating: 0, count: 32)
    unsafe randombytes_buf(&seed, seed.count)
    let isBlinded = unsafe secp256k1_context_randomize(context, seed) == 1
    seed.wipe()
    // The library fails at this for no seed; unblinded keys would be worse than no process.
    precondition(isBlinded, "libsecp256k1 could not blind its context")
    return unsafe context
  }()

  /// The order of the group, n (SEC 2 section 2.4.1).
  package static let order: [UInt8] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
  ]

  static func parse(_ publicKey: [UInt8]) -> secp256k1_pubkey? {
    // The library also reads the hybrid form (06, 07), which no chain here uses.
    guard let first = publicKey.first,
      publicKey.count == 33 && (first == 2 || first == 3) || publicKey.count == 65 && first == 4
    else { return nil }
    var key = secp256k1_pubkey()
    return unsafe secp256k1_ec_pubkey_parse(context, &key, publicKey, publicKey.count) == 1 ? key : nil
  }

  package static func serialize(_ publicKey: secp256k1_pubkey, compressed: Bool) -> [UInt8] {
    var key = publicKey
    var count = compressed ? 33 : 65
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { out, written in
      guard let base = out.baseAddress else { return }
      unsafe secp256k1_ec_pubkey_serialize(
        context, base, &count, &key, UInt32(compressed ? SECP256K1_EC_COMPRESSED : SECP256K1_EC_UNCOMPRESSED))
      written = count
    }
  }
}
