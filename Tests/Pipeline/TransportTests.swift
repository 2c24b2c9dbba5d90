import Foundation
import KMSRecords
import KMSVault
import KMSWallets
import Testing

/// libcurl, and what it does about certificates, as the installed programs use it.
@Suite struct TransportTests {
  private let vault: KeyedVault

  init() throws { vault = try KeyedVault() }

  // MARK: Loading

  /// Loading it and its thirty libraries would be most of what an idle stage costs.
  @Test(arguments: [
    ("kms-verify", ["--external-url", "https://approver.example.net/a", "--key-fd", "5"]),
    ("kms-broadcast", ["--node-url", "FLOW=https://flow.example.net"]), ("kms-fetch", ["--version"]),
    ("kms-wallet", ["--version"]),
  ]) func loadsLibcurlOnlyForARequest(program: String, arguments: [String]) throws {
    let key = try KeyPipe(vault.vault.key(for: .approve))
    let trace = vault.folder.appendingPathComponent("trace-\(program)").path
    let result = try ProgramProcess.run(
      "/usr/bin/strace",
      ["-f", "-e", "trace=openat", "-o", trace, SourceTree.program(program)] + arguments,
      environment: ["TATUM_API_KEY": "k"], descriptors: [5: key.descriptor])
    #expect(result.status == 0, "\(result.errorText)")
    let opened = try String(contentsOfFile: trace, encoding: .utf8)
    #expect(opened.contains("libc.so.6"))
    #expect(!opened.contains("libcurl") && !opened.contains("libssl"))
  }

  @Test func saysWhatToInstallWithoutLibcurl() throws {
    try vault.add("ETH", key: KeyedVault.TestKey.eth)
    // The first place where the loader looks has a file of that name that is no library.
    try vault.write("libcurl.so.4", "no library")
    let environment = ["TATUM_API_KEY": "k", "LD_LIBRARY_PATH": vault.folder.path]
    let fetched = try vault.run(
      "kms-fetch", key: .view, ["--testnet", "--path", vault.path], input: "", environment: environment)
    #expect(fetched.status == 69)
    #expect(fetched.errorText.contains("libcurl.so.4 is missing: install libcurl4"), "\(fetched.errorText)")
    #expect(fetched.outputText == "")
    let record = try SampleRecord.eth("a1", wallet: "w")
    let verified = try vault.run(
      "kms-verify", key: .approve, ["--external-url", "http://127.0.0.1:9"], input: record.line + "\n",
      environment: environment)
    let error = try #require(verified.records.first?.error)
    #expect(error.code.rawValue == "verifier-unreachable" && error.outcome == .denied)
    #expect(error.message.contains("libcurl.so.4 is missing: install libcurl4"), "\(error.message)")
  }

  // MARK: Certificates

  @Test func asksAServerWhoseCertificateIsTrusted() throws {
    let server = try TLSServer(name: "localhost", folder: vault.folder)
    let record = try verify(port: server.port, host: "localhost", trusting: server.certificate)
    #expect(record.error == nil, "\(record.error?.message ?? "")")
    #expect(record["approval"]?["status"] == 200)
  }

  @Test func refusesACertificateThatNobodyVouchesFor() throws {
    let server = try TLSServer(name: "localhost", folder: vault.folder)
    try refused(verify(port: server.port, host: "localhost", trusting: nil))
    let other = try TLSServer(name: "localhost", folder: vault.folder)
    try refused(verify(port: server.port, host: "localhost", trusting: other.certificate))
  }

  @Test func refusesACertificateForAnotherName() throws {
    let server = try TLSServer(name: "approver.example.net", folder: vault.folder)
    try refused(verify(port: server.port, host: "localhost", trusting: server.certificate))
  }

  @Test func refusesOldTLS() throws {
    let server = try TLSServer(
      name: "localhost", folder: vault.folder, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
    try refused(verify(port: server.port, host: "localhost", trusting: server.certificate))
  }

  private func verify(port: Int, host: String, trusting certificate: String?) throws -> Record {
    let record = try SampleRecord.eth("a1", wallet: "w")
    let result = try vault.run(
      "kms-verify", key: .approve,
      ["--external-url", "https://\(host):\(port)", "--timeout", "5"]
        + (certificate.map { ["--ca-file", $0] } ?? []),
      input: record.line + "\n")
    return try #require(result.records.first, "\(result.errorText)")
  }

  private func refused(_ record: Record) throws {
    let error = try #require(record.error)
    #expect(error.code.rawValue == "verifier-unreachable" && error.outcome == .denied)
    #expect(error.message.contains("SSL") || error.message.contains("TLS"), "\(error.message)")
    #expect(record["approval"] == nil)
  }
}

/// `openssl s_server` on this machine, which answers everything with 200.
private final class TLSServer {
  let port: Int
  /// The path of its certificate, which signs itself.
  let certificate: String
  private let process: ProgramProcess

  init(name: String, folder: URL, _ options: [String] = []) throws {
    let base = folder.appendingPathComponent("tls-\(UUID().uuidString)").path
    certificate = base + ".pem"
    let made = try ProgramProcess.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", base + ".key", "-out",
        certificate,
      ])
    try #require(made.status == 0, "\(made.errorText)")
    process = try ProgramProcess(
      "/usr/bin/openssl",
      ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", base + ".key", "-www"] + options)
    let line = process.waitForLines(2).first { $0.hasPrefix("ACCEPT") }
    port = try #require(line?.split(separator: ":").last.flatMap { Int($0) }, "\(line ?? "no ACCEPT line")")
  }

  deinit { process.send(SIGKILL) }
}
