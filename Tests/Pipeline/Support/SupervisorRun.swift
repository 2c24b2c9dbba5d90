import Foundation

/// scripts/tatum-kms on the vault and the sandbox of a run.
extension PipelineRun {
  static let supervisor = SourceTree.root.appendingPathComponent("scripts/tatum-kms").path
  /// The folder of the programs that were built.
  static let programs = URL(fileURLWithPath: SourceTree.program("kms-sign")).deletingLastPathComponent().path

  /// What the supervisor has in its environment, the password included.
  var supervisorEnvironment: [String: String] {
    environment.merging(["KMS_BIN_DIR": Self.programs, "TATUM_KMS_PASSWORD": KeyedVault.password]) { $1 }
  }

  /// Starts the daemon.
  func startSupervisor(
    _ arguments: [String], environment: [String: String] = [:], descriptors: [Int32: Int32] = [:]
  ) throws -> ProgramProcess {
    try ProgramProcess(
      Self.supervisor, ["daemon", "--path", vault.path] + arguments,
      environment: supervisorEnvironment.merging(environment) { $1 }, descriptors: descriptors)
  }

  /// Makes a folder with the programs, of which one is a script of bash; `$PROGRAM` in it stands for the real one, which
  /// answers what the daemon asks before it starts.
  func programs(replacing name: String, with script: String) throws -> String {
    let folder = vault.folder.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for other in ["kms-fetch", "kms-verify", "kms-sign", "kms-broadcast", "kms-wallet"] where other != name {
      try FileManager.default.createSymbolicLink(
        at: folder.appendingPathComponent(other),
        withDestinationURL: URL(fileURLWithPath: SourceTree.program(other)))
    }
    try Self.writeStandIn(
      at: folder.appendingPathComponent(name).path,
      """
      PROGRAM=\(SourceTree.program(name))
      case " $* " in *' --experimental-dump-help '* | *' --check-configuration '*) exec $PROGRAM "$@" ;; esac

      """ + script)
    return folder.path
  }

  /// Makes a program at `path` that is a script of bash.
  static func writeStandIn(at path: String, _ script: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: path,
      withDestinationPath: SourceTree.root.appendingPathComponent("Tests/Pipeline/stand-in").path)
    try script.write(toFile: path + ".sh", atomically: true, encoding: .utf8)
  }
}

/// Waits until `condition` holds; false when it never does.
func eventually(seconds: Double = 120, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = Date().addingTimeInterval(seconds)
  while Date() < deadline {
    if try condition() { return true }
    usleep(20_000)
  }
  return false
}
