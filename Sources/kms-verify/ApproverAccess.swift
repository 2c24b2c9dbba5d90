import ArgumentParser
import Glibc
import KMSNetwork
import KMSProcess
import KMSRecords

/// How kms-verify and the operator's server know each other: nothing of it stands in an argument that others can read.
struct ApproverAccess: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file of mode 0600 with header lines for every question, such as 'Authorization: Bearer …'.",
      valueName: "file"), completion: .file())
  var headerFile: String?

  @Option(help: ArgumentHelp("Read the header lines from this file descriptor.", valueName: "n"))
  var headerFd: Int32?

  @Option(
    help: ArgumentHelp(
      "The certificate that shows who is asking, and its key, in one PEM file of mode 0600.",
      valueName: "file"),
    completion: .file())
  var clientCertificate: String?

  @Option(
    help: ArgumentHelp("Trust these authorities (PEM) for the server, and no others.", valueName: "file"),
    completion: .file())
  var caFile: String?

  @Flag(help: "Take plain http to another host: anybody on the way can say yes.")
  var allowHttp = false

  func validate() throws {
    if headerFile != nil, headerFd != nil {
      throw ValidationError("--header-file and --header-fd exclude each other")
    }
  }

  /// Reads and checks `--external-url`.
  ///
  /// - Throws: `ProgramFailure` (78).
  func address(_ text: String) throws -> WebAddress {
    func refused(_ why: String, _ hint: String) -> ProgramFailure {
      ProgramFailure(.configuration, "--external-url \(why)", hint: hint)
    }
    guard let address = WebAddress(text) else {
      throw refused(
        "is not an absolute http or https URL without a fragment",
        "it begins with https://, as in https://approver.internal/tatum")
    }
    guard !address.hasUserInfo, address.query == nil else {
      throw refused(
        "has a password or a query, which every user of this machine can read in the list of processes",
        "put it into a header: --header-file")
    }
    guard address.scheme == "https" || address.isLoopback || allowHttp else {
      throw refused(
        "is plain http to another host, where anybody on the way can say yes",
        "use https, or --allow-http if the way is safe all the same")
    }
    return address
  }

  /// The header lines for every question.
  ///
  /// - Throws: `ProgramFailure`: 66 when the file can't be read, 77 when others may read it, 78 when it has no header lines.
  func headers() throws -> RequestHeaders {
    if let headerFile { return try RequestHeaders(RequestHeaders.text(ofFile: headerFile)) }
    if let headerFd { return try RequestHeaders(RequestHeaders.text(ofDescriptor: headerFd)) }
    return RequestHeaders()
  }

  /// The files that are named.
  var files: [String?] { [headerFile, clientCertificate, caFile] }

  /// Checks what can be checked without reading a descriptor, which can be read only once.
  ///
  /// - Throws: as `headers` and `configure`.
  func check() throws {
    if headerFile != nil { _ = try headers() }
    try checkCertificates()
  }

  /// - Throws: `ProgramFailure`: 66 when a file can't be read, 77 when others may use what is secret.
  private func checkCertificates() throws {
    if let clientCertificate {
      try Self.check(clientCertificate, named: "the client certificate", isSecret: true)
    }
    if let caFile { try Self.check(caFile, named: "the file of authorities", isSecret: false) }
  }

  private static func check(_ path: String, named name: String, isSecret: Bool) throws {
    guard System.canAccess(path, R_OK), let status = System.status(path) else {
      throw ProgramFailure(.noInput, "\(name) can't be read: \(System.reason())")
    }
    guard status.st_mode & (isSecret ? 0o077 : 0o022) == 0 else {
      throw ProgramFailure(
        .noPermission,
        isSecret ? "\(name) can be read or changed by others" : "\(name) can be changed by others",
        hint: "chmod \(isSecret ? "600" : "go-w") '\(path)'")
    }
  }

  /// Sets what the client needs.
  ///
  /// - Throws: `ProgramFailure`: 66 when a file can't be read, 77 when others may use what is secret.
  func configure(_ settings: inout HTTPClient.Settings) throws {
    try checkCertificates()
    // Not that of TATUM_CA_FILE: whoever sets the environment does not choose who may say yes.
    settings.certificateFile = caFile
    settings.clientCertificateFile = clientCertificate
  }
}
