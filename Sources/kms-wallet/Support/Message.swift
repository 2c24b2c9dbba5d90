import KMSProcess
import KMSRecords

/// Lines for people, on standard error.
enum Message {
  static func warning(_ text: String) { StandardError.writeLine("\(TatumKMS.name): warning: \(text)") }
  static func hint(_ text: String) {
    StandardError.writeLine(
      "\(TatumKMS.name): hint: \(text.replacing("kms-wallet ", with: TatumKMS.name + " "))")
  }
  static func info(_ text: String) { StandardError.writeLine("\(TatumKMS.name): \(text)") }
}
