import Testing

/// What the programs are made of, read from their symbols: who speaks to the network can't sign, who signs can't speak.
@Suite struct LinkageTests {
  /// The symbols of a program, one a line, as nm(1) shows them: address, kind, name.
  private func symbols(_ program: String) throws -> [Substring] {
    let result = try ProgramProcess.run("/usr/bin/env", ["nm", SourceTree.program(program)])
    try #require(result.status == 0, "\(result.errorText)")
    return result.outputText.split(separator: "\n")
  }

  /// The modules of this package that a program links, by the mangled names of their declarations.
  private func modules(_ symbols: [Substring]) -> Set<String> {
    Set(
      [
        "KMSPrimitives", "KMSCrypto", "KMSPrivateKeys", "KMSRecords", "KMSProcess", "KMSChains", "KMSSigning",
        "KMSVault", "KMSWallets", "KMSNetwork",
      ].filter { module in
        // `$s10KMSSigning…`: the length of the name, and the name.
        symbols.contains { $0.contains("\(module.utf8.count)\(module)") }
      })
  }

  /// The functions of C libraries that the package's own code calls, of those that sign or compute with private keys.
  ///
  /// In the build that tests run in, the libraries are shared: what is called is undefined in the program (`U`). A release
  /// build contains them, and libsecp256k1 is one object file: its functions that sign are in every program that verifies
  /// with it, and nothing calls them. That is why calls are looked for, and not the functions.
  private func callsThatSign(_ symbols: [Substring]) -> [Substring] {
    let families = [
      "secp256k1_ecdsa_sign", "secp256k1_schnorrsig_sign", "secp256k1_keypair_", "secp256k1_ec_seckey_tweak_",
      "secp256k1_ec_seckey_negate", "secp256k1_ecdsa_recoverable_signature_serialize", "crypto_sign_ed25519",
      "crypto_core_ed25519_scalar_", "crypto_sign_seed_keypair", "crypto_sign_detached", "EC_POINT_mul",
      "EC_KEY_", "ECDSA_", "EVP_PKEY_sign", "EVP_DigestSign",
    ]
    let harmless = ["crypto_sign_ed25519_verify_detached", "secp256k1_ecdsa_signature_"]
    return symbols.filter { line in
      let words = line.split(separator: " ")
      guard words.count == 2, words[0] == "U" else { return false }
      return families.contains { words[1].hasPrefix($0) } && !harmless.contains { words[1].hasPrefix($0) }
    }
  }

  @Test(arguments: ["kms-fetch", "kms-verify", "kms-broadcast"])
  func whatSpeaksToTheNetworkHasNoCodeThatSigns(program: String) throws {
    let symbols = try symbols(program)
    let modules = modules(symbols)
    #expect(modules.isSuperset(of: ["KMSNetwork", "KMSCrypto"]))
    #expect(modules.isDisjoint(with: ["KMSPrivateKeys", "KMSSigning", "KMSWallets"]))
    #expect(callsThatSign(symbols) == [])
  }

  @Test func whatSignsHasNoCodeForTheNetwork() throws {
    let symbols = try symbols("kms-sign")
    let modules = modules(symbols)
    #expect(modules.isSuperset(of: ["KMSPrivateKeys", "KMSChains", "KMSSigning", "KMSVault"]))
    #expect(modules.isDisjoint(with: ["KMSNetwork", "KMSWallets"]))
    #expect(!symbols.contains { $0.contains(" curl_") })
    // So the search above finds what it looks for.
    let calls = callsThatSign(symbols).map { String($0.split(separator: " ")[1].prefix { $0 != "@" }) }
    for call in [
      "secp256k1_ecdsa_sign_recoverable", "crypto_sign_ed25519_detached", "crypto_core_ed25519_scalar_mul",
    ] {
      #expect(calls.contains(call))
    }
  }
}
