/// The nonce that the journal assigns to a transaction.
public enum NonceAssignment: Hashable, Sendable {
  /// Sign with this one.
  case use(UInt64)
  /// Do not sign at this tick: the network has to say first whether it knows the transaction with `nonce`, which was
  /// signed, is not pending any more, and stands behind one that the network is still waiting for.
  case wait(nonce: UInt64)
  /// Do not sign at this tick: the transaction with `nonce` did not come in for longer than the grace time, but there were no
  /// polls in all that time which would have listed it. It may come in with this one yet.
  case unseen(nonce: UInt64)
  /// Do not sign with it: the count can't be true, for the reason in words (`NoncePlausibility`).
  case implausible(String)
}

/// The nonces of one sender on one chain and network, as the journal has them.
///
/// **The rule.** Let *N* be the count that the network reports for the sender, and call a journaled nonce
/// *open* when it is not below *N* (the network has not passed it), else *settled*. An open nonce is
/// *live* when a record with the id of one of its transactions came in less than the grace time ago, *vanished* when polls were
/// seen throughout a grace time since, and none of them listed it (`PollHistory`; empty lists count): Tatum does not list it
/// any more, and the network does not count it. Else nobody knows, because nobody has asked: it is *unseen*.
///
/// 1. A nonce that the pending transaction carries is used as it is.
/// 2. Without open nonces: *N*.
/// 3. As long as every open nonce was signed less than the grace time ago, the network may just lag behind:
///    1 + the highest journaled nonce.
/// 4. Else the network had the time to count what was signed, and there may be a gap. Nonces are tried upwards
///    from *N*:
///    - one that no entry of the journal has is used: nothing of ours can collide with it;
///    - a live one is passed over;
///    - a vanished one is used when it is *N* itself: the network says that it knows no transaction with it;
///    - an unseen one means `unseen`: this poll, or those that follow, will tell;
///    - any other vanished one means `wait`: its transaction may lie in the network's queue behind the gap,
///      where it is not counted. Once the gap is filled, the network's count says which of both it is.
///
/// 5. Before 3 and 4: a nonce of which the network refused every transaction for good (`RefusalsFile`) is free as soon as
///    one whole list lacked them after that, the lowest one first: no node keeps what it refused, so nothing lies in a queue. Until
///    then, for a grace time at most, it is `unseen`. Should one of them come in again, it is as live as any other.
///
/// 6. No nonce is given out below a count that the network has told before, when something was signed by it, for a day: a node
///    that is behind, or an API that repeats old answers, makes the record `implausible`. Within rule 3, what was signed by a
///    higher count that left a gap does not count: one of both counts is wrong, and the lower one can't leave a gap.
///
/// So a nonce is never given out again while a transaction that has it can still be live as far as anybody on this
/// side can know, and every gap heals, one nonce per step of the network. Should the id whose nonce was given away
/// come back, its entry says so (`nonceGivenTo`), and its bytes are not sent again.
final class NonceLedger {
  private struct Slot {
    var firstSigned: Int64
    var lastSeen: Int64
    /// The highest count of the network by which it was given out, and when.
    var told: UInt64?
    var toldAt: Int64
    /// When the network refused the last of its transactions for good; nil unless it has refused all of them.
    var refusedAt: Int64?
  }

  let networkCount: UInt64
  private var open: [UInt64: Slot] = [:]
  /// The highest that the network has passed.
  private var highestSettled: UInt64?
  private var oldest = Int64.max
  private var reserved: Set<UInt64> = []
  private var released: Set<UInt64> = []
  /// What `highestCredible` found, until something is added.
  private var credible: UInt64?
  /// Whether something was signed by a higher count than this one.
  private var wasToldMore = false
  /// Whether the network refused all that was signed with one of them.
  private var hasRefused = false

  /// How many nonces the ledger remembers.
  var openCount: Int { open.count }

  /// How many nonces the network has passed since the highest that is journaled; nil when there are none.
  var unknownCount: UInt64? {
    guard open.isEmpty, let highestSettled, networkCount - highestSettled > 1 else { return nil }
    return networkCount - highestSettled - 1
  }

