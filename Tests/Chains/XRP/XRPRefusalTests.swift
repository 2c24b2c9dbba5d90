import KMSCrypto
import KMSPrimitives
import KMSRecords
import SigningDoor
import Testing

@testable import KMSChains
@testable import KMSSigning

/// What must end in a refusal, never in a signature.
@Suite struct XRPRefusalTests {
  private func code(_ changes: [(String, JSONValue?)], _ policy: SigningPolicy = SigningPolicy())
    -> ErrorCode?
  {
    refusal { try XRPSigning.sign(XRPSigning.changed(changes), policy: policy) }
  }

  @Test func signsTheBasePayment() throws {
    #expect(try XRPSigning.sign(XRPSigning.payment).lastValidHeight == 501)
    #expect(try XRPSigning.sign(XRPSigning.changed([("LastLedgerSequence", nil)])).lastValidHeight == nil)
  }

  @Test func refusesKeyOfAnotherSenderUnlessDelegated() throws {
    let changes: [(String, JSONValue?)] = [("Account", .string(XRPSigning.other))]
    #expect(code(changes) == .keyNotSender)
    var policy = SigningPolicy()
    policy.allowDelegatedKeys = true
    let signed = try XRPSigning.sign(XRPSigning.changed(changes), policy: policy)
    #expect(signed.from == .one(XRPSigning.other))
  }

  @Test func refusesToHandOverTheAccount() throws {
    let common: [(String, JSONValue?)] = [("Destination", nil), ("Amount", nil)]
    var allowing = SigningPolicy()
    allowing.allowAccountControl = true
    let control: [[(String, JSONValue?)]] = [
      [("TransactionType", "SetRegularKey"), ("RegularKey", .string(XRPSigning.other))],
      [("TransactionType", "SetRegularKey")],
      [("TransactionType", "SignerListSet"), ("SignerQuorum", 0)],
      [("TransactionType", "AccountDelete"), ("Destination", .string(XRPSigning.other))],
      [("TransactionType", "AccountSet"), ("SetFlag", 4)],
      [("TransactionType", "AccountSet"), ("ClearFlag", 4)],
    ]
    for changes in control {
      #expect(code(common + changes) == .accountControlRefused, "\(changes)")
      #expect(code(common + changes, allowing) == nil, "\(changes)")
    }
    #expect(code(common + [("TransactionType", "AccountSet"), ("SetFlag", 1), ("ClearFlag", 5)]) == nil)
  }

  @Test func limitsTheFee() {
    #expect(code([("Fee", "2000000")]) == nil)
    #expect(code([("Fee", "2000001")]) == .feeTooHigh)
    var policy = SigningPolicy()
    _ = policy.setMaximumFee("3000000", of: "XRP")
    #expect(code([("Fee", "2000001")], policy) == nil)
    #expect(code([("Fee", "3000001")], policy) == .feeTooHigh)
    _ = policy.setMaximumFee("11", of: "XRP")
    #expect(code([], policy) == .feeTooHigh)
    _ = policy.setMaximumFee("many", of: "XRP")
    #expect(code([], policy) == .feeTooHigh)
    _ = policy.setMaximumFee("99999999999999999999999", of: "XRP")
    #expect(code([("Fee", "100000000000000000")], policy) == nil)
  }

  @Test func refusesWhatIsSignedAlready() {
    #expect(code([("TxnSignature", "00")]) == .malformedTransaction)
    #expect(code([("TxnSignature", "")]) == .malformedTransaction)
    #expect(code([("Signers", [])]) == .malformedTransaction)
  }

