internal import CCurl
internal import Glibc
internal import KMSCrypto
internal import KMSPrimitives

/// One attempt of one request: a libcurl easy handle and what its callbacks collect.
///
/// The callbacks get an unretained pointer to the object, so whoever adds the handle to a multi handle keeps the
/// object until it was removed again.
@safe final class HTTPTransfer {
  // Its own handle, list and buffer, from `init` to `deinit`.
  let handle: UnsafeMutableRawPointer
  var id: ID { unsafe ID(handle) }
  let request: HTTPRequest
  private let curl: KMSCurl

  /// How many bytes of the body libcurl has taken. While this is 0 the server can't have acted on a request that
  /// has a body.
  private var taken = 0
  private var mayRewind: Bool { request.isRepeatable }
  private var headers: [(name: String, value: String)] = []
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var isTooLarge = false
  private var list: UnsafeMutablePointer<curl_slist>?
  /// Takes the body of a good answer as it arrives.
  private let sink: (any BodySink)?
  /// Whether the sink has no room, so that libcurl holds the rest back.
  private var isPaused = false
  /// Whether the sink wants nothing of it.
  private var isGivenUp = false
  /// Whether the sink was given something, or the body ended, since this was last set to false.
  var hasMoved = false
  /// How long no byte has come, while the sink had room.
  private var idle = Duration.zero
  /// How long nothing whole has come out of the body, while the sink had room, and what it had brought by then.
  private var barren = Duration.zero
  private var progress = 0
  private let problem = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  private static let maximumHeaderBytes = 64 << 10
  /// A server that lets bytes drip is waited for this many times as long as one that is silent: an item may be long.
  private static let barrenTimeouts = 10

  /// Tells the transfers under way apart; a later one may get the id of one that has ended.
  struct ID: Hashable {
    private let address: UInt

    init(_ handle: UnsafeMutableRawPointer) { address = UInt(bitPattern: handle) }
  }

  /// Prepares a request.
  ///
  /// - Throws: `HTTPFailure` `invalid` when libcurl refuses an option.
  init(
    _ request: HTTPRequest, sink: (any BodySink)? = nil, session: HTTPSession, settings: HTTPClient.Settings
  ) throws(HTTPFailure) {
    let curl = unsafe session.curl
    guard let handle = unsafe curl.pointee.easy_init() else {
      throw HTTPFailure(.invalid, "libcurl gave no handle")
    }
    unsafe self.curl = curl
    unsafe self.handle = handle
    self.request = request
    self.sink = sink
    unsafe problem.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try configure(settings)
    try configureBody()
    try configureHeaders()
    if let signature = request.signature { try configure(signature) }
  }

  deinit {
    unsafe curl.pointee.easy_cleanup(handle)
    wipeList()
    unsafe problem.deallocate()
  }

  // MARK: Options

