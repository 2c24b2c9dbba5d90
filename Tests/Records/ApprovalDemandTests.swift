import KMSCrypto
import KMSPrimitives
import KMSPrivateKeys
import KMSRecords
import Testing

/// What kms-sign demands of an approval: recent, a yes, for this id, and signed by the approvers of the vault.
@Suite struct ApprovalDemandTests {
  static let now: Int64 = 1_800_000_000
  static let digest = "digest"

  private let approvers: [Ed25519PrivateKey]

  init() throws {
    approvers = try (1...3).map {
      try Ed25519PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: $0, count: 32)))
    }
  }

  private func approveKey() throws -> StageKey {
    let secret = try SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    guard let key = StageKey(.approve, secret) else { throw CryptoError.noSecretMemory }
    return key
  }

  private func key(_ place: Int) throws -> ApproverKey {
    try #require(ApproverKey(Hex.encode(approvers[place].publicKey)))
  }

  private func record(testnet: Bool = false, nonce: String = "7") throws -> Record {
    let line =
      #"{"v":1,"id":"5fb7-A","chain":"ETH","testnet":\#(testnet),"pending":{"id":"5fb7-A","x":1.50},"#
      + #""context":{"nonce":"\#(nonce)"}}"#
    return try Record(parsing: Array(line.utf8)[...], chains: testChains)
  }

  private func approved(
    _ record: Record, url: String = "https://a/x/5fb7-A", status: Int = 200, age: Int64 = 0,
    at: String? = nil, signed: [String] = []
  ) throws -> Record {
    var record = record
    record["approval"] = try Approval(
      of: record, url: url, method: "POST", status: status,
      at: at ?? Timestamp.text(unixTime: Self.now - age), signed: signed, key: approveKey()
    ).json
    return record
  }

  /// A compact JWS as any JOSE library makes it.
  private func jws(
    _ place: Int, _ record: Record, header: String = #"{"alg":"EdDSA"}"#, claims: [String: String?] = [:]
  ) -> String {
    var all: [(String, String)] = [
      ("digest", "\"\(Hex.encode(Approval.digest(of: record)))\""), ("approved", "true"),
      ("iat", "\(Self.now - 5)"), ("exp", "\(Self.now + 60)"),
    ]
    for (name, value) in claims {
      all.removeAll { $0.0 == name }
      if let value { all.append((name, value)) }
    }
    let payload = "{" + all.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    let text =
      Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
    return text + "." + Base64URL.encode(approvers[place].sign(Array(text.utf8)))
  }

  private func code(_ record: Record, _ demands: ApprovalDemands = ApprovalDemands()) -> ErrorCode? {
    guard let key = try? approveKey() else {
      Issue.record("no key")
      return nil
    }
    do throws(RecordError) {
      try demands.check(record, key: key, now: Self.now)
      return nil
    } catch {
      #expect(error.outcome == .denied && error.stage == .sign)
      return error.code
    }
  }

  /// Whatever else is a record after one byte was changed is not what was approved.
  @Test func coversEveryByteOfWhatWasApproved() throws {
    let text =
      #"{"v":1,"id":"5fb7-A","chain":"ETH","testnet":false,"pending":{"id":"5fb7-A","a":[1.50,"x\u0041",null],"#
      + #""b":{"c":true,"d":-1e2}},"context":{"nonce":"7","gas":"21000"}}"#
    let record = try approved(try Record(parsing: Array(text.utf8)[...], chains: testChains))
    var line: [UInt8] = []
    record.write(to: &line)
    line.removeLast()
    let end = text.utf8.count - 1  // then comes the approval
    var changed = 0
    for place in 0..<end {
      for byte in UInt8(0x20)...0x7E where byte != line[place] {
        var other = line
        other[place] = byte
        guard let record = try? Record(parsing: other[...], chains: testChains) else { continue }
        changed += 1
        #expect(code(record) == .approvalInvalid, "\(place): \(String(decoding: other, as: UTF8.self))")
      }
    }
    #expect(changed > 1000)
  }

  @Test func takesARecentYesToThisID() throws {
    #expect(code(try approved(try record())) == nil)
    #expect(code(try record()) == .approvalMissing)
    #expect(code(try record(testnet: true)) == nil)
  }

  @Test func refusesOldOnesAndThoseFromTheFuture() throws {
    #expect(code(try approved(try record(), age: 600)) == nil)
    #expect(code(try approved(try record(), age: 601)) == .approvalExpired)
    #expect(code(try approved(try record(), age: -60)) == nil)
    #expect(code(try approved(try record(), age: -61)) == .approvalInvalid)
    #expect(code(try approved(try record(testnet: true), age: 601)) == .approvalExpired)
    for at in [
      "never", "", "2027-02-30T00:00:00Z", "2027-01-15T08:00:00", "2027-01-15 08:00:00Z",
      "2027-01-15T08:00:00.Z",
      "2027-01-15t08:00:00z", "2027-01-15T08:00:00+00:00",
    ] {
      #expect(code(try approved(try record(), at: at)) == .approvalInvalid, "\(at)")
    }
    #expect(code(try approved(try record(), at: "2027-01-15T08:00:00.123Z")) == nil)
  }

  @Test func refusesWhatWasNoYes() throws {
    for status in [0, 100, 199, 300, 302, 404, 500] {
      #expect(code(try approved(try record(), status: status)) == .approvalInvalid, "\(status)")
    }
    #expect(code(try approved(try record(), status: 299)) == nil)
  }

  @Test func refusesTheAnswerToAnotherID() throws {
    for url in [
      "https://a/x/5fb7-a", "https://a/x/5fb7-A/", "https://a/x/5fb7-A?y", "https://a/x5fb7-A", "",
      "https://a/x/other", "https://a/x/5fb7-A#", "https://a/x/5fb7-A;v=1", "https://a/x/5fb7-A%00",
      "https://a/x/5fb7%2DA", "https://a/x/5FB7-A", "https://a/x/5fb7-A.", "https://a/x/ 5fb7-A", "5fb7-A",
      "https://a/x\\5fb7-A", "https://a/x/5fb7\u{2010}A", "https://a/5fb7-A/x", "https://a/x/5fb7-A\n",
    ] {
      #expect(code(try approved(try record(), url: url)) == .approvalInvalid, "\(url)")
    }
  }

  @Test func demandsTheApproversSignature() throws {
    let demands = ApprovalDemands(approvers: [try key(0)], required: 1)
    let record = try record()
    #expect(code(try approved(record), demands) == .approvalMissing)
    #expect(code(try approved(record, signed: [jws(0, record)]), demands) == nil)
    #expect(code(try approved(record, signed: [jws(1, record)]), demands) == .approvalInvalid)
    let other = jws(0, try self.record(nonce: "8"))
    #expect(code(try approved(record, signed: [other]), demands) == .approvalInvalid)
    let forTestnet = jws(0, try self.record(testnet: true))
    #expect(code(try approved(record, signed: [forTestnet]), demands) == .approvalInvalid)
    // One that is right is enough, wherever it stands.
    #expect(code(try approved(record, signed: [jws(1, record), jws(0, record)]), demands) == nil)
  }

  @Test func demandsItOnTestnetsWhenToldTo() throws {
    var demands = ApprovalDemands(approvers: [try key(0)], required: 1)
    let record = try record(testnet: true)
    #expect(code(record, demands) == nil)
    demands.includesTestnets = true
    #expect(code(record, demands) == .approvalMissing)
    #expect(code(try approved(record, signed: [jws(0, record)]), demands) == nil)
  }

  @Test func countsEachKeyOnce() throws {
    let demands = ApprovalDemands(approvers: try (0..<3).map(key), required: 2)
    let record = try record()
    let first = jws(0, record)
    let again = jws(0, record, claims: ["iat": "\(Self.now - 6)"])
    #expect(code(try approved(record, signed: [first, again]), demands) == .approvalMissing)
    #expect(code(try approved(record, signed: [first, jws(2, record)]), demands) == nil)
  }

  @Test func refusesANoAndWhatHasRunOut() throws {
    let demands = ApprovalDemands(approvers: [try key(0)], required: 1)
    let record = try record()
    func code(_ claims: [String: String?]) throws -> ErrorCode? {
      self.code(try approved(record, signed: [jws(0, record, claims: claims)]), demands)
    }
    #expect(try code(["approved": "false"]) == .denied)
    #expect(try code(["exp": "\(Self.now)"]) == .approvalExpired)
    #expect(try code(["exp": "\(Self.now + 1)"]) == nil)
    #expect(try code(["iat": "\(Self.now - 601)"]) == .approvalExpired)
    #expect(try code(["iat": "\(Self.now + 61)"]) == .approvalInvalid)
    for limit in [Int64.min, .min + 1, 0, .max - 1, .max] {
      #expect(try code(["iat": "\(limit)"]) == (limit > 0 ? .approvalInvalid : .approvalExpired))
      #expect(try code(["exp": "\(limit)"]) == (limit > 0 ? nil : .approvalExpired))
    }
    #expect(try code(["nbf": "\(Self.now + 10)"]) == .approvalInvalid)
    for (name, value) in [
      ("approved", "1"), ("approved", "\"true\""), ("approved", nil), ("digest", "\"00\""), ("digest", nil),
      ("iat", "1.5"), ("iat", nil), ("exp", "\"9999999999\""), ("exp", nil), ("exp", "1e400"),
    ] as [(String, String?)] {
      #expect(try code([name: value]) == .approvalInvalid, "\(name) \(value ?? "-")")
    }
  }

  /// The header decides nothing: one algorithm, no key, no extension.
  @Test(arguments: [
    #"{"alg":"none"}"#, #"{"alg":"HS256"}"#, #"{"alg":"eddsa"}"#, #"{"alg":"Ed25519"}"#, "{}",
    #"{"typ":"JWT"}"#,
    #"{"alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}"#,
    #"{"alg":"EdDSA","crit":["b64"],"b64":false}"#, #"{"alg":"EdDSA","x5u":"https://a"}"#,
    #"{"alg":"EdDSA","jku":"https://a"}"#, #"{"alg":"EdDSA","alg":"EdDSA"}"#, #"["EdDSA"]"#,
    #"{"alg":"EdDSA","kid":7}"#, #"{"alg":"EdDS\u0041","x":1}"#,
  ]) func refusesOtherHeaders(header: String) throws {
    let demands = ApprovalDemands(approvers: [try key(0)], required: 1)
    let record = try record()
    #expect(
      code(try approved(record, signed: [jws(0, record, header: header)]), demands) == .approvalInvalid)
  }

  @Test func takesWhatLibrariesAdd() throws {
    let demands = ApprovalDemands(approvers: [try key(0)], required: 1)
    let record = try record()
    let text = jws(
      0, record, header: #"{"typ":"JWT","alg":"EdDSA","kid":"ops-1"}"#, claims: ["iss": "\"approver\""])
    #expect(code(try approved(record, signed: [text]), demands) == nil)
  }

  /// Changing any character of a signed approval makes it another one or none.
  @Test func refusesEveryChangedCharacter() throws {
    let demands = ApprovalDemands(approvers: [try key(0)], required: 1)
    let record = try record()
    let good = Array(jws(0, record).utf8)
    for place in good.indices {
      var text = good
      text[place] = text[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      let changed = String(decoding: text, as: UTF8.self)
      #expect(code(try approved(record, signed: [changed]), demands) == .approvalInvalid, "\(place)")
    }
    for text in ["", ".", "..", "a.b.c", String(decoding: good, as: UTF8.self) + "=", "x"] {
      #expect(code(try approved(record, signed: [text]), demands) == .approvalInvalid, "\(text.prefix(9))")
    }
  }

  @Test func readsKeysInTheFormsThatToolsPrint() throws {
    // RFC 8037 appendix A.2, and the same key as RFC 8410 wraps it.
    let hex = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    let pem = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    for text in [
      hex, hex.uppercased(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", pem,
      "-----BEGIN PUBLIC KEY-----\n\(pem)\n-----END PUBLIC KEY-----\n",
    ] {
      #expect(ApproverKey(text)?.text == hex, "\(text)")
    }
    for text in [
      "", "00", hex + "0", String(hex.dropLast()), String(repeating: "0", count: 64),
      "0100000000000000000000000000000000000000000000000000000000000000",
      "MCowBQYDK2VuAyEA" + pem.dropFirst(16),
      "-----BEGIN PRIVATE KEY-----\n\(pem)\n-----END PRIVATE KEY-----\n",
    ] {
      #expect(ApproverKey(text) == nil, "\(text)")
    }
  }

  /// RFC 8037 appendix A.4: a JWS of another payload reads as no approval, but its signature is what the RFC says.
  @Test func verifiesASignatureOfTheRFC() throws {
    let text =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
      + ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    let parts = text.split(separator: ".")
    let publicKey = try #require(Base64URL.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
    let signature = try #require(Base64URL.decode(parts[2]))
    #expect(Ed25519.verify(signature, Array("\(parts[0]).\(parts[1])".utf8), publicKey: publicKey))
    #expect(throws: SignedApproval.Problem.self) { try SignedApproval(text) }
  }
}
