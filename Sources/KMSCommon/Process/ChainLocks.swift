internal import Glibc
public import KMSRecords

/// Keeps polls of one chain apart when several pipelines run at once.
///
/// All four programs of a pipeline inherit one descriptor, which was opened for this pipeline alone. kms-fetch locks the chains
/// that it polls, each a byte of the file; the lock belongs to the open file description (fcntl(2), "Open file description
/// locks"), so that it outlives kms-fetch and goes, whatever happens, with the last program of the pipeline. kms-broadcast
/// lets go of a chain when the last of its records is through: behind the locks the file has two numbers for each chain, how
/// many records came and how many are through. Where a record is lost on the way, the lock stays until the pipeline's end.
/// Behind these it has since when and until when the lists of each chain were empty, for the polls that follow.
public struct ChainLocks {
  private let descriptor: Int32
  private let chains: ChainNames
  private var finished: [String: Int64] = [:]

  /// F_OFD_SETLK of Linux's asm-generic/fcntl.h, which Swift does not import.
  private static let setOFDLock: Int32 = 37

  /// Where the numbers begin, of 16 bytes for each chain.
  private static let numbers: Int64 = 4096
  /// Where the times begin, of 24 bytes for each chain: since, until, and 1 once the time is over.
  private static let times: Int64 = 8192
  /// How long the file has to be, in bytes.
  public static let size = 16_384

  /// Works on an inherited descriptor; does nothing without one.
  ///
  /// - Parameter chains: the chains of this build. Their order gives each its place, so all programs of a pipeline must
  ///   be of one build.
  public init?(descriptor: Int32?, chains: ChainNames) {
    guard let descriptor else { return nil }
    self.chains = chains
    self.descriptor = descriptor
  }

  /// Locks a chain for this pipeline; false when another pipeline has it.
  public func lock(_ chain: String) -> Bool {
    guard let place = place(of: chain) else { return true }
    guard set(Int32(F_WRLCK), place) else { return false }
    // -1: nobody knows yet how many come.
    write(-1, at: Self.numbers + 16 * place)
    write(0, at: Self.numbers + 16 * place + 8)
    return true
  }

  /// Says that kms-fetch has written all `records` of a chain.
  public func fetched(_ chain: String, records: Int) {
    guard let place = place(of: chain) else { return }
    write(Int64(records), at: Self.numbers + 16 * place)
    // The one who comes second sees what the first has written.
    if read(at: Self.numbers + 16 * place + 8) == Int64(records) { unlock(place) }
  }

  /// Says that kms-broadcast is through with one more record of a chain.
  public mutating func finish(_ chain: String) {
    guard let place = place(of: chain) else { return }
    let count = finished[chain, default: 0] + 1
    finished[chain] = count
    write(count, at: Self.numbers + 16 * place + 8)
    if read(at: Self.numbers + 16 * place) == count { unlock(place) }
  }

  /// The latest time in which the lists of a chain came in whole and were empty, in Unix time; nil when nobody has seen one.
  public func emptyTime(of chain: String) -> ClosedRange<Int64>? {
    guard let at = timePlace(of: chain), let since = read(at: at), let until = read(at: at + 8), 0 < since,
      since <= until
    else { return nil }
    return since...until
  }

  /// Says that a list which was asked for at `time` came in whole and was empty.
  public func noteEmpty(_ chain: String, at time: Int64) {
    guard let at = timePlace(of: chain) else { return }
    // Another time begins after one that is over, and when the clock was set back.
    if read(at: at + 16) != 0 || !(emptyTime(of: chain).map { $0.upperBound <= time } ?? false) {
      write(time, at: at)
    }
    write(time, at: at + 8)
    write(0, at: at + 16)
  }

  /// Says that something was listed. What is known of the time before stays, for those whose turn comes later.
  public func endEmptyTime(of chain: String) {
    if let at = timePlace(of: chain) { write(1, at: at + 16) }
  }

  private func timePlace(of chain: String) -> Int64? { place(of: chain).map { Self.times + 24 * $0 } }

  private func unlock(_ place: Int64) { _ = set(Int32(F_UNLCK), place) }

  private func place(of chain: String) -> Int64? {
    chains.all.firstIndex(of: chain).map(Int64.init)
  }

  private func set(_ kind: Int32, _ place: Int64) -> Bool {
    var lock = flock()
    lock.l_type = Int16(kind)
    lock.l_whence = Int16(SEEK_SET)
    lock.l_start = off_t(place)
    lock.l_len = 1
    return unsafe fcntl(descriptor, Self.setOFDLock, &lock) == 0
  }

  private func write(_ number: Int64, at place: Int64) {
    var number = number
    _ = unsafe pwrite(descriptor, &number, 8, off_t(place))
  }

  private func read(at place: Int64) -> Int64? {
    var number: Int64 = 0
    return unsafe pread(descriptor, &number, 8, off_t(place)) == 8 ? number : nil
  }
}
