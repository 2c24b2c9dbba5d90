internal import KMSCrypto
internal import KMSPrimitives
internal import KMSProcess

/// Reading secrets from descriptors.
enum DescriptorReading {
  /// The longest password in bytes; a longer one is a mistake, such as a wrong file.
  static let maximumPasswordLength = 4096

  /// Reads to the end, at most `limit` bytes, without a copy outside of protected memory.
  ///
  /// - Throws: `invalid-password` when there is more; `cannot-read`.
  static func readAll(_ descriptor: Int32, limit: Int, what: String) throws -> SecretBytes {
    do {
      guard let text = try Descriptor.secret(descriptor, limit: limit) else {
        throw VaultError(.invalidPassword, "\(what) gives more than \(limit) bytes, which is no password")
      }
      return text
    } catch let failure as Descriptor.Failure {
      throw VaultError(.cannotRead, "\(what) can't be read: \(failure.reason)")
    }
  }

  /// Takes away one newline at the end, which editors and `echo` put there, and the CR before it, which those of Windows do.
  static func withoutNewline(_ text: SecretBytes) throws -> SecretBytes {
    let extra = text.withBytes { bytes in
      bytes.last != UInt8(ascii: "\n")
        ? 0 : bytes.extracting(droppingLast: 1).last == UInt8(ascii: "\r") ? 2 : 1
    }
    return extra > 0 ? try text.slice(0..<text.count - extra) : text
  }
}
