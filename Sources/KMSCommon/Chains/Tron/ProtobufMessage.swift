/// What a Protocol Buffers message of TRON may contain, and what each field is called in JSON.
struct ProtobufMessage: Sendable {
  /// The fields, in ascending order of their numbers.
  let fields: [Field]
  /// Members of the JSON that have no place in the message and change nothing.
  let ignored: Set<String>

  /// One field.
  struct Field: Sendable {
    package let number: UInt32
    package let name: String
    package let kind: Kind
    let isRepeated: Bool

    /// A field that stands at most once.
    package static func one(_ number: UInt32, _ name: String, _ kind: Kind) -> Field {
      Field(number: number, name: name, kind: kind, isRepeated: false)
    }

    /// A field that may stand any number of times.
    package static func many(_ number: UInt32, _ name: String, _ kind: Kind) -> Field {
      Field(number: number, name: name, kind: kind, isRepeated: true)
    }
  }

  /// What a field holds.
  indirect enum Kind: Sendable {
    /// 21 bytes; in JSON hexadecimal, or base58 when the transaction is `visible`.
    case address
    /// Bytes; in JSON hexadecimal.
    case bytes
    /// Bytes that are text for people; in JSON hexadecimal, or the text itself when the transaction is `visible`.
    case name
    /// Text.
    case string
    /// An integer from 0 to the given number. TRON's integers are signed; none of them may be negative.
    case integer(maximum: UInt64)
    case bool
    /// A number for which JSON has a name.
    case enumeration([String: UInt64])
    case message(ProtobufMessage)

    /// `int64` of Protocol Buffers.
    static let int64 = Kind.integer(maximum: UInt64(Int64.max))
    /// `int32` of Protocol Buffers.
    static let int32 = Kind.integer(maximum: UInt64(Int32.max))
  }

  /// Describes a message; the order of `fields` does not matter.
  init(_ fields: [Field], ignored: Set<String> = []) {
    self.fields = fields.sorted { $0.number < $1.number }
    self.ignored = ignored
  }

  /// Describes a message; the order of `fields` does not matter.
  init(_ fields: Field..., ignored: Set<String> = []) { self.init(fields, ignored: ignored) }
}
