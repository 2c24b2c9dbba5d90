import Foundation
import KMSCrypto
import KMSPrimitives
import KMSRecords
import Testing

/// The sandbox's own decoders of SOL, ALGO and EGLD, judged by published transactions and by these with one bit flipped.
@Suite struct Ed25519ChainSandboxTests {
  /// Sends a transaction to SOL's node.
  private func send(_ sandbox: SandboxProcess, _ txData: String) throws -> JSONValue {
    try sandbox.post(
      "/v3/blockchain/node/solana-devnet",
      [
        "jsonrpc": "2.0", "id": 1, "method": "sendTransaction",
        "params": [.string(txData), ["encoding": "base64"]],
      ]
    ).json
  }

  @Test func readsPublishedTransactionsOfSOL() throws {
    let sandbox = try SandboxProcess()
    var read = 0
    for vector in try SourceTree.transactionVectors("SOL") {
      let label = Comment(rawValue: vector["name"]?.string ?? "")
      let txData = try #require(vector["expected"]?["txData"]?.string)
      let raw = try #require(Base64.decode(txData))
      // The blockhash of a vector is nobody's; everything before that check is passed.
      let answer = try send(sandbox, txData)
      #expect(answer["error"]?["message"]?.string?.hasSuffix("Blockhash not found") == true, label)
      for i in stride(from: read % 11, to: raw.count, by: 11) {
        var flipped = raw
        flipped[i] ^= 1 << (i % 8)
        let text = try send(sandbox, Base64.encode(flipped))["error"]?["message"]?.string ?? ""
        #expect(!text.isEmpty && !text.hasSuffix("Blockhash not found"), "\(label), byte \(i): \(text)")
      }
      read += 1
    }
    #expect(read == 43)
  }