  init(networkCount: UInt64) { self.networkCount = networkCount }

  /// Takes in a journaled nonce, open or not.
  func add(nonce: UInt64, signedAt: Int64, lastSeen: Int64, told: UInt64?, refusedAt: Int64? = nil) {
    // What was assigned here, by the count that is known, counted already.
    if reserved.remove(nonce) == nil || told != networkCount { credible = nil }
    released.remove(nonce)
    guard nonce >= networkCount else {
      highestSettled = max(highestSettled ?? 0, nonce)
      return
    }
    let slot = open[nonce]
    open[nonce] = Slot(
      firstSigned: min(slot?.firstSigned ?? signedAt, signedAt),
      lastSeen: max(slot?.lastSeen ?? lastSeen, lastSeen), told: max(slot?.told, told),
      toldAt: told == nil ? slot?.toldAt ?? .min : max(slot?.toldAt ?? .min, signedAt),
      refusedAt: slot.map { slot in
        slot.refusedAt.flatMap { before in refusedAt.map { max($0, before) } }
      } ?? refusedAt)
    if refusedAt != nil { hasRefused = true }
    if let told, told > networkCount { wasToldMore = true }
    oldest = min(oldest, signedAt)
  }

  /// Takes in that a record with this nonce came in.
  func see(nonce: UInt64, at now: Int64) {
    guard let slot = open[nonce] else { return }
    open[nonce]?.lastSeen = max(slot.lastSeen, now)
  }

  /// Takes over what another ledger of this sender assigned and nobody recorded yet.
  ///
  /// What was released below this ledger's count stays released and is not given out here: the network has passed it,
  /// so a transaction with it would never be taken. Each record is judged by the count that it brings itself.
  func takeOver(from other: NonceLedger) {
    reserved = other.reserved
    released = other.released.filter { open[$0] == nil }
    credible = nil
  }

  /// Whether it is certain that no entry of the journal has this nonce.
  func isNew(_ nonce: UInt64) -> Bool { nonce >= networkCount && open[nonce] == nil }

  /// Forgets what was assigned and never recorded.
  func endGroup() {
    if !reserved.isEmpty || !released.isEmpty { credible = nil }
    reserved = []
    released = []
  }

  /// The nonce of the next transaction; reserved until it is added or released. Nil when there is none left
  /// that the journal can keep (2^63 - 1 is the last).
  ///
  /// - Parameters:
  ///   - allowsJumps: whether a count is used that is far above what was signed here, or below what was told before.
  ///   - lacked: whether lists of the sender's pending transactions lacked, throughout a grace time, what was last seen then.
  ///   - isListedSince: whether all that is pending was listed after a time.
  func assign(
    now: Int64, grace: Int64, allowsJumps: Bool = false,
    lacked: (_ lastSeen: Int64) -> Bool = { _ in false },
    isListedSince: (_ time: Int64) -> Bool = { _ in false }
  ) -> NonceAssignment? {
    if !allowsJumps, let why = NoncePlausibility.objection(to: networkCount, highest: highestSigned) {
      return .implausible(why)
    }
    if let free = released.lazy.filter({ [networkCount] in $0 >= networkCount }).min() {
      released.remove(free)
      reserved.insert(free)
      return .use(free)
    }
    if !allowsJumps, let why = doubt(now: now) { return .implausible(why) }
    let assignment: NonceAssignment
    if let refused = firstRefused(now: now, grace: grace, isListedSince) {
      assignment = refused
    } else if now.subtractingClamped(oldest) < grace || open.isEmpty {
      assignment = .use(next)
    } else {
      assignment = firstFree(now: now, grace: grace, allowsJumps: allowsJumps, lacked: lacked)
    }
    if case .use(let nonce) = assignment {
      guard nonce <= Self.last else { return nil }
      reserved.insert(nonce)
      if credible.map({ nonce > $0 }) ?? false { credible = nonce }
    }
    return assignment
  }

  /// Takes back a nonce that was assigned and not used.
  func release(_ nonce: UInt64) {
    guard reserved.remove(nonce) != nil else { return }
    released.insert(nonce)
    credible = nil
  }

