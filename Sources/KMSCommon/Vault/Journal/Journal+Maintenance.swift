/// What a person asks of a journal.
extension Journal {
  /// Makes the entry of an id not count any more, so that the id can be signed again (`--resign`): the decision of a person
  /// who knows that the recorded bytes can't be mined any more. False when there is no entry.
  ///
  /// A group of its own.
  public func archive(_ id: String, now: Int64) throws -> Bool {
    try group {
      guard let (entry, place) = try found(id) else { return false }
      let item = JournalItem.forgotten(at: now, id: entry.id, entry: place)
      _ = try log.append { item.write(to: &$0) }
      index.forget(entry, at: place)
      ledgers = [:]
      return true
    }
  }

  /// The number of entries that count.
  public func count() -> Int { index.count }

  /// Reads and checks every entry from the first on, whatever the index says; returns how many entries of any kind there are.
  ///
  /// - Throws: `damaged-journal`, naming the place of the first that is not as it was written.
  public func check() throws -> Int {
    let fresh = try JournalLog(path, key: key, lockTimeout: lockTimeout)
    var count = 0
    var problem: JournalItem.Problem?
    try fresh.catchUp(mayCut: false) { _, body in
      count += 1
      do throws(JournalItem.Problem) { _ = try JournalItem(body) } catch { problem = problem ?? error }
    }
    if let problem { throw problem.error(path) }
    return count
  }
}
