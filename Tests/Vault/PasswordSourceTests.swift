import ArgumentParser
import Glibc
import KMSCrypto
import KMSProcess
import KMSRecords
import Testing

@testable import KMSVault
@testable import KMSWallets

@Suite(.serialized) struct PasswordSourceTests {
  @Test(arguments: [
    ("secret\n", "secret"), ("secret", "secret"), ("a\n\n", "a\n"), (" a ", " a "), ("a\r\n", "a"),
    ("a\r", "a\r"),
    ("pässwörd\n", "pässwörd"),
  ])
  func takesOneNewlineAwayAndNothingElse(_ given: String, _ expected: String) throws {
    let folder = TemporaryFolder()
    writeFile(folder.file("p"), Array(given.utf8))
    #expect(try text(PasswordSource.file(folder.file("p")).password()) == expected)
    #expect(try text(PasswordSource.fileDescriptor(pipe(given)).password()) == expected)
  }

  @Test func refusesFilesThatOthersMayRead() throws {
    let folder = TemporaryFolder()
    for mode in [0o640, 0o604, 0o444, 0o602] as [mode_t] {
      writeFile(folder.file("p"), Array("x".utf8), mode: mode)
      let error = #expect(throws: VaultError.self) { try PasswordSource.file(folder.file("p")).password() }
      #expect(error?.code == .permissionsTooOpen)
      #expect(error?.exitStatus == .noPermission)
      #expect(error?.hint == "chmod 600 '\(folder.file("p"))'")
    }
  }

  @Test func refusesNamedPipesThatOthersMayUse() throws {
    let folder = TemporaryFolder()
    let path = folder.file("pipe")
    mkfifo(path, 0o600)
    // Both ends, so that nobody waits for the other one.
    let ends = open(path, O_RDWR)
    defer { close(ends) }
    for mode in [0o644, 0o622, 0o606] as [mode_t] {
      chmod(path, mode)
      #expect(code { _ = try PasswordSource.file(path).password() } == .permissionsTooOpen)
    }
    // What a shell passes for <(command).
    let anonymous = pipe("from a command")
    defer { close(anonymous) }
    #expect(try text(PasswordSource.file("/dev/fd/\(anonymous)").password()) == "from a command")
  }

  @Test func readsSystemdCredentials() throws {
    let folder = TemporaryFolder()
    let path = folder.file("password")
    writeFile(path, Array("from systemd".utf8), mode: 0o440)
    setenv("CREDENTIALS_DIRECTORY", folder.path, 1)
    defer { unsetenv("CREDENTIALS_DIRECTORY") }
    #expect(try text(PasswordSource.file(path).password()) == "from systemd")
    // A link in that folder to a file elsewhere is not a credential.
    let other = TemporaryFolder()
    writeFile(other.file("open"), Array("x".utf8), mode: 0o644)
    symlink(other.file("open"), folder.file("link"))
    #expect(code { _ = try PasswordSource.file(folder.file("link")).password() } == .permissionsTooOpen)
  }

  @Test func refusesEmptyMissingAndHugePasswords() throws {
    let folder = TemporaryFolder()
    writeFile(folder.file("empty"), Array("\n".utf8))
    writeFile(folder.file("huge"), [UInt8](repeating: 65, count: 4097))
    writeFile(folder.file("large"), [UInt8](repeating: 65, count: 4096))
    #expect(code { _ = try PasswordSource.file(folder.file("empty")).password() } == .emptyPassword)
    #expect(code { _ = try PasswordSource.file(folder.file("huge")).password() } == .invalidPassword)
    #expect(try PasswordSource.file(folder.file("large")).password().count == 4096)
    #expect(code { _ = try PasswordSource.file(folder.file("none")).password() } == .passwordSourceMissing)
    #expect(code { _ = try PasswordSource.file(folder.path).password() } == .cannotRead)
    #expect(code { _ = try PasswordSource.fileDescriptor(987).password() } == .passwordSourceMissing)
    #expect(code { _ = try PasswordSource.fileDescriptor(-1).password() } == .passwordSourceMissing)
    #expect(code { _ = try PasswordSource.environment.password() } == .emptyPassword)
  }

  @Test func closesTheDescriptor() throws {
    let descriptor = pipe("x")
    _ = try PasswordSource.fileDescriptor(descriptor).password()
    #expect(fcntl(descriptor, F_GETFD) == -1)
  }

  @Test func runsACommand() throws {
    #expect(try text(PasswordSource.command("echo secret").password()) == "secret")
    #expect(try text(PasswordSource.command("printf 'a b'; exit 0").password()) == "a b")
    // No input, and not ours.
    #expect(try text(PasswordSource.command("cat; echo x").password()) == "x")
    for (command, reason) in [
      ("exit 3", "ended with 3"), ("kill -9 $$", "signal 9"), ("no-such-command-x 2>&-", "127"),
    ] {
      let error = #expect(throws: VaultError.self) { try PasswordSource.command(command).password() }
      #expect(error?.code == .passwordCommandFailed)
      #expect(error?.message.contains(reason) == true)
    }
    #expect(code { _ = try PasswordSource.command("true").password() } == .emptyPassword)
    #expect(code { _ = try PasswordSource.command("yes").password() } == .invalidPassword)
  }