  /// The last nonce that fits SQLite's integers.
  static let last = UInt64(Int64.max)

  private var next: UInt64 {
    // What was released and is not passed is given out before this: nothing above the highest assigned can be free.
    guard let top = highestCredible else { return networkCount }
    return max(networkCount, top < UInt64.max ? top + 1 : top)
  }

  /// The highest nonce that was signed or assigned and not passed, but for those that no true count can have led to.
  private var highestCredible: UInt64? {
    if credible == nil {
      let nonces =
        reserved.isEmpty ? Array(open.keys) : Array(open.keys) + reserved.filter { $0 >= networkCount }
      credible = NoncePlausibility.highest(
        of: nonces, from: networkCount, told: wasToldMore ? { [open] in open[$0]?.told } : nil)
    }
    return credible
  }

  /// Why a count that is lower than what the network told before is not used, although it would strand nothing: what was told
  /// was confirmed since by a higher count, or is a little higher only and a moment old; nil when it is used.
  private func doubt(now: Int64) -> String? {
    guard wasToldMore else { return nil }
    var expected = networkCount
    for nonce in open.keys.sorted() {
      guard let slot = open[nonce], let told = slot.told, nonce > expected, told > expected else {
        expected = nonce < UInt64.max ? nonce + 1 : nonce
        continue
      }
      let later = open.values.lazy.filter { ($0.told ?? 0) > nonce }.map(\.toldAt).max()
      return NoncePlausibility.doubt(
        count: networkCount, told: told, at: slot.toldAt, confirmedAt: later, now: now)
    }
    return nil
  }

  /// Why a nonce is not given out: the network has told before that it has one with it.
  private func objection(to nonce: UInt64, now: Int64) -> String? {
    guard wasToldMore, let top = highestCredible else { return nil }
    var latest: (told: UInt64, at: Int64)?
    for (signed, slot) in open where signed <= top {
      guard let told = slot.told, told > nonce, slot.toldAt > latest?.at ?? .min else { continue }
      latest = (told, slot.toldAt)
    }
    return latest.flatMap {
      NoncePlausibility.objection(to: networkCount, told: $0.told, at: $0.at, now: now)
    }
  }

  /// The highest nonce of this sender that was signed here.
  private var highestSigned: UInt64? {
    max(highestCredible, highestSettled)
  }

  /// What becomes of the lowest nonce of which the network refused everything; nil when there is none that counts.
  private func firstRefused(
    now: Int64, grace: Int64, _ isListedSince: (_ time: Int64) -> Bool
  ) -> NonceAssignment? {
    guard hasRefused else { return nil }
    for (nonce, slot) in open.sorted(by: { $0.key < $1.key }) where !reserved.contains(nonce) {
      guard let refusedAt = slot.refusedAt, slot.lastSeen <= refusedAt else { continue }
      if isListedSince(refusedAt) { return .use(nonce) }
      if now.subtractingClamped(refusedAt) < grace { return .unseen(nonce: nonce) }
    }
    return nil
  }

  private func firstFree(
    now: Int64, grace: Int64, allowsJumps: Bool, lacked: (Int64) -> Bool
  ) -> NonceAssignment {
    func use(_ nonce: UInt64) -> NonceAssignment {
      if !allowsJumps, let why = objection(to: nonce, now: now) { return .implausible(why) }
      return .use(nonce)
    }
    var nonce = networkCount
    let next = self.next
    while nonce < next {
      if !reserved.contains(nonce) {
        guard let slot = open[nonce] else { return use(nonce) }
        if now.subtractingClamped(slot.lastSeen) >= grace {
          guard lacked(slot.lastSeen) else { return .unseen(nonce: nonce) }
          return nonce == networkCount ? use(nonce) : .wait(nonce: nonce)
        }
      }
      nonce += 1
    }
    return .use(next)
  }
}

private func max(_ a: UInt64?, _ b: UInt64?) -> UInt64? {
  guard let a, let b else { return a ?? b }
  return Swift.max(a, b)
}

extension Int64 {
  /// The difference, or the nearest number there is: times come from files and clocks.
  func subtractingClamped(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other > 0 ? .min : .max) : difference
  }
}
