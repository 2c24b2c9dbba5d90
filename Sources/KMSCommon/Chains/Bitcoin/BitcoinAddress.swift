internal import KMSCrypto
internal import KMSPrimitives

/// Addresses of one network: scripts that people can write.
extension BitcoinNetwork {
  /// The address of `script`; nil where it has none. A bare public key has that of its hash.
  package func address(of script: LockingScript) -> String? {
    switch script {
    case .publicKey(let key): address(of: .publicKeyHash(Hash.hash160(key)))
    case .publicKeyHash(let hash):
      if let cashAddressPrefix {
        CashAddr.encode(prefix: cashAddressPrefix, kind: 0, hash: hash)
      } else {
        Base58Check.encode([publicKeyHashVersion] + hash)
      }
    case .scriptHash(let hash):
      if let cashAddressPrefix {
        CashAddr.encode(prefix: cashAddressPrefix, kind: 1, hash: hash)
      } else {
        scriptHashVersions.first.map { Base58Check.encode([$0] + hash) }
      }
    case .witness(let version, let program):
      witnessPrefix.flatMap { SegWitAddress.encode(hrp: $0, version: version, program: program) }
    case .multisig, .data, .nonStandard: nil
    }
  }

  /// What `address` stands for; nil when it is no address of this network.
  package func script(ofAddress address: String) -> LockingScript? {
    if let witnessPrefix, let decoded = SegWitAddress.decode(address, hrp: witnessPrefix) {
      return .witness(version: decoded.version, program: decoded.program)
    }
    if let cashAddressPrefix, let decoded = CashAddr.decode(address, defaultPrefix: cashAddressPrefix) {
      guard decoded.prefix == cashAddressPrefix else { return nil }
      // 2 and 3 are 0 and 1 of wallets that know tokens (CHIP-2022-02 CashTokens): the script is the same.
      switch decoded.kind {
      case 0 where decoded.hash.count == 20, 2 where decoded.hash.count == 20:
        return .publicKeyHash(decoded.hash)
      case 1 where [20, 32].contains(decoded.hash.count), 3 where [20, 32].contains(decoded.hash.count):
        return .scriptHash(decoded.hash)
      default: return nil
      }
    }
    guard let payload = Base58Check.decode(address), payload.count == 21, let version = payload.first else {
      return nil
    }
    let hash = Array(payload.dropFirst())
    if version == publicKeyHashVersion { return .publicKeyHash(hash) }
    return scriptHashVersions.contains(version) ? .scriptHash(hash) : nil
  }

  /// The addresses of `scripts` in their order, each once (decision 16).
  package func addresses(of scripts: [LockingScript]) -> [String] {
    var seen: Set<String> = []
    return scripts.compactMap { address(of: $0) }.filter { seen.insert($0).inserted }
  }
}