  @Test func givesTheCommandNoSecrets() throws {
    setenv("TATUM_API_KEY", "not for you", 1)
    setenv("KMS_TEST_OTHER", "kept", 1)
    defer {
      unsetenv("TATUM_API_KEY")
      unsetenv("KMS_TEST_OTHER")
    }
    let inherited = pipe("a key")
    defer { close(inherited) }
    #expect(
      try text(PasswordSource.command("echo \"[$TATUM_API_KEY] $KMS_TEST_OTHER\"").password()) == "[] kept")
    #expect(
      try text(PasswordSource.command("test -e /proc/self/fd/\(inherited) || echo closed").password())
        == "closed")
    #expect(getenv("TATUM_API_KEY") != nil)
  }

  @Test func takesThePasswordOutOfTheEnvironment() throws {
    setenv(PasswordSource.environmentVariable, "from outside", 1)
    let value = try #require(getenv(PasswordSource.environmentVariable))
    #expect(try text(PasswordSource.environment.password()) == "from outside")
    #expect(getenv(PasswordSource.environmentVariable) == nil)
    #expect((0..<12).allSatisfy { value[$0] == 0 })
  }

  @Test func asksTheFirstSourceThatIsConfigured() throws {
    let folder = TemporaryFolder()
    writeFile(folder.file("p"), Array("from file".utf8))
    let cloud = PasswordSource.other(name: "a cloud") { try secret("from cloud") }
    func password(_ arguments: [String], cloud: PasswordSource? = nil) throws -> String {
      setenv(PasswordSource.environmentVariable, "from environment", 1)
      let password = try text(VaultOptions.parse(arguments).password(isNew: false, cloud: cloud))
      #expect(getenv(PasswordSource.environmentVariable) == nil)
      return password
    }
    #expect(try password(["--password-fd", "\(pipe("from pipe"))"], cloud: cloud) == "from pipe")
    #expect(try password(["--password-file", folder.file("p")], cloud: cloud) == "from file")
    #expect(try password(["--password-command", "echo from command"], cloud: cloud) == "from command")
    #expect(try password([], cloud: cloud) == "from cloud")
    #expect(try password([]) == "from environment")
    #expect(throws: (any Error).self) {
      try VaultOptions.parse(["--password-fd", "3", "--password-file", "x"])
    }
  }

  @Test func opensTheVaultWithAKeyOfTheRightKind() throws {
    let test = try TestVault()
    _ = try test.vault.store(1)
    func open(_ given: StageKey.Kind, for kind: StageKey.Kind) throws -> Vault {
      let line = text(try test.vault.key(for: given).line())
      return try VaultOptions.parse(["--path", test.path, "--key-fd", "\(pipe(line))"]).openVault(for: kind)
    }
    #expect(try open(.view, for: .view).views().count == 1)
    #expect(try open(.vault, for: .vault).views().count == 1)
    let error = #expect(throws: ProgramFailure.self) { try open(.vault, for: .view) }
    #expect(error?.exitStatus == .noPermission)
    #expect(error?.message == "this program works with the view key and was given the vault key")
    #expect(throws: ProgramFailure.self) { try open(.approve, for: .vault) }
    for line in ["", "vault:00\n", String(repeating: "x", count: 1000)] {
      #expect(
        code {
          _ = try VaultOptions.parse(["--path", test.path, "--key-fd", "\(pipe(line))"]).openVault(
            for: .vault)
        } != nil)
    }
  }

  @Test func saysWhatIsWrongWithTheFileBeforeItAsks() throws {
    let folder = TemporaryFolder()
    let descriptor = pipe("x")
    defer { close(descriptor) }
    let options = try VaultOptions.parse(["--path", folder.path, "--password-fd", "\(descriptor)"])
    #expect(options.file == folder.file("wallet.dat"))
    #expect(code { _ = try options.openVault(for: .vault) } == .noVault)
    #expect(fcntl(descriptor, F_GETFD) != -1)
  }

  @Test func expandsPaths() throws {
    let home = try #require(getenv("HOME").map { String(cString: $0) })
    #expect(VaultOptions.expand("~/nothing-here/x", name: "n") == "\(home)/nothing-here/x")
    #expect(VaultOptions.expand("/tmp", name: "n") == "/tmp/n")
    #expect(VaultOptions.expand("/tmp/", name: "n") == "/tmp/n")
    #expect(try VaultOptions.parse([]).path == "~/.tatumrc/wallet.dat")
  }

  @Test func refusesAHomeThatNobodyKnows() throws {
    // What `VaultOptions.expand` leaves when HOME is not set.
    let path = "~/.tatumrc/wallet.dat"
    for body: () throws -> Void in [
      { _ = try Vault.open(at: path, password: secret("x")) },
      { _ = try Vault.create(at: path, password: secret("x"), cost: quick) },
      { _ = try LegacyWalletFile(reading: path) },
    ] {
      let error = #expect(throws: VaultError.self) { try body() }
      #expect(error?.code == .noHome && error?.exitStatus == .configuration)
      #expect(error?.message.contains("the variable HOME is not set") == true)
    }
  }

  /// The reading end of a pipe that gives `text` and ends.
  private func pipe(_ text: String) -> Int32 {
    var ends: [Int32] = [-1, -1]
    Glibc.pipe(&ends)
    _ = Array(text.utf8).withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
    close(ends[1])
    return ends[0]
  }
}
