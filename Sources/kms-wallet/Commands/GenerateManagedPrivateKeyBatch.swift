import ArgumentParser
import KMSChains
import KMSNetwork
import KMSProcess
import KMSRecords
import KMSSigning
import KMSVault
import KMSWallets

/// Makes and stores many private keys.
struct GenerateManagedPrivateKeyBatch: WalletCommand {
  static let configuration = CommandConfiguration(
    commandName: "generatemanagedprivatekeybatch",
    abstract: "Generate and store a number of private keys for a blockchain.",
    discussion: """
      Prints one line for each key, {"signatureId":…,"address":…}, after it was stored: a key that was printed is \
      in the vault, also when the command is interrupted. More wallets of one chain and network than the Tatum API takes in \
      a poll are refused before the first key is made.
      """)

  @Argument(help: "The blockchain, such as ETH.", completion: Completions.chains, transform: Arguments.chain)
  var chain: ChainChoice

  @Argument(help: "How many keys.", transform: Arguments.count)
  var count: Int

  @Flag(help: "Keys for test networks.")
  var testnet = false

  @Flag(help: "Make more keys than the Tatum API takes for one chain, to be asked for with several API keys.")
  var beyondLimit = false

  @OptionGroup(title: "Vault")
  var access: VaultAccess

  @OptionGroup(title: "When there is no vault yet")
  var newVault: NewVaultOptions

  /// Keys in one transaction: enough that writing to the disk costs little for each, few enough that an interrupted
  /// command ends at once.
  private static let keysPerTransaction = 1000

  func perform() throws -> ExitStatus {
    if access.isMissing { try refuse(beside: 0) }
    let (vault, _) = try access.openForStoring(cost: newVault.cost(otherwise: .standard)) {}
    try refuse(beside: vault.chains(testnet: testnet).first { $0.chain == chain.name }?.wallets ?? 0)
    StopSignal.install()
    var progress = ProgressBar("\(chain.name) private keys", total: count)
    var done = 0
    while done < count, !StopSignal.isRequested {
      let views = try store(min(Self.keysPerTransaction, count - done), in: vault)
      try report(views)
      done += views.count
      progress.show(done)
    }
    progress.finish()
    try Storing.warnOfLimit(of: chain.name, testnet: testnet, in: vault)
    guard done == count else {
      throw ProgramFailure(
        .temporary, "stopped after \(done) of \(count) keys; those that were printed are stored")
    }
    return .ok
  }

  /// Refuses the batch when the chain would have more wallets than one poll can ask for.
  private func refuse(beside existing: Int) throws {
    guard !beyondLimit, existing + count > TatumAPI.maximumSignatureIDs else { return }
    let room = max(0, TatumAPI.maximumSignatureIDs - existing)
    throw ProgramFailure(
      .usage,
      "\(chain.name) has \(existing) wallets, and the Tatum API takes \(TatumAPI.maximumSignatureIDs) for one chain and API key: "
        + "there is room for \(room) more; nothing was made",
      hint:
        "keep the rest in a second vault (--path) with an API key of its own; --beyond-limit makes them here")
  }

  private func store(_ count: Int, in vault: Vault) throws -> [WalletView] {
    let additions = try (0..<count).map { _ in
      Vault.Addition(
        try chain.wallets.generatePrivateKey(testnet: testnet), chain: chain.name, testnet: testnet)
    }
    return try vault.add(additions, derivingAddresses: false)
  }

  private func report(_ views: [WalletView]) throws {
    var lines: [UInt8] = []
    for view in views {
      JSONValue.object(WalletJSON.stored(view)).write(to: &lines)
      lines.append(UInt8(ascii: "\n"))
    }
    do {
      try StandardOutput.write(lines.span)
    } catch {
      Message.warning("up to \(views.count) keys were stored and not printed; kms-wallet list shows them")
      throw error
    }
  }
}
