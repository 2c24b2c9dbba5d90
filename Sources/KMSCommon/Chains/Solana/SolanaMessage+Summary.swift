extension SolanaMessage {
  /// How many instructions a summary shows.
  private static let shownInstructions = 16

  /// What the message would do, in one line: version, who pays and signs, and each instruction.
  ///
  /// Holds addresses and numbers only; texts from outside (memos) are left out.
  var summary: String {
    let others = signers.dropFirst().map(\.text).joined(separator: ", ")
    var parts = [
      "\(isVersioned ? "version 0" : "legacy") message, fee paid by \(feePayer?.text ?? "nobody")"
        + (others.isEmpty ? "" : ", also signed by \(others)")
    ]
    for instruction in instructions.prefix(Self.shownInstructions) { parts.append(words(for: instruction)) }
    if instructions.count > Self.shownInstructions {
      parts.append("and \(instructions.count - Self.shownInstructions) more instructions")
    }
    return parts.joined(separator: "; ")
  }

  private func words(for instruction: Instruction) -> String {
    let data = instruction.data
    switch SolanaProgram(at: instruction.program) {
    case .system?:
      if let words = systemWords(instruction) { return words }
    case .token?, .token2022?:
      if let words = tokenWords(instruction) { return words }
    case .computeBudget?:
      if data.first == 2, let units = data.littleEndian32(at: 1) { return "at most \(units) compute units" }
      if data.first == 3, let price = data.littleEndian64(at: 1) {
        return "\(price) microlamports per compute unit"
      }
    case .memo?, .oldMemo?: return "memo of \(data.count) bytes"
    default: break
    }
    let program = SolanaProgram(at: instruction.program)?.words ?? instruction.program.text
    return "\(program) program with \(instruction.accounts.count) accounts and \(data.count) bytes"
  }

  private func systemWords(_ instruction: Instruction) -> String? {
    let data = instruction.data
    guard let tag = data.littleEndian32(at: 0), let lamports = data.littleEndian64(at: 4),
      let from = account(instruction, 0), let to = account(instruction, 1)
    else { return nil }
    switch (tag, data.count) {
    case (0, 52): return "\(to) is created with \(lamports) lamports from \(from)"
    case (2, 12): return "\(lamports) lamports from \(from) to \(to)"
    default: return nil
    }
  }

  /// spl-token: Transfer (3), MintTo (7), TransferChecked (12).
  private func tokenWords(_ instruction: Instruction) -> String? {
    let data = instruction.data
    guard let tag = data.first, let amount = data.littleEndian64(at: 1), let first = account(instruction, 0),
      let second = account(instruction, 1)
    else { return nil }
    switch (tag, data.count) {
    case (3, 9): return "\(amount) tokens' units from \(first) to \(second)"
    case (7, 9): return "\(amount) units of token \(first) minted to \(second)"
    case (12, 10):
      guard let third = account(instruction, 2) else { return nil }
      return "\(amount) units of token \(second) from \(first) to \(third)"
    default: return nil
    }
  }

  /// The account at a place of an instruction's list; one of a table by the table and its place there.
  private func account(_ instruction: Instruction, _ place: Int) -> String? {
    guard place < instruction.accounts.count else { return nil }
    let index = Int(instruction.accounts[place])
    if index < accounts.count { return accounts[index].text }
    var rest = index - accounts.count
    for places in [\Lookup.writable, \Lookup.readOnly] {
      for lookup in lookups {
        let list = lookup[keyPath: places]
        if rest < list.count { return "\(lookup.table.text)[\(list[rest])]" }
        rest -= list.count
      }
    }
    return nil
  }
}
