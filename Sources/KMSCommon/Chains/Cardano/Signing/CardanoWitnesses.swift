internal import KMSChains
internal import KMSCrypto
internal import KMSPrimitives
internal import KMSPrivateKeys
internal import KMSRecords

/// The signatures of a transaction: one for each key that an input needs, in the order of the inputs (decision 21).
struct CardanoWitnesses: Sendable {
  /// One signature.
  struct Witness: Hashable, Sendable {
    /// The first input's address that the key spends from, as the operations have it.
    let address: String
    /// 32 bytes.
    let publicKey: [UInt8]
    /// 64 bytes.
    let signature: [UInt8]
  }

  /// The signatures.
  let witnesses: [Witness]

  /// Takes signatures that were made before.
  init(witnesses: [Witness]) { self.witnesses = witnesses }

  /// The signed transaction: `[body, {0: [[public key, signature], …]}, true, null]` (`transaction` of the ledger's CDDL
  /// since Alonzo), the body byte for byte.
  func transaction(body: [UInt8], hasTaggedSets: Bool) -> [UInt8] {
    var out: [UInt8] = [0x84]
    out.reserveCapacity(body.count + 101 * witnesses.count + 16)
    out += body
    out += [0xA1, 0x00]
    if hasTaggedSets { CBOR.appendHead(6, CBOR.setTag, to: &out) }
    CBOR.appendHead(4, UInt64(witnesses.count), to: &out)
    for witness in witnesses {
      out.append(0x82)
      for part in [witness.publicKey, witness.signature] {
        CBOR.appendHead(2, UInt64(part.count), to: &out)
        out += part
      }
    }
    out += [0xF5, 0xF6]
    return out
  }

  /// `[{"address","publicKey","signature"}]`, for the envelope that kms-broadcast asks the API for.
  var json: JSONValue {
    .array(
      witnesses.map {
        [
          "address": .string($0.address), "publicKey": .string(Hex.encode($0.publicKey)),
          "signature": .string(Hex.encode($0.signature)),
        ]
      })
  }
}

/// Who signs a transaction of Cardano.
struct CardanoSigners: Sendable {
  /// One for each key, with the first address that it spends from, in the order of the inputs.
  private let signers: [(address: String, key: IcarusKey)]

  /// Finds the key of each input.
  ///
  /// - Throws: `wallet-not-found` naming the first input without its key (decision 21), `key-not-sender` when no key
  ///   belongs to any input, `wallet-unreadable`.
  init(_ operations: RosettaOperations, keys: [SigningKey]) throws(ChainError) {
    var byHash: [[UInt8]: PrivateKeyMaterial] = [:]
    for key in keys { byHash[CardanoAddress.keyHash(key.privateKey.publicKey)] = key.privateKey }
    var found: [(address: String, key: PrivateKeyMaterial)] = []
    var missing: RosettaOperations.Input?
    for input in operations.inputs {
      guard let key = input.address.paymentKeyHash.flatMap({ byHash[$0] }) else {
        missing = missing ?? input
        continue
      }
      if !found.contains(where: { $0.key.publicKey == key.publicKey }) {
        found.append((input.addressText, key))
      }
    }
    if let missing {
      guard !found.isEmpty || keys.isEmpty else {
        throw ChainError(
          .keyNotSender, "none of the wallets that the transaction names has the key of any of its inputs")
      }
      throw ChainError(
        .walletNotFound,
        "the input \(missing.coin) of \(missing.addressText) has no key among the wallets that the transaction names; "
          + "nothing was signed")
    }
    var signers: [(address: String, key: IcarusKey)] = []
    do throws(CryptoError) {
      for (address, key) in found { signers.append((address, try IcarusKey(extended: key.secret))) }
    } catch { throw .cannotSign(error) }
    self.signers = signers
  }

  /// Signs.
  ///
  /// - Throws: `wallet-unreadable`.
  func witnesses(id: [UInt8]) throws(ChainError) -> CardanoWitnesses {
    var witnesses: [CardanoWitnesses.Witness] = []
    do throws(CryptoError) {
      for (address, key) in signers {
        witnesses.append(
          CardanoWitnesses.Witness(address: address, publicKey: key.publicKey, signature: try key.sign(id)))
      }
    } catch { throw .cannotSign(error) }
    return CardanoWitnesses(witnesses: witnesses)
  }
}
