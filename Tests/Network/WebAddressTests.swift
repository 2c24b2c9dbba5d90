import CCurl
import Glibc
import Testing

@testable import KMSNetwork

@Suite struct WebAddressTests {
  @Test func takesAURLApart() throws {
    let address = try #require(WebAddress("https://me:p%40ss@Example.NET:8443/base/?k=v"))
    #expect(address.text == "https://example.net:8443/base/?k=v")
    #expect(address.userInfo == "me:p@ss")
    #expect(address.appending(segment: "5f") == "https://example.net:8443/base/5f?k=v")
    #expect(WebAddress("http://192.168.57.63")?.appending(segment: "a") == "http://192.168.57.63/a")
    #expect(WebAddress("https://h:443/")?.origin == "https://h")
  }

  @Test(arguments: [
    "", "example.net", "ftp://h/", "file:///etc/passwd", "http://", "http://h/#f", "http://h/ä",
    "http://h/ x", "//h/x",
  ])
  func refusesWhatIsNoURL(text: String) { #expect(WebAddress(text) == nil) }

  @Test(arguments: [
    ("../../admin", "..%2F..%2Fadmin"), ("a?b#c", "a%3Fb%23c"), ("a%2fb", "a%252fb"),
    ("a\\b@c:d", "a%5Cb%40c%3Ad"),
    ("Az09-._~", "Az09-._~"),
  ]) func encodesASegment(segment: String, encoded: String) {
    #expect(WebAddress("http://h/p")?.appending(segment: segment) == "http://h/p/\(encoded)")
  }

  @Test(arguments: ["", ".", ".."]) func refusesASegmentThatLeavesThePath(segment: String) {
    #expect(WebAddress("http://h/p")?.appending(segment: segment) == nil)
  }

  @Test func knowsThisMachineAndPrivateNetworks() {
    for host in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "api.localhost"] {
      #expect(WebAddress("http://\(host)/")?.isLoopback == true, "\(host)")
    }
    for host in [
      "10.1.2.3", "172.16.0.1", "172.31.0.1", "192.168.1.1", "169.254.1.1", "[fd00::1]", "[fe80::1]",
    ] {
      #expect(WebAddress("http://\(host)/")?.isPrivate == true, "\(host)")
      #expect(WebAddress("http://\(host)/")?.isLoopback == false, "\(host)")
    }
    for host in ["172.32.0.1", "11.0.0.1", "localhost.example.net", "127.0.0.1.example.net", "[2001:db8::1]"]
    {
      #expect(WebAddress("http://\(host)/")?.isPrivate == false, "\(host)")
    }
  }