  @Test func refusesAnotherSigningKey() throws {
    #expect(code([("SigningPubKey", "")]) == nil)
    #expect(
      code([("SigningPubKey", "02a6736884d857e721f19b91226fba68d638009fa44b14cd46c63cc30253c8715c")]) == nil)
    #expect(
      code([("SigningPubKey", "03a6736884d857e721f19b91226fba68d638009fa44b14cd46c63cc30253c8715c")])
        == .contentMismatch)
  }

  @Test func refusesAnotherNetworkID() {
    #expect(code([("NetworkID", 1)]) == nil)
    #expect(code([("NetworkID", 2)]) == nil)
    #expect(code([("NetworkID", 0)]) == .chainIDMismatch)
    #expect(code([("NetworkID", 21337)]) == .chainIDMismatch)
    let mainnet = XRPSigning.changed([("NetworkID", 1)])
    #expect(refusal { try XRPSigning.sign(mainnet, testnet: false) } == .chainIDMismatch)
  }

  @Test func refusesWhatItDoesNotKnow() {
    #expect(code([("TransactionType", "Batch")]) == .malformedTransaction)
    #expect(code([("TransactionType", "DelegateSet")]) == .malformedTransaction)
    #expect(code([("TransactionType", nil)]) == .malformedTransaction)
    for name in ["Unknown", "Delegate", "RegularKey", "SetFlag", "Memo", "hash", "amount", ""] {
      #expect(code([(name, .string(XRPSigning.other))]) == .malformedTransaction, "\(name)")
    }
  }

  @Test func dropsNullMembersOnly() throws {
    let signed = try XRPSigning.sign(XRPSigning.payment)
    #expect(try XRPSigning.sign(XRPSigning.changed([("Unknown", .null), ("SourceTag", .null)])) == signed)
    #expect(code([("Amount", .null)]) == .malformedTransaction)
    #expect(code([("Memos", [["Memo": ["MemoData": .null]]])]) == .malformedTransaction)
  }

  @Test func refusesTextThatIsNoObject() {
    for text in ["", "{", "[]", "null", "\"x\"", "{\"Fee\":\"1\",\"Fee\":\"2\"}"] {
      #expect(refusal { try XRPSigning.sign(text: text) } == .malformedTransaction)
    }
  }

  @Test func refusesToSignWithoutAKey() throws {
    let signing = try TestSigning("XRP")
    let pending = signing.pending(String(decoding: XRPSigning.payment.encoded(), as: UTF8.self))
    #expect(refusal { try signing.sign(pending, keys: []) } == .walletNotFound)
  }

  /// Every member of every vector, at every depth, taken away or made something else: signed with another result, or
  /// refused; never a trap, and never ignored.
  @Test func survivesEveryChangeOfEveryMember() throws {
    // An X-address of nobody's account, with tag 0.
    let extended = Base58Check.encode(
      [0x05, 0x44] + [UInt8](repeating: 7, count: 20) + [1] + [UInt8](repeating: 0, count: 8),
      alphabet: .ripple)
    let wrong: [JSONValue] = [
      true, -1, 256, 65536, 4_294_967_296, "", " ", "0", "-1", "1e400", "zz", "ff", [], [[]], [[], []],
      ["x": 1],
      [["Memo": []]], .string(String(repeating: "9", count: 300)),
      .string(String(repeating: "r", count: 2000)),
      .string(String(repeating: "00", count: 20_000)), .string(extended),
    ]
    var policy = SigningPolicy()
    policy.allowDelegatedKeys = true
    policy.allowAccountControl = true
    var refused = 0
    for vector in XRPVectorTests.vectors {
      let base = try #require(vector.json["unsigned"])
      let original = try? XRPSigning.sign(base, testnet: false, policy: policy).txData
      for changed in Self.changes(of: base, to: wrong) where changed != base {
        do {
          let signed = try XRPSigning.sign(changed, testnet: false, policy: policy)
          #expect(signed.txData != original, "\(changed)")
        } catch is ChainError { refused += 1 }
      }
    }
    #expect(refused > 5000)
  }

  private static func changes(of value: JSONValue, to wrong: [JSONValue]) -> [JSONValue] {
    var all = wrong
    if let object = value.object {
      for member in object.members {
        for changed in changes(of: member.value, to: wrong) {
          var copy = object
          copy[member.name] = changed
          all.append(.object(copy))
        }
        var copy = object
        copy[member.name] = nil
        all.append(.object(copy))
        copy["_" + member.name] = member.value
        all.append(.object(copy))
      }
    }
    if let items = value.array {
      for (i, item) in items.enumerated() {
        for changed in changes(of: item, to: wrong) {
          var copy = items
          copy[i] = changed
          all.append(.array(copy))
        }
        all.append(.array(items + [item]))
      }
    }
    return all
  }
}
