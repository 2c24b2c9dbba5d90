/// What tells one chain of the Bitcoin family from another.
struct BitcoinParameters: Sendable {
  /// The name as Tatum writes it.
  let name: String
  let mainnet: BitcoinNetwork
  let testnet: BitcoinNetwork
  /// SLIP-44 coin type of the main network; test networks use 1, but for BCH.
  let coinType: UInt32
  let testnetCoinType: UInt32
  /// Whether `getaddress` prints P2WPKH addresses (BTC) or P2PKH ones, as the original does.
  let paysToWitness: Bool
  /// No amount and no sum of amounts is larger (`MAX_MONEY` of the chain's node), in satoshi.
  let maximumMoney: UInt64
  /// What fees are refused when the operator sets no limit.
  let feeLimit: FeeLimit
  /// bitcore drops change up to this many satoshi and leaves `fee` as it was asked for.
  let droppedChange: UInt64
  /// Its name in the API's paths.
  let apiName: String
  /// Its nodes behind the API, by their described names.
  let nodes: (mainnet: String, testnet: String)
  /// The blocks of its main network, as often as they should come.
  let blocks: BlockClock
  /// Whether witness versions 8 and 9 lead into MimbleWimble extension blocks (Litecoin's LIP-0002, LIP-0003).
  var hasExtensionBlocks = false

  func network(_ testnet: Bool) -> BitcoinNetwork { testnet ? self.testnet : mainnet }
}

/// The version bytes and rules of one network.
struct BitcoinNetwork: Sendable {
  /// Version byte of a private key in WIF.
  let privateKeyVersion: UInt8
  /// Version bytes of base58check addresses of keys.
  let publicKeyHashVersion: UInt8
  /// Version bytes of base58check addresses of scripts: the first is written, all are read.
  let scriptHashVersions: [UInt8]
  /// Human-readable part of SegWit addresses; nil on chains without SegWit.
  let witnessPrefix: String?
  /// Prefix of CashAddr addresses; nil on chains that write base58check.
  var cashAddressPrefix: String?
  /// Extended key version bytes.
  let extendedKeys: ExtendedKeyVersions
  /// Which outputs are too small.
  let dust: DustRule
}

/// Which outputs are too small to be paid: coins that cost more to spend than they are worth.
struct DustRule: Sendable {
  /// An output must be worth at least what its own bytes and the input that spends it cost at this rate, in
  /// satoshi per byte (`dustrelayfee` of Bitcoin Core and its descendants); 0: `minimum` alone decides.
  var satoshiPerByte: UInt64 = 0
  /// And at least this much, in satoshi.
  var minimum: UInt64 = 0

  /// The smallest amount for an output of `script` that is no data output.
  ///
  /// Bitcoin Core, `GetDustThreshold`: 8 bytes of amount, the script with its length, and an input of 148 bytes,
  /// or 67 where the script is a witness program.
  func threshold(script: [UInt8], isWitness: Bool) -> UInt64 {
    let output = 8 + BitcoinWriter.compactSizeLength(script.count) + script.count
    return max(minimum, UInt64(output + (isWitness ? 67 : 148)) * satoshiPerByte)
  }
}

/// Fees beyond this are taken for a mistyped amount and refused (decision 5).
struct FeeLimit: Sendable {
  /// The largest fee of one transaction, in satoshi.
  let satoshi: UInt64
  /// The largest fee rate, in satoshi per virtual byte.
  let satoshiPerByte: UInt64
}
