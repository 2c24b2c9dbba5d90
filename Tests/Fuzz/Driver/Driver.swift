internal import CLibFuzzer
internal import Glibc

/// What libFuzzer calls.
enum Driver {
  nonisolated(unsafe) private static var target: FuzzTarget?

  /// Chooses the target, before the first run.
  static func select(_ target: FuzzTarget) { self.target = target }

  /// Runs the target once; a broken promise ends the process, so that libFuzzer keeps the input.
  static func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do throws(FuzzFailure) {
      try target?.run(Array(UnsafeBufferPointer(start: data, count: count)))
    } catch {
      say("failed: \(error)")
      abort()
    }
    return 0
  }

  /// Writes a line to standard error, between those of libFuzzer.
  static func say(_ text: String) {
    let line = Array("kms-fuzz: \(text)\n".utf8)
    _ = write(2, line, line.count)
  }

  /// Changes an input of at most `maximum` bytes in place.
  fileprivate static func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ count: Int, maximum: Int, seed: UInt32
  ) -> Int {
    guard target?.isJSON == true else { return LLVMFuzzerMutate(data, count, maximum) }
    let input = Array(UnsafeBufferPointer(start: data, count: count))
    guard let changed = JSONMutator(seed: seed).changed(input), changed.count <= maximum else {
      return LLVMFuzzerMutate(data, count, maximum)
    }
    for (i, byte) in changed.enumerated() { data[i] = byte }
    return changed.count
  }
}

/// libFuzzer takes this function, by its name, in the place of its own changes of bytes.
@_cdecl("LLVMFuzzerCustomMutator")
func customMutator(
  _ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ maximum: Int, _ seed: UInt32
) -> Int {
  Driver.mutate(data, count, maximum: maximum, seed: seed)
}
