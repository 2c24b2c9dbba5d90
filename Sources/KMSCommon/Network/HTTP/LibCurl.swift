internal import CCurl
internal import Glibc

/// The functions of libcurl, which is loaded when they are first asked for.
///
/// Its own OpenSSL comes with it (libssl.so.3, libcrypto.so.3) and has nothing in common with the libcrypto of KMSCrypto,
/// which a release build contains: no program exports a symbol that the library could take for its own.
enum LibCurl {
  /// The soname that every libcurl since 7.16 has.
  private static let name = "libcurl.so.4"

  /// The functions, ready to be called from any thread.
  ///
  /// - Throws: `HTTPFailure` `invalid`, saying what to install.
  static func functions() throws(HTTPFailure) -> KMSCurl { try unsafe loaded.get() }

  /// Loads libcurl, if it was not.
  static func require() throws(HTTPFailure) { _ = try unsafe loaded.get() }

  // Written once and never freed.
  private nonisolated(unsafe) static let loaded: Result<KMSCurl, HTTPFailure> = unsafe load()

  private static func load() -> Result<KMSCurl, HTTPFailure> {
    guard let library = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
      let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "no reason given"
      return unsafe .failure(HTTPFailure(.invalid, "\(name) is missing: install libcurl4 (\(reason))"))
    }
    let functions = UnsafeMutablePointer<kms_curl>.allocate(capacity: 1)
    if let absent = unsafe kms_curl_bind(library, functions) {
      let missing = unsafe String(cString: absent)
      return unsafe .failure(HTTPFailure(.invalid, "\(name) has no \(missing): install a later libcurl4"))
    }
    guard unsafe functions.pointee.global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else {
      return unsafe .failure(HTTPFailure(.invalid, "libcurl could not be initialized"))
    }
    return unsafe .success(functions)
  }
}

extension KMSCurl {
  /// What a code means.
  func words(_ code: CURLcode) -> String {
    unsafe pointee.easy_strerror(code).map { unsafe String(cString: $0) } ?? "error"
  }

  /// What a code of the multi interface means.
  func words(_ code: CURLMcode) -> String {
    unsafe pointee.multi_strerror(code).map { unsafe String(cString: $0) } ?? "error"
  }
}
