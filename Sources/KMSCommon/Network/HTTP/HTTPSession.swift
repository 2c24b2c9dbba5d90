internal import CCurl

/// libcurl with what it keeps for all calls: connections, and the transfers that are under way. Not thread-safe.
@safe final class HTTPSession {
  // libcurl is never unloaded; the handle is this object's own from `init` to `deinit`.
  let curl: KMSCurl
  private let multi: UnsafeMutableRawPointer

  /// Loads libcurl.
  ///
  /// - Parameter connections: how many are kept for later calls.
  /// - Throws: `HTTPFailure` `invalid` when there is none.
  init(connections: Int) throws(HTTPFailure) {
    let curl = try unsafe LibCurl.functions()
    guard let multi = unsafe curl.pointee.multi_init() else {
      throw HTTPFailure(.invalid, "libcurl could not be initialized")
    }
    unsafe self.curl = curl
    unsafe self.multi = multi
    unsafe kms_curl_multi_set_long(curl, multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    // The client's queue sets the limit; libcurl's own would make groups wait for each other.
    unsafe kms_curl_multi_set_long(curl, multi, CURLMOPT_MAXCONNECTS, connections)
  }

  deinit { _ = unsafe curl.pointee.multi_cleanup(multi) }

  /// Starts a transfer, which the caller keeps until it was removed.
  ///
  /// - Throws: `HTTPFailure` `invalid` when libcurl refuses it.
  func add(_ transfer: HTTPTransfer) throws(HTTPFailure) {
    let code = unsafe curl.pointee.multi_add_handle(multi, transfer.handle)
    guard code == CURLM_OK else { throw unsafe HTTPFailure(.invalid, curl.words(code)) }
  }

  /// Takes a transfer off libcurl's hands.
  func remove(_ transfer: HTTPTransfer) {
    _ = unsafe curl.pointee.multi_remove_handle(multi, transfer.handle)
  }

  /// Does what can be done without waiting.
  func perform() {
    var running: Int32 = 0
    _ = unsafe curl.pointee.multi_perform(multi, &running)
  }

  /// Waits until something happens to a transfer, or one of the descriptors becomes readable, or writable where it is an
  /// output.
  func wait(for watched: [(descriptor: Int32, isOutput: Bool)], milliseconds: Int32) {
    var watched = watched.map {
      curl_waitfd(
        fd: $0.descriptor, events: Int16($0.isOutput ? CURL_WAIT_POLLOUT : CURL_WAIT_POLLIN), revents: 0)
    }
    _ = unsafe curl.pointee.multi_poll(multi, &watched, UInt32(watched.count), milliseconds, nil)
  }

  /// A transfer that has ended and was not told yet, and how.
  func nextEnded() -> (id: HTTPTransfer.ID, code: CURLcode)? {
    var left: Int32 = 0
    while let message = unsafe curl.pointee.multi_info_read(multi, &left) {
      // The message dies with the handle, so all that is in it is copied.
      guard unsafe message.pointee.msg == CURLMSG_DONE, let handle = unsafe message.pointee.easy_handle else {
        continue
      }
      return unsafe (HTTPTransfer.ID(handle), kms_curl_message_result(message))
    }
    return nil
  }
}
