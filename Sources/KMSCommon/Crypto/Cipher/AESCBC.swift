internal import COpenSSL

/// AES-256-CBC (NIST SP 800-38A) without authentication: for reading the original's wallet file only.
public enum AESCBC {
  /// Decrypts `ciphertext` under a key of 32 and an IV of 16 bytes, and removes the PKCS #7 padding (RFC 5652
  /// section 6.3).
  ///
  /// Data encrypted under another key passes the padding check once in 256 times: look at what comes out.
  ///
  /// - Throws: `CryptoError` with code `invalid-padding` when the padding or the length is wrong; code
  ///   `invalid-parameter` when key or IV have another length or the text is above 1 GiB.
  public static func decryptPKCS7(
    _ ciphertext: [UInt8], key: SecretBytes, iv: [UInt8]
  ) throws(CryptoError) -> SecretBytes {
    try decrypt(ciphertext, key: key, iv: iv, isPadded: true)
  }

  /// Decrypts whole blocks and keeps what may be padding: tells a wrong key from a damaged end.
  ///
  /// - Throws: as `decryptPKCS7`; code `invalid-padding` when the length is no multiple of 16 only.
  public static func decryptUnpadded(
    _ ciphertext: [UInt8], key: SecretBytes, iv: [UInt8]
  ) throws(CryptoError) -> SecretBytes {
    try decrypt(ciphertext, key: key, iv: iv, isPadded: false)
  }

  private static func decrypt(
    _ ciphertext: [UInt8], key: SecretBytes, iv: [UInt8], isPadded: Bool
  ) throws(CryptoError) -> SecretBytes {
    guard key.count == 32, iv.count == 16, ciphertext.count <= 1 << 30 else {
      throw .parameter("AES-256-CBC needs a key of 32 bytes, an IV of 16 and at most 1 GiB")
    }
    guard !ciphertext.isEmpty, ciphertext.count % 16 == 0 else { throw .invalidPadding }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .library("AES-256-CBC") }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    guard unsafe key.withPointer({ unsafe EVP_DecryptInit_ex2(context, OpenSSL.aes256cbc, $0, iv, nil) }) == 1
    else {
      throw .library("AES-256-CBC")
    }
    unsafe EVP_CIPHER_CTX_set_padding(context, isPadded ? 1 : 0)
    var count = 0
    let padded = try unsafe SecretBytes(
      count: ciphertext.count,
      filling: { (out) throws(CryptoError) in
        guard let plaintext = unsafe out.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
          throw .noSecretMemory
        }
        var length: Int32 = 0
        guard unsafe EVP_DecryptUpdate(context, plaintext, &length, ciphertext, Int32(ciphertext.count)) == 1
        else {
          throw .library("AES-256-CBC")
        }
        count = Int(length)
        guard unsafe EVP_DecryptFinal_ex(context, plaintext + count, &length) == 1 else {
          throw .invalidPadding
        }
        count += Int(length)
      })
    return try padded.slice(0..<count)
  }
}