  @Test(arguments: [
    ("HTTPS://H.Example:0443/a", "https://h.example/a"), ("http://h", "http://h/"),
    ("http://h?x", "http://h/?x"),
    ("http://h/?", "http://h/"), ("http://h/a/./b/../c", "http://h/a/c"), ("http://h/..", "http://h/"),
    ("http://h/a/..", "http://h/"), ("http://h/a/.", "http://h/a/"),
    ("http://[0:0::1]:8/", "http://[::1]:8/"),
    ("http://h./", "http://h./"),
  ]) func writesTheUsualForm(text: String, form: String) { #expect(WebAddress(text)?.text == form) }

  /// What a second reader could take for another host, or another path.
  @Test(arguments: [
    "http://a@b@c/", "http://h\\@evil/", "http://h%2eexample/", "http://0x7f000001/", "http://2130706433/",
    "http://127.1/", "http://127.0.0.01/", "http://1.2.3.256/", "http://h:/", "http://h:0/",
    "http://h:65536/",
    "http://h:+1/", "http://[::1/", "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://::1/", "http://.h/",
    "http://a..b/", "http:///x", "http://?x", "http:/h/", "http:h", "http://h/%", "http://h/%g0",
    "http://h/{a}",
    "http://h/\"", "http://u%00@h/", "http://u\u{e9}@h/", "http://h<>/", "http://h/\u{301}",
    "http://h\u{301}/",
  ]) func refusesWhatCouldBeReadInTwoWays(text: String) { #expect(WebAddress(text) == nil) }

  /// The library that connects must not see another server than the checks here did.
  @Test func agreesWithLibcurlOnEveryPart() throws {
    let reader = try CurlURLReader()
    var texts = [
      "http://h", "https://h:443/", "http://u:p@h:8080/a/b?c=d", "http://u@h/", "http://:p@h/",
      "http://h/a/../../b/.",
      "http://[2001:DB8::1]:80/", "http://[::ffff:1.2.3.4]/", "http://10.0.0.1/", "http://a-b_c.d./x",
      "http://h/?",
      "http://h?", "http://h/a?b?c/..", "http://h//a//../b", "HTTP://H/", "http://u%3Ax:y%40@h/",
      "http://h:00080/",
    ]
    var random = SeededGenerator(seed: 7)
    let pieces = [
      "http://", "https://", "h", "example.net", "127.0.0.1", "[::1]", "0x7f.1", "1.2", ":", "80", "0", "443",
      "/", "//",
      "..", ".", "?", "a=b", "@", "u:p@", "%41", "%", "%2F", "%2e", "#", "\\", " ", "[", "]", "a", "B", "-",
      "_", "~", "!",
    ]
    for _ in 0..<20_000 {
      let scheme = Bool.random(using: &random) ? "http://" : "https://h"
      texts.append(
        (0..<Int.random(in: 1...7, using: &random)).reduce(scheme) { text, _ in
          text + (pieces.randomElement(using: &random) ?? "")
        })
    }
    var accepted = 0
    for text in texts {
      guard let ours = WebAddress(text) else { continue }
      accepted += 1
      let theirs = try #require(reader.read(text), "libcurl refuses \(text)")
      #expect(theirs == CurlURLReader.Parts(ours), "\(text)")
      // And once more of the text that requests are made with.
      #expect(
        reader.read(ours.text)?.host == ours.host && WebAddress(ours.text)?.text == ours.text, "\(text)")
    }
    #expect(accepted > 1_000)
  }
}

/// libcurl's parser of URLs.
private struct CurlURLReader {
  struct Parts: Equatable {
    var scheme: String?
    var host: String?
    var port: String?
    var path: String?
    var query: String?
    var userInfo: String?
  }

  private typealias New = @convention(c) () -> OpaquePointer?
  private typealias Set =
    @convention(c) (OpaquePointer?, CURLUPart, UnsafePointer<CChar>?, UInt32) -> CURLUcode
  private typealias Get =
    @convention(c) (
      OpaquePointer?, CURLUPart, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, UInt32
    ) -> CURLUcode
  private typealias Free = @convention(c) (UnsafeMutableRawPointer?) -> Void

  private let new: New
  private let set: Set
  private let get: Get
  private let free: Free
  private let cleanup: @convention(c) (OpaquePointer?) -> Void

  init() throws {
    let library = try #require(dlopen("libcurl.so.4", RTLD_NOW))
    func address(_ name: String) throws -> UnsafeMutableRawPointer { try #require(dlsym(library, name)) }
    new = unsafeBitCast(try address("curl_url"), to: New.self)
    set = unsafeBitCast(try address("curl_url_set"), to: Set.self)
    get = unsafeBitCast(try address("curl_url_get"), to: Get.self)
    free = unsafeBitCast(try address("curl_free"), to: Free.self)
    cleanup = unsafeBitCast(
      try address("curl_url_cleanup"), to: (@convention(c) (OpaquePointer?) -> Void).self)
  }

  func read(_ text: String) -> Parts? {
    let url = new()
    defer { cleanup(url) }
    guard set(url, CURLUPART_URL, text, 0) == CURLUE_OK else { return nil }
    func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
      var value: UnsafeMutablePointer<CChar>?
      guard get(url, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
      defer { free(value) }
      return String(cString: value)
    }
    let user = part(CURLUPART_USER, CURLU_URLDECODE)
    let password = part(CURLUPART_PASSWORD, CURLU_URLDECODE)
    return Parts(
      scheme: part(CURLUPART_SCHEME), host: part(CURLUPART_HOST)?.lowercased(),
      port: part(CURLUPART_PORT, CURLU_DEFAULT_PORT), path: part(CURLUPART_PATH),
      query: part(CURLUPART_QUERY).flatMap { $0.isEmpty ? nil : $0 },  // later versions tell the two apart
      userInfo: user == nil && password == nil ? nil : "\(user ?? ""):\(password ?? "")")
  }
}

extension CurlURLReader.Parts {
  init(_ address: WebAddress) {
    self.init(
      scheme: address.scheme, host: address.host, port: String(address.port), path: address.path,
      query: address.query, userInfo: address.userInfo)
  }
}

/// The same numbers in every run (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
