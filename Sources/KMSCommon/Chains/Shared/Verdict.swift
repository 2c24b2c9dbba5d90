/// What an answer to a submitted transaction says about it (docs/pipeline.md, "What answers mean").
///
/// The cases stand in the order of caution: when several rules match one answer, the first of these wins.
public enum Verdict: String, Sendable, Hashable, CaseIterable {
  /// The network has this very transaction: look it up, then it is sent.
  case alreadyThere
  /// What it spends, its nonce or its inputs, is used: by itself, sent before, or by another. Look it up: there, it is
  /// sent; proved absent, it is refused for good; else its fate is unknown.
  case perhapsThere
  /// Its number is not the sender's next one. It is used, as in `perhapsThere`, or an earlier one is still to come
  /// (`Broadcast.awaitsEarlier`).
  case outOfTurn
  /// Not applied, but it may be without being changed: the node keeps it, or takes it once something else has happened.
  case held
  /// The answer says nothing about the transaction: busy, syncing, full, unreachable, or not understood.
  case trouble
  /// The node judged these very bytes, does not keep them, and they can't get in by waiting.
  case refused
  /// The network took it.
  case accepted
}
