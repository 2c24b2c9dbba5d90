import Foundation
import KMSChains
import KMSRecords
import Testing

/// What TAB offers, in bash as it is.
@Suite struct CompletionTests {
  private let folder: WalletFolder

  init() throws { folder = try WalletFolder() }

  private var path: String { "\(PipelineRun.programs):\(SourceTree.root.path)/scripts:/usr/bin:/bin" }

  /// The script that scripts/install installs for a program.
  private func script(_ program: String) throws -> String {
    let file = folder.url.appendingPathComponent(program + ".bash").path
    let made = try ProgramProcess.run(
      "/usr/bin/env", [program, "--generate-completion-script", "bash"],
      environment: ["PATH": path, "KMS_BIN_DIR": PipelineRun.programs])
    #expect(made.status == 0, "\(made.errorText)")
    try made.outputText.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  /// What bash's own completion gives for a line, as words.
  private func offered(_ line: String) throws -> [String] {
    let program = String(line.split(separator: " ")[0])
    let commands = """
      source "$1"
      COMP_LINE=$2 COMP_POINT=${#2}
      # The words as bash parts them before it calls a function: also at each "=".
      read -ra COMP_WORDS <<<"${2//=/ = }"
      case $2 in *[[:space:]=]) COMP_WORDS+=('') ;; esac
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      current=${COMP_WORDS[COMP_CWORD]}
      _\(program) "$3" "$current" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let result = try ProgramProcess.run(
      "/bin/bash", ["--norc", "--noprofile", "-c", commands, "bash", try script(program), line, program],
      environment: ["PATH": path, "HOME": folder.url.path, "KMS_BIN_DIR": PipelineRun.programs])
    #expect(result.status == 0 && result.errorText == "", "\(line): \(result.errorText)")
    return result.outputText.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test func commandsChainsAndFiles() throws {
    try folder.writeSecret("x", to: folder.url.path + "/words.txt")
    #expect(try offered("tatum-kms getad") == ["getaddress"])
    #expect(try offered("kms-wallet rest") == ["restore"])
    #expect(try offered("tatum-kms generatemanagedwallet DO") == ["DOGE"])
    #expect(try Set(offered("kms-wallet storemanagedprivatekey ")).isSuperset(of: ChainRegistry.names.all))
    #expect(try offered("kms-wallet list --chain DO") == ["DOGE"])
    #expect(try offered("kms-wallet backup \(folder.url.path)/wor") == [folder.url.path + "/words.txt"])
    for program in ["kms-sign", "kms-fetch"] {
      #expect(
        try offered("\(program) --password-file \(folder.url.path)/wor") == [folder.url.path + "/words.txt"])
    }
    #expect(try offered("kms-sign --log-f") == ["--log-format"])
    #expect(try offered("kms-fetch --chain XL") == ["XLM"])
    #expect(
      try offered("kms-verify --external-url-met") == [] && offered("kms-verify --meth") == ["--method"])
    #expect(try offered("kms-broadcast --api-key-fi") == ["--api-key-file"])
  }

  @Test func optionsOfTheDaemonAreThoseOfTheFourPrograms() throws {
    try folder.writeSecret("x", to: folder.url.path + "/words.txt")
    #expect(try offered("tatum-kms daemon --external-url-m") == ["--external-url-method"])
    #expect(
      try Set(offered("tatum-kms doctor --p")).isSuperset(of: ["--period", "--path", "--password-file"]))
    #expect(try offered("tatum-kms daemon --testnet --chain=DO") == ["DOGE"])
    #expect(try offered("tatum-kms daemon --chain BTC,DO") == ["BTC,DOGE"])
    #expect(try offered("tatum-kms daemon --output=") == ["text", "json"])
    #expect(
      try offered("tatum-kms daemon --password-file=\(folder.url.path)/wor") == [
        folder.url.path + "/words.txt"
      ])
    #expect(try offered("tatum-kms daemon --api-key-file ~/wor") == ["~/words.txt"])
  }

  /// bash runs what stands in the words that it is offered.
  @Test func aNameOfAFileIsNoCommand() throws {
    let mark = folder.url.lastPathComponent
    try folder.writeSecret("x", to: folder.url.path + "/words$(touch \(mark))")
    for option in ["--api-key-file", "--path", "--header-file"] {
      let words = try offered("tatum-kms daemon \(option) \(folder.url.path)/wor")
      #expect(!words.contains { $0.contains("touch") }, "\(option)")
    }
    for place in [folder.url.path, FileManager.default.currentDirectoryPath] {
      #expect(!FileManager.default.fileExists(atPath: place + "/" + mark))
    }
  }

  /// The vault has them in clear; nobody is asked for a password.
  @Test func signatureIDs() throws {
    let ids = try (0..<2).map { _ in try folder.stored("generatemanagedwallet", "ETH") }
    for command in ["getaddress", "getmanagedwallet", "getprivatekey", "removewallet"] {
      #expect(
        try Set(offered("tatum-kms \(command) --path \(folder.vault) ")).isSuperset(of: ids), "\(command)")
      #expect(try offered("tatum-kms \(command) --path \(folder.vault) \(ids[0].prefix(20))") == [ids[0]])
    }
    #expect(try offered("kms-wallet getaddress --path /nonexistent e3") == [])
    // What somebody put into the file does not end on a command line.
    let sqlite = try ProgramProcess.run(
      "/usr/bin/env",
      [
        "python3", "-c",
        """
        import sqlite3, sys
        with sqlite3.connect(sys.argv[1]) as vault:
            vault.execute("UPDATE wallet SET signature_id = '$(touch /tmp/no)' WHERE signature_id = ?", [sys.argv[2]])
        """, folder.vault, ids[1],
      ])
    #expect(sqlite.status == 0, "\(sqlite.errorText)")
    #expect(
      try offered("kms-wallet getaddress --path \(folder.vault) ").filter { $0.contains("touch") } == [])
  }

  /// A person at a terminal.
  @Test func tabAtAPrompt() throws {
    let terminal = try TerminalProcess(
      "/bin/bash", ["--norc", "--noprofile", "-i"],
      environment: [
        "PATH": path, "HOME": folder.url.path, "KMS_BIN_DIR": PipelineRun.programs, "PS1": "% ",
        "TERM": "dumb",
      ])
    #expect(terminal.expect("% "))
    terminal.type("source \(try script("tatum-kms")); echo re''ady\n")
    #expect(terminal.expect("ready"))
    terminal.type("echo tatum-kms; tatum-kms generatem\t")
    terminal.type("\t\t")
    #expect(terminal.expect("generatemanagedprivatekeybatch"))
    #expect(terminal.expect("generatemanagedwallet"))
    terminal.type("w\tDOG\t--dry-run --help >/dev/null && echo do''ne\n")
    #expect(terminal.expect("generatemanagedwallet DOGE "), "\(terminal.screen)")
    #expect(terminal.expect("done"))
    terminal.type("exit\n")
    _ = terminal.wait()
  }

  @Test func helpOfACommand() throws {
    for (words, expected) in [
      (["help", "restore"], "USAGE: tatum-kms restore"), (["help", "daemon"], "OF KMS-FETCH"),
      (["help", "doctor"], "USAGE: tatum-kms doctor"),
      (["help", "journal", "check"], "USAGE: tatum-kms journal check"),
      (["restore", "--help"], "USAGE: tatum-kms restore"),
    ] {
      let result = try ProgramProcess.run(
        PipelineRun.supervisor, words,
        environment: ["HOME": folder.url.path, "KMS_BIN_DIR": PipelineRun.programs])
      #expect(
        result.status == 0 && result.outputText.contains(expected),
        "\(words): \(result.outputText)\(result.errorText)")
    }
  }
}
