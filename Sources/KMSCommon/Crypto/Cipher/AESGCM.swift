internal import COpenSSL

/// Authenticated encryption: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce and a 128-bit tag.
///
/// The sealed form is `nonce (12) || ciphertext || tag (16)`. Random nonces are safe for 2^32 messages per key.
public enum AESGCM {
  static let nonceCount = 12
  static let tagCount = 16
  private static let largest = 1 << 30

  /// Encrypts `plaintext` under a key of 32 bytes; `associatedData` is authenticated and not stored.
  ///
  /// - Throws: `CryptoError` with code `invalid-parameter` when the key is not 32 bytes or the text above 1 GiB.
  public static func seal(
    _ plaintext: SecretBytes, key: SecretBytes, associatedData: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    try seal(
      plaintext, key: key, nonce: RandomBytes.generate(count: nonceCount), associatedData: associatedData)
  }

  /// The same with a given nonce, which must never be used twice with one key.
  static func seal(
    _ plaintext: SecretBytes, key: SecretBytes, nonce: [UInt8], associatedData: [UInt8]
  ) throws(CryptoError) -> [UInt8] {
    guard key.count == 32, nonce.count == nonceCount, plaintext.count <= largest,
      associatedData.count <= largest
    else { throw .parameter("AES-256-GCM needs a key of 32 bytes and at most 1 GiB") }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .library("AES-256-GCM") }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    var sealed = [UInt8](repeating: 0, count: nonceCount + plaintext.count + tagCount)
    sealed.replaceSubrange(0..<nonceCount, with: nonce)
    let isDone = unsafe sealed.withUnsafeMutableBufferPointer { sealed -> Bool in
      guard let body = unsafe sealed.baseAddress.map({ unsafe $0 + nonceCount }) else { return false }
      var length: Int32 = 0
      return unsafe key.withPointer { unsafe EVP_EncryptInit_ex2(context, OpenSSL.aes256gcm, $0, nonce, nil) }
        == 1
        && (associatedData.isEmpty
          || EVP_EncryptUpdate(context, nil, &length, associatedData, Int32(associatedData.count)) == 1)
        && plaintext.withPointer {
          unsafe EVP_EncryptUpdate(context, body, &length, $0, Int32(plaintext.count))
        }
          == 1
        && EVP_EncryptFinal_ex(context, body + plaintext.count, &length) == 1
        && EVP_CIPHER_CTX_ctrl(
          context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), body + plaintext.count) == 1
    }
    guard isDone else { throw .library("AES-256-GCM") }
    return sealed
  }

  /// Decrypts what `seal` made.
  ///
  /// - Throws: `CryptoError.authenticationFailed` when the key or the associated data is another one or a bit of
  ///   `sealed` was changed, also when it is too short; code `invalid-parameter` when the key is not 32 bytes.
  public static func open(
    _ sealed: [UInt8], key: SecretBytes, associatedData: [UInt8]
  ) throws(CryptoError) -> SecretBytes {
    guard key.count == 32, sealed.count <= largest, associatedData.count <= largest else {
      throw .parameter("AES-256-GCM needs a key of 32 bytes and at most 1 GiB")
    }
    guard sealed.count >= nonceCount + tagCount else { throw .authenticationFailed }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .library("AES-256-GCM") }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    let count = sealed.count - nonceCount - tagCount
    var tag = Array(sealed.suffix(tagCount))
    return try unsafe SecretBytes(
      count: count,
      filling: { (out) throws(CryptoError) in
        let plaintext = unsafe out.baseAddress?.assumingMemoryBound(to: UInt8.self)
        var length: Int32 = 0
        let isStarted = unsafe sealed.withUnsafeBufferPointer { sealed -> Bool in
          guard let nonce = sealed.baseAddress else { return false }
          return unsafe key.withPointer {
            unsafe EVP_DecryptInit_ex2(context, OpenSSL.aes256gcm, $0, nonce, nil)
          } == 1
            && (associatedData.isEmpty
              || EVP_DecryptUpdate(context, nil, &length, associatedData, Int32(associatedData.count)) == 1)
            && EVP_DecryptUpdate(context, plaintext, &length, nonce + nonceCount, Int32(count)) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag) == 1
        }
        guard isStarted else { throw .library("AES-256-GCM") }
        // Nothing of `out` leaves when this fails: the memory is wiped by SecretBytes.
        guard unsafe EVP_DecryptFinal_ex(context, plaintext.map { unsafe $0 + count }, &length) == 1 else {
          throw .authenticationFailed
        }
      })
  }
}
