import ArgumentParser
import Glibc
import KMSChains
import KMSProcess
import KMSRecords
import KMSVault

/// What TAB offers, beside what the argument parser knows by itself.
enum Completions {
  /// Names of chains.
  static let chains = CompletionKind.list(ChainRegistry.names.all)

  /// Signature IDs of the vault that the command line names. They stand there in clear, so nobody is asked for a password.
  static let signatureIDs = CompletionKind.custom { words, index, prefix in
    let others =
      words.indices.contains(index)
      ? Set(words.enumerated().filter { $0.offset != index }.map(\.element)) : []
    return identities(words, startingWith: prefix).filter { !others.contains($0.signatureID) }.map(described)
  }

  /// The options of the daemon, which are those of the four programs, and their values.
  static let daemonWords = CompletionKind.custom { words, index, prefix in
    let known =
      ((try? Daemon.stages()) ?? []).flatMap(\.shown) + (DaemonOptions.table?.options.filter(\.isShown) ?? [])
    return candidates(known, Line(words, index, prefix))
  }

  /// What the script for fish lacks, which offers nothing for arguments that a command hands on.
  static func daemonWordsOfFish(program: String) -> String {
    """

    # The options of the daemon are those of the four programs; kms-wallet knows them.
    for command in daemon doctor
        complete -c '\(program)' -n "__fish_seen_subcommand_from $command" \
            -fka "(__\(program)_custom_completion ---completion $command -- positional@0 (count (__\(program)_tokens -pc)) (__\(program)_tokens -tC))"
    end
    """
  }

  /// Where the cursor is.
  struct Line {
    /// The option whose value is typed; nil when the word is none.
    let option: String?
    /// What stands before the value in the same word: `--chain=`, or nothing.
    let head: String
    /// What of the word, or of the value, is typed.
    let typed: String

    /// Shells tell differently: bash takes `--chain=NAME` for three words, others for one.
    init(_ words: [String], _ index: Int, _ prefix: String) {
      func word(_ back: Int) -> String { words.indices.contains(index - back) ? words[index - back] : "" }
      if prefix.hasPrefix("--"), let equals = prefix.firstIndex(of: "=") {
        option = String(prefix[..<equals])
        head = String(prefix[...equals])
        typed = String(prefix[prefix.index(after: equals)...])
      } else if prefix == "=", word(1).hasPrefix("-") {
        (option, head, typed) = (word(1), "", "")
      } else if word(1) == "=" {
        (option, head, typed) = (word(2), "", prefix)
      } else {
        let before = word(1)
        (option, head, typed) = (before.hasPrefix("-") && !prefix.hasPrefix("-") ? before : nil, "", prefix)
      }
    }
  }

  static func candidates(_ options: [OptionTable.Option], _ line: Line) -> [String] {
    if let name = line.option, let option = options.first(where: { $0.names.contains(name) }), !option.isFlag
    {
      return values(of: option, name, line.typed).map { line.head + $0 }
    }
    guard line.head.isEmpty else { return [] }
    return Set(options.flatMap(\.names)).filter { $0.hasPrefix(line.typed) }.sorted()
  }

  private static func values(of option: OptionTable.Option, _ name: String, _ typed: String) -> [String] {
    if name == "--chain" {
      // Several, separated by commas: the last one is typed.
      let done = typed.lastIndex(of: ",").map { typed[...$0] } ?? ""
      let chosen = Set(done.split(separator: ",").map(String.init))
      return ChainRegistry.names.all.filter { !chosen.contains($0) }.map { done + $0 }.filter {
        $0.hasPrefix(typed)
      }
    }
    if option.takesFile { return files(typed) }
    return option.values.filter { $0.hasPrefix(typed) }
  }

  /// Files and folders whose path begins like this.
  private static func files(_ typed: String) -> [String] {
    let folder = typed.lastIndex(of: "/").map { typed[...$0] } ?? ""
    let place = VaultOptions.expand(folder.isEmpty ? "." : String(folder), name: "")
    var found: [String] = []
    for name in System.names(in: place)?.names ?? [] {
      guard name != ".", name != "..", (folder + name).hasPrefix(typed), isPlain(folder + name) else {
        continue
      }
      let isFolder = System.status("\(place)/\(name)").map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
      // bash puts a home folder in the place of a tilde, and then it is not what was typed.
      let quote = folder.hasPrefix("~") && CompletionShell.requesting == .bash ? "\\" : ""
      found.append(quote + folder + name + (isFolder ? "/" : ""))
    }
    return found.sorted()
  }

  /// bash runs commands that stand in what is offered (compgen -W): a file may have any name.
  private static func isPlain(_ path: String) -> Bool {
    path.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || "~/._-+,:@%=".utf8.contains(byte)
    }
  }

  private static func identities(_ words: [String], startingWith prefix: String) -> [WalletIdentity] {
    var path = "~/.tatumrc/wallet.dat"
    for (i, word) in words.enumerated() {
      if word.hasPrefix("--path=") { path = String(word.dropFirst(7)) }
      guard word == "--path", let next = words.dropFirst(i + 1).first(where: { $0 != "=" }) else { continue }
      path = next
    }
    let file = VaultOptions.expand(path, name: "wallet.dat")
    // Without a vault, or with one in trouble, there is nothing to offer.
    return (try? Vault.identities(at: file, startingWith: prefix.lowercased(), limit: 100)) ?? []
  }

  /// The ID, and where a shell shows it, whose it is.
  private static func described(_ wallet: WalletIdentity) -> String {
    let text = "\(wallet.chain) \(wallet.testnet ? "testnet" : "mainnet")"
    switch CompletionShell.requesting {
    case .zsh: return "\(wallet.signatureID):\(text)"
    case .fish: return "\(wallet.signatureID)\t\(text)"
    default: return wallet.signatureID
    }
  }
}
