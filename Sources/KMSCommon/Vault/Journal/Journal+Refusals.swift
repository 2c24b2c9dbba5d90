public import KMSProcess

/// What the network does not want.
extension Journal {
  /// Takes in what the network has refused for good, until the journal is read anew. What it has no entry of, with that very
  /// transaction id, is passed over.
  ///
  /// A refusal is a hint that a nonce is free, and nobody's proof. Where it is a lie, two transactions share a nonce, of which the
  /// network takes one: never both, and neither twice.
  ///
  /// - Throws: `damaged-journal`.
  public func note(_ refused: [RefusalsFile.Line]) throws {
    guard !refused.isEmpty else { return }
    for line in refused {
      guard let (entry, place) = try found(line.id), entry.nonce != nil, entry.txID == line.txID else {
        continue
      }
      refusals[place] = max(refusals[place] ?? line.at, line.at)
    }
    ledgers = [:]
  }
}
