internal import KMSPrimitives

/// Whether what was signed before can still get in.
///
/// Signing an id again is a second payment if the first still gets in, so no single witness is believed: what the API says
/// about the network's height counts only when this machine's clock agrees that so much time has passed.
public enum RecordedExpiry {
  /// Entries of versions that kept no time beside a height: no such transaction is valid for longer.
  private static let longest: Int64 = 86_400

  /// Why the recorded bytes are certain not to get in any more, and on whose word; nil when they may.
  ///
  /// - Parameters:
  ///   - entry: what was signed.
  ///   - networkHeight: the height that the API names; nil where it names none.
  ///   - now: this machine's time.
  public static func reason(_ entry: JournalEntry, networkHeight: UInt64?, now: Int64) -> String? {
    guard entry.expiresAt != nil || entry.lastValidHeight != nil else { return nil }
    let timeOver = entry.expiresAt.map { $0 < now } ?? (now.subtractingClamped(entry.signedAt) >= longest)
    guard timeOver else { return nil }
    let clock = "by this machine's clock, which says \(Timestamp.text(unixTime: now))"
    guard let last = entry.lastValidHeight else {
      return "valid until \(entry.expiresAt.map { Timestamp.text(unixTime: $0) } ?? "") \(clock)"
    }
    guard let networkHeight, networkHeight > last else { return nil }
    return "valid until height \(last); by the API's word the network is at \(networkHeight), and \(clock), "
      + "so much time has passed"
  }
}