  @Test func acceptsPublishedTransactionsOfALGO() throws {
    var accepted = 0
    for isTestnet in [false, true] {
      let sandbox = try SandboxProcess(state: ["testnet": .bool(isTestnet)])
      let hash: JSONValue =
        isTestnet
        ? "SGO1GKSzyE7IEPItTxCByw9x8FmnrCDexi9/cOUJOiI=" : "wGHE2Pwdvd7S12BL5FaOP20EGYesN73ktiC1qzkkit8="
      for vector in try SourceTree.transactionVectors("ALGO") where vector["unsigned"]?["gh"] == hash {
        let label = Comment(rawValue: vector["name"]?.string ?? "")
        let txData = try #require(vector["expected"]?["txData"]?.string)
        let raw = try #require(Hex.decode(txData))
        let sender = try #require(vector["unsigned"]?["snd"]?.string)
        try sandbox.control("reset")
        try sandbox.control("state", ["testnet": .bool(isTestnet)])
        if let signer = vector["expected"]?["txData"]?.string, signer.hasPrefix("83") {
          let key = try #require(Hex.decode(String(signer.dropFirst(16).prefix(64))))
          let address = Base32.encode(key + Hash.sha512_256(key).suffix(4))
          try sandbox.control("state", ["chains": ["ALGO": ["authorized": [sender: .string(address)]]]])
        }
        if let pending = vector["pending"] { try sandbox.control("pending", pending) }
        for i in raw.indices {
          var flipped = raw
          flipped[i] ^= 1 << (i % 8)
          #expect(try sandbox.broadcast("algorand", Hex.encode(flipped)).status == 403, "\(label), byte \(i)")
        }
        let answer = try sandbox.broadcast("algorand", txData, signatureID: vector["pending"]?["id"]?.string)
        if vector["unsigned"]?["lv"]?.uint64 == 323576 {
          #expect(answer.text.contains("window size"), label)
          continue
        }
        #expect(answer.json == ["txId": vector["expected"]?["txId"] ?? .null], "\(label): \(answer.text)")
        let seen = try sandbox.look("broadcasts").array?.last
        #expect(seen?["senders"] == [.string(sender)], label)
        // The original multiplied the fee; decision 6.
        let mismatches: JSONValue = vector["flag"]?.string == "kmsFeeQuirk" ? ["fee"] : []
        if vector["pending"] != nil { #expect(seen?["mismatches"] == mismatches, label) }
        let again = try sandbox.broadcast("algorand", txData)
        #expect(again.status == 403 && again.text.contains("already in ledger"), label)
        accepted += 1
      }
    }
    #expect(accepted == 25)
  }

  @Test func acceptsPublishedTransactionsOfEGLD() throws {
    var accepted = 0
    for isTestnet in [false, true] {
      let sandbox = try SandboxProcess(state: ["testnet": .bool(isTestnet)])
      for vector in try SourceTree.transactionVectors("EGLD")
      where vector["unsigned"]?["chainID"] == (isTestnet ? "T" : "1") {
        let label = Comment(rawValue: vector["name"]?.string ?? "")
        let txData = try #require(vector["expected"]?["txData"]?.string)
        // Signed with the key of somebody else: for the encoding only.
        let isForeign = vector["flag"]?.string == "senderIsNotTheKey"
        try sandbox.control("reset")
        try sandbox.control("state", ["testnet": .bool(isTestnet)])
        if let pending = vector["pending"] { try sandbox.control("pending", pending) }
        var bytes = Array(txData.utf8)
        for i in bytes.indices {
          let old = bytes[i]
          bytes[i] ^= 1
          defer { bytes[i] = old }
          guard let text = String(validating: bytes, as: UTF8.self) else { continue }
          #expect(try sandbox.broadcast("egld", text).status == 403, "\(label), byte \(i)")
        }
        let answer = try sandbox.broadcast("egld", txData, signatureID: vector["pending"]?["id"]?.string)
        if isForeign {
          #expect(answer.status == 403 && answer.text.contains("invalid signature"), label)
          continue
        }
        #expect(answer.json == ["txId": vector["expected"]?["txId"] ?? .null], "\(label): \(answer.text)")
        let seen = try sandbox.look("broadcasts").array?.last
        #expect(seen?["senders"] == [vector["unsigned"]?["sender"] ?? .null], label)
        #expect(seen?["mismatches"] == [], label)
        accepted += 1
      }
    }
    #expect(accepted == 13)
  }

  /// Every type of transaction with random members, signed by another implementation.
  @Test func findsNothingDroppedInTransactionsOfEveryTypeOfALGO() throws {
    let file = SourceTree.root.appendingPathComponent("Tests/Chains/Vectors/generated/algo.json")
    let vectors = try #require(try JSONValue(parsing: Data(contentsOf: file))["vectors"]?.array)
    let sandbox = try SandboxProcess()
    var types: Set<String> = []
    for (i, vector) in vectors.enumerated() where vector["testnet"] == true {
      let text = try #require(vector["serializedTransaction"]?.string)
      let json = try #require(try JSONValue(parsing: text).object)
      let id = "61dc" + String(repeating: "0", count: 17) + String(100 + i)
      func add(_ text: String) throws {
        try sandbox.control(
          "pending",
          ["id": .string(id), "chain": "ALGO", "hashes": [], "serializedTransaction": .string(text)])
      }
      let txData = try #require(vector["expected"]?["txData"]?.string)
      let label = Comment(rawValue: text)
      try sandbox.control("reset")
      try add(text)
      let answer = try sandbox.broadcast("algorand", txData, signatureID: id)
      if json["group"] != nil || json["fee"]?.uint64 ?? 0 < 1000 {
        #expect(answer.status == 403, label)
        continue
      }
      #expect(answer.json == ["txId": vector["expected"]?["txId"] ?? .null], "\(label): \(answer.text)")
      #expect(try sandbox.look("broadcasts").array?.last?["mismatches"] == [], label)
      types.insert(json["type"]?.string ?? "")
      // The same transaction as an answer to a request with one member less.
      for member in json.members where !["name", "tag", "flatFee"].contains(member.name) {
        let isEmpty = ["0", "{}", "[]", "false", "null"].contains(member.value.text)
        if isEmpty { continue }
        var other = json
        other[member.name] = nil
        try sandbox.control("reset")
        try add(JSONValue.object(other).text)
        _ = try sandbox.broadcast("algorand", txData, signatureID: id)
        let seen = try sandbox.look("broadcasts").array?.last?["mismatches"]?.array
        #expect(seen?.isEmpty == false, "\(member.name): \(label)")
      }
    }
    #expect(types == ["pay", "axfer", "acfg", "afrz", "keyreg", "appl"])
  }
}
