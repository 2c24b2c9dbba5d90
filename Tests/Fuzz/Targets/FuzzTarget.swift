/// One decoder of outside data, or one chain from the pending transaction to the signature.
///
/// The same function runs in kms-fuzz, under libFuzzer, and in the ordinary tests, over the corpus that was kept.
struct FuzzTarget: Sendable {
  /// Also the name of its folder in Corpus and Regressions.
  let name: String
  /// Whether its input is JSON, so that kms-fuzz changes values, not only bytes.
  let isJSON: Bool
  /// The longest input that is worth trying.
  let maximumLength: Int
  /// Reads `input`. Whatever it is, this must come back, quickly and in little memory.
  ///
  /// - Throws: `FuzzFailure` when something that must always hold did not. Nothing else.
  let run: @Sendable (_ input: [UInt8]) throws(FuzzFailure) -> Void

  init(
    _ name: String, isJSON: Bool = false, maximumLength: Int = 4096,
    run: @escaping @Sendable (_ input: [UInt8]) throws(FuzzFailure) -> Void
  ) {
    self.name = name
    self.isJSON = isJSON
    self.maximumLength = maximumLength
    self.run = run
  }

  /// Every target, by name.
  static let all: [String: FuzzTarget] = Dictionary(
    uniqueKeysWithValues: (chains + records + texts + binaries + vault + answers).map { ($0.name, $0) })
}

/// Something that must always hold did not.
struct FuzzFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Fails unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(FuzzFailure) {
  guard condition else { throw FuzzFailure(message()) }
}
