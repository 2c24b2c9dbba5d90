import Testing

/// What the programs are made of, read from their symbols: who speaks to the network can't sign, who signs can't speak.
@Suite struct LinkageTests {
  /// The modules of this package that a program links, by the mangled names of their declarations.
  private func modules(_ program: String) throws -> Set<String> {
    let result = try ProgramProcess.run("/usr/bin/env", ["nm", SourceTree.program(program)])
    try #require(result.status == 0, "\(result.errorText)")
    let lines = result.outputText.split(separator: "\n")
    return Set(
      [
        "KMSPrimitives", "KMSCrypto", "KMSRecords", "KMSProcess", "KMSChains", "KMSSigning", "KMSVault",
        "KMSWallets", "KMSNetwork",
      ].filter { module in
        // `$s10KMSSigning…`: the length of the name, and the name.
        lines.contains { $0.contains("\(module.utf8.count)\(module)") }
      })
  }

  @Test(arguments: ["kms-fetch", "kms-verify", "kms-broadcast"])
  func whatSpeaksToTheNetworkHasNoCodeThatSigns(program: String) throws {
    let modules = try modules(program)
    #expect(modules.contains("KMSNetwork"))
    #expect(modules.isDisjoint(with: ["KMSSigning", "KMSWallets"]))
  }

  @Test func whatSignsHasNoCodeForTheNetwork() throws {
    let modules = try modules("kms-sign")
    #expect(modules.isSuperset(of: ["KMSChains", "KMSSigning", "KMSVault"]))
    #expect(modules.isDisjoint(with: ["KMSNetwork", "KMSWallets"]))
    let symbols = try ProgramProcess.run("/usr/bin/env", ["nm", SourceTree.program("kms-sign")]).outputText
    #expect(!symbols.contains(" curl_"))
  }
}