  private func configure(_ settings: HTTPClient.Settings) throws(HTTPFailure) {
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    guard request.url.utf8.count <= 8192, request.url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw HTTPFailure(.invalid, "the URL is not plain ASCII")
    }
    try text(CURLOPT_URL, request.url)
    try unsafe check(kms_curl_restrict_protocols(curl, handle))
    try number(CURLOPT_NOSIGNAL, 1)
    try number(CURLOPT_FOLLOWLOCATION, 0)
    try number(CURLOPT_PATH_AS_IS, 1)
    try number(CURLOPT_SSL_VERIFYPEER, 1)
    try number(CURLOPT_SSL_VERIFYHOST, 2)
    try number(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let file = settings.certificateFile { try text(CURLOPT_CAINFO, file) }
    if let file = settings.clientCertificateFile {
      try text(CURLOPT_SSLCERT, file)
      try text(CURLOPT_SSLKEY, file)
    }
    try number(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try number(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    if request.url.lowercased().hasPrefix("https:") {
      // One connection per host where the server speaks HTTP/2: wait to see, rather than open a second one. Only TLS
      // tells at once; on a plain connection all would wait for the first answer.
      try number(CURLOPT_PIPEWAIT, 1)
      // Through https a proxy can only pass on bytes; the empty text keeps libcurl from the environment's variables.
      try text(CURLOPT_PROXY, settings.proxy ?? "")
    } else {
      // A proxy on a plain connection could answer in the server's place.
      try text(CURLOPT_PROXY, "")
    }
    try text(CURLOPT_USERAGENT, settings.userAgent)
    try number(CURLOPT_CONNECTTIMEOUT_MS, min(settings.connectTimeout, request.timeout).wholeMilliseconds)
    // What a sink takes may last as long as the sink wants; the client sees to it that bytes come (`tick`).
    if sink == nil { try number(CURLOPT_TIMEOUT_MS, request.timeout.wholeMilliseconds) }
    try unsafe check(kms_curl_set_pointer(curl, handle, CURLOPT_ERRORBUFFER, problem))
    try unsafe check(kms_curl_set_data_callback(curl, handle, CURLOPT_WRITEFUNCTION, takeBody))
    try unsafe check(kms_curl_set_pointer(curl, handle, CURLOPT_WRITEDATA, this))
    try unsafe check(kms_curl_set_data_callback(curl, handle, CURLOPT_HEADERFUNCTION, takeHeader))
    try unsafe check(kms_curl_set_pointer(curl, handle, CURLOPT_HEADERDATA, this))
  }

  /// The body goes through a callback, for two reasons: it tells whether a byte of it was ever taken, and where the
  /// request must not be sent twice it refuses to rewind. Without that, libcurl would quietly send a POST again when
  /// a kept connection breaks before the answer comes (CURLE_SEND_FAIL_REWIND now).
  private func configureBody() throws(HTTPFailure) {
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    switch request.method {
    case .get: try number(CURLOPT_HTTPGET, 1)
    case .post where request.signature != nil:
      // libcurl signs what it has at hand, not what a callback will give it.
      try number(CURLOPT_POST, 1)
      try unsafe check(
        kms_curl_set_offset(curl, handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
      let code = unsafe request.body.withUnsafeBytes {
        unsafe kms_curl_set_pointer(
          curl, handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress))
      }
      try check(code)
    case .post, .put:
      try number(CURLOPT_POST, 1)
      try text(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
      try unsafe check(
        kms_curl_set_offset(curl, handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
      try unsafe check(kms_curl_set_data_callback(curl, handle, CURLOPT_READFUNCTION, giveBody))
      try unsafe check(kms_curl_set_pointer(curl, handle, CURLOPT_READDATA, this))
      try unsafe check(kms_curl_set_seek_callback(curl, handle, rewindBody))
      try unsafe check(kms_curl_set_pointer(curl, handle, CURLOPT_SEEKDATA, this))
    }
  }

  private func configureHeaders() throws(HTTPFailure) {
    // No waiting for "100 Continue" before long bodies. A signed one is short, and an empty line would be signed.
    if request.signature == nil {
      try append("Expect:")
      // libcurl would call a body that is not there a form.
      if request.body.isEmpty { try append("Content-Type:") }
    }
    for header in request.headers {
      switch header.value {
      case .plain(let value): try append("\(header.name): \(value)")
      case .secret(let value): try append(name: header.name, secret: value)
      }
    }
    try unsafe check(kms_curl_set_list(curl, handle, CURLOPT_HTTPHEADER, list))
  }

  private func configure(_ signature: AWSSignature) throws(HTTPFailure) {
    try text(CURLOPT_AWS_SIGV4, "aws:amz:\(signature.region):\(signature.service)")
    try text(CURLOPT_USERNAME, signature.accessKeyID)
    var secret: [CChar] = []
    secret.reserveCapacity(signature.secretAccessKey.count + 1)  // so that no copy is left behind
    signature.secretAccessKey.withBytes { bytes in
      for i in bytes.indices { secret.append(CChar(bitPattern: bytes[i])) }
    }
    secret.append(0)
    defer { unsafe explicit_bzero(&secret, secret.count) }
    try unsafe check(kms_curl_set_text(curl, handle, CURLOPT_PASSWORD, secret))
  }

  private func append(_ line: String) throws(HTTPFailure) {
    guard line.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
      let longer = unsafe curl.pointee.slist_append(list, line)
    else { throw HTTPFailure(.invalid, "a header is not printable ASCII") }
    unsafe list = longer
  }

  private func append(name: String, secret: SecretBytes) throws(HTTPFailure) {
    var line = Array("\(name): ".utf8.map { CChar(bitPattern: $0) })
    line.reserveCapacity(line.count + secret.count + 1)  // so that no copy is left behind
    secret.withBytes { bytes in
      for i in bytes.indices { line.append(CChar(bitPattern: bytes[i])) }
    }
    line.append(0)
    defer { unsafe explicit_bzero(&line, line.count) }
    guard line.dropLast().allSatisfy({ (0x20...0x7E).contains($0) }),
      let longer = unsafe curl.pointee.slist_append(list, line)
    else { throw HTTPFailure(.invalid, "header \(name) is not printable ASCII") }
    unsafe list = longer
  }

  private func wipeList() {
    var item = unsafe list
    while let here = unsafe item {
      if let data = unsafe here.pointee.data { unsafe explicit_bzero(data, strlen(data)) }
      unsafe item = here.pointee.next
    }
    unsafe curl.pointee.slist_free_all(list)
    unsafe list = nil
  }

  private func number(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
    try unsafe check(kms_curl_set_long(curl, handle, option, value))
  }

  private func text(_ option: CURLoption, _ value: String) throws(HTTPFailure) {
    try unsafe check(kms_curl_set_text(curl, handle, option, value))
  }

  private func check(_ code: CURLcode) throws(HTTPFailure) {
    guard code == CURLE_OK else {
      throw unsafe HTTPFailure(.invalid, curl.words(code))
    }
  }

  // MARK: Callbacks

  fileprivate func take(body bytes: Span<UInt8>) -> Int {
    if let sink, (200..<300).contains(status) {
      if sink.isFull {
        isPaused = true
        return Int(CURL_WRITEFUNC_PAUSE)
      }
      hasMoved = true
      if sink.take(bytes) { return bytes.count }
      isGivenUp = true
      return 0
    }
    guard body.count + bytes.count <= request.maximumResponse else {
      isTooLarge = true
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  fileprivate func take(header bytes: Span<UInt8>) -> Int {
    headerBytes += bytes.count
    guard headerBytes <= Self.maximumHeaderBytes else {
      isTooLarge = true
      return 0
    }
    let line = String(decoding: bytes)
    if line.hasPrefix("HTTP/") {
      headers.removeAll()  // what came before belonged to an interim answer (1xx)
    } else if let colon = line.firstIndex(of: ":") {
      headers.append(
        (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmed))
    }
    return bytes.count
  }

  fileprivate func give(into buffer: inout MutableSpan<UInt8>) -> Int {
    let count = min(buffer.count, request.body.count - taken)
    buffer.write(request.body[taken..<taken + count])
    taken += count
    return count
  }

  fileprivate func rewind(to offset: Int64) -> Int32 {
    if taken == Int(offset) { return 0 }
    guard mayRewind, offset >= 0, offset <= Int64(request.body.count) else {
      return Int32(CURL_SEEKFUNC_FAIL)
    }
    taken = Int(offset)
    return 0
  }

  // MARK: Sinks

  /// Goes on with a body that was held back, where the sink has room again.
  func resumeIfPossible() {
    guard isPaused, sink?.isFull == false else { return }
    isPaused = false
    hasMoved = true
    _ = unsafe curl.pointee.easy_pause(handle, CURLPAUSE_CONT)
  }

  /// Notes that `time` has passed; true when the server let too much of it pass without a byte.
  func tick(_ time: Duration) -> Bool {
    guard let sink else { return false }
    if hasMoved || isPaused { idle = .zero } else { idle += time }
    hasMoved = false
    if isPaused || sink.progress != progress { barren = .zero } else { barren += time }
    progress = sink.progress
    return idle >= request.timeout || barren >= request.timeout * Self.barrenTimeouts
  }

  private var status: Int {
    var status = 0
    unsafe kms_curl_get_long(curl, handle, CURLINFO_RESPONSE_CODE, &status)
    return status
  }

  // MARK: Result

  /// How the attempt ended; call once, after libcurl said that it did.
  func result(_ code: CURLcode) -> HTTPResult {
    let status = status
    if isGivenUp { return .success(HTTPResponse(status: status, headers: headers)) }
    // An old libcurl could say "OK" without any answer when a kept connection broke (curl issue 2801).
    if code == CURLE_OK, status >= 200 {
      return .success(HTTPResponse(status: status, headers: headers, body: body))
    }
    let words = unsafe problem.pointee != 0 ? String(cString: problem) : curl.words(code)
    return .failure(HTTPFailure(kind(of: code), words))
  }

  private func kind(of code: CURLcode) -> HTTPFailure.Kind {
    var requestBytes = 0
    unsafe kms_curl_get_long(curl, handle, CURLINFO_REQUEST_SIZE, &requestBytes)
    let wasSent = request.body.isEmpty || request.signature != nil ? requestBytes > 0 : taken > 0
    // What was sent counts first: the codes below may also come after it, such as "unsupported protocol" for an
    // answer that is not HTTP.
    if wasSent || isTooLarge {
      return isTooLarge ? .tooLarge : code == CURLE_OPERATION_TIMEDOUT ? .timeout : .answerLost
    }
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalid
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
      return .tls
    default: return .notConnected
    }
  }
}

extension Duration {
  /// In milliseconds, rounded up, at least 1.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow, whole < Int64.max / 2 else { return Int(Int32.max) }
    return min(
      Int(Int32.max), max(1, Int(whole + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)))
  }
}

// libcurl calls these with the object that was set beside them, and with a buffer that is good for the call: docs of
// CURLOPT_WRITEFUNCTION and its kin.

private func transfer(_ pointer: UnsafeMutableRawPointer?) -> HTTPTransfer? {
  unsafe pointer.map { unsafe Unmanaged<HTTPTransfer>.fromOpaque($0).takeUnretainedValue() }
}

private let takeBody: kms_curl_data_callback = { data, size, count, pointer in
  let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
  return unsafe transfer(pointer)?.take(body: bytes.bindMemory(to: UInt8.self).span) ?? 0
}

private let takeHeader: kms_curl_data_callback = { data, size, count, pointer in
  let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
  return unsafe transfer(pointer)?.take(header: bytes.bindMemory(to: UInt8.self).span) ?? 0
}

private let giveBody: kms_curl_data_callback = { data, size, count, pointer in
  let room = unsafe UnsafeMutableRawBufferPointer(start: data, count: size * count)
  var span = unsafe room.bindMemory(to: UInt8.self).mutableSpan
  return unsafe transfer(pointer)?.give(into: &span) ?? Int(CURL_READFUNC_ABORT)
}

private let rewindBody: kms_curl_seek_callback = { pointer, offset, origin in
  guard origin == SEEK_SET, let transfer = unsafe transfer(pointer) else { return Int32(CURL_SEEKFUNC_FAIL) }
  return transfer.rewind(to: Int64(offset))
}
