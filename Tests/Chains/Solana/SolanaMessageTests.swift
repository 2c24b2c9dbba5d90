internal import KMSCrypto
internal import KMSPrimitives
internal import KMSRecords
internal import SigningDoor
internal import Testing

@testable internal import KMSChains
@testable internal import KMSSigning

@Suite struct SolanaMessageTests {
  private static let payer = "FykfMwA9WNShzPJbbb9DNXsfgDgS3XZzWiFgrVXfWoPJ"

  static func vectorMessages() throws -> [[UInt8]] {
    try EVMVectors.vectors("transactions/sol").map {
      try #require(Hex.decode(try EVMVectors.value($0["unsigned"]?["message"]?.string)))
    }
  }

  @Test func addressesOfProgramsAreAddresses() {
    for program in SolanaProgram.allCases {
      let address = SolanaAddress(program.rawValue)
      #expect(address?.text == program.rawValue)
      #expect(address.flatMap { SolanaProgram(at: $0) } == program)
    }
    #expect(SolanaAddress("1111111111111111111111111111111") == nil)
    #expect(SolanaAddress("111111111111111111111111111111111") == nil)
    #expect(SolanaAddress(bytes: [UInt8](repeating: 1, count: 31)) == nil)
  }

  @Test func everyTruncationAndEveryExtensionIsRefused() throws {
    for message in try Self.vectorMessages() + [SolanaMessages.versionedTransfer(from: Self.payer)] {
      _ = try SolanaMessage(message)
      for length in 0..<message.count {
        #expect(throws: ChainError.self) { try SolanaMessage(Array(message.prefix(length))) }
      }
      for byte: UInt8 in [0, 1, 255] {
        #expect(throws: ChainError.self) { try SolanaMessage(message + [byte]) }
      }
    }
  }

  @Test func everyFlippedBitIsReadOrRefusedAndChangesWhatIsSigned() throws {
    let blockhash = try #require(SolanaAddress(Self.payer))
    var read = 0
    for message in try Self.vectorMessages().prefix(12) + [SolanaMessages.versionedTransfer(from: Self.payer)]
    {
      let original = try SolanaMessage(message)
      for bit in 0..<message.count * 8 {
        var changed = message
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let other = try? SolanaMessage(changed) else { continue }
        _ = other.summary
        _ = other.accountControl
        _ = try? SolanaFee(other).lamports
        #expect(other != original)
        let bytes = other.bytes(blockhash: blockhash)
        #expect(bytes.count == message.count)
        #expect(zip(bytes, changed).filter { $0 != $1 }.count <= 32)
        read += 1
      }
    }
    #expect(read > 10_000)
  }

  @Test func randomBytesNeverTrap() throws {
    var generator = SeededGenerator(state: 3)
    let base = try Self.vectorMessages()
    for round in 0..<20_000 {
      var bytes =
        round % 2 == 0
        ? generator.bytes(Int.random(in: 0...200, using: &generator))
        : base.randomElement(using: &generator) ?? []
      for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      guard let message = try? SolanaMessage(bytes) else { continue }
      _ = message.summary
      _ = try? SolanaFee(message).lamports
    }
  }

  @Test func refusesWhatTheNetworkRefuses() throws {
    let good = try SolanaMessages.call(.memo, data: [1], payer: Self.payer)
    func refused(_ change: (inout [UInt8]) -> Void) -> Bool {
      var bytes = good
      change(&bytes)
      return (try? SolanaMessage(bytes)) == nil
    }
    #expect(!refused { _ in })
    #expect(refused { $0[0] = 0 })  // nobody signs
    #expect(refused { $0[0] = 3 })  // more signers than accounts
    #expect(refused { $0[1] = 1 })  // the payer is only read
    #expect(refused { $0[2] = 2 })  // more accounts that are only read than there are
    #expect(refused { $0.insert(0x81, at: 0) })  // version 1
    #expect(refused { $0.replaceSubrange(3...3, with: [0x82, 0]) })  // two bytes where one would do
    #expect(refused { $0.replaceSubrange(3...3, with: [0x82, 0x80, 0]) })
    #expect(refused { $0.replaceSubrange(3...3, with: [0x82, 0x80, 0x80, 0]) })
    #expect(refused { $0.replaceSubrange(36..<68, with: $0[4..<36]) })  // the same account twice
    #expect(refused { $0[101] = 0 })  // the payer as a program
    #expect(refused { $0[101] = 2 })  // a program that is not there
    #expect(refused { $0[103] = 2 })  // an account that is not there
    #expect((try? SolanaMessage(good + [UInt8](repeating: 0, count: 1232))) == nil)
    // A table from which nothing is taken, and accounts beyond 256.
    var versioned = try SolanaMessages.versionedTransfer(from: Self.payer)
    versioned.replaceSubrange(versioned.count - 4..<versioned.count, with: [0, 0])
    #expect((try? SolanaMessage(versioned)) == nil)
    versioned = try SolanaMessages.versionedTransfer(from: Self.payer)
    versioned.replaceSubrange(
      versioned.count - 4..<versioned.count, with: [0xFF, 1] + [UInt8](repeating: 1, count: 255) + [0])
    #expect((try? SolanaMessage(versioned)) == nil)
  }

  @Test func longestMessageFitsWithItsSignature() throws {
    // 1232 = 1 + 64 + message; the memo's length takes two bytes.
    let room = SolanaMessage.longestTransaction - 65
    var message = try SolanaMessages.call(.memo, data: [], payer: Self.payer)
    message.removeLast()
    let data = room - message.count - 2
    let longest =
      message + [UInt8(data & 0x7F) | 0x80, UInt8(data >> 7)] + [UInt8](repeating: 65, count: data)
    #expect(longest.count == room)
    _ = try SolanaMessage(longest)
    let longer =
      message + [UInt8((data + 1) & 0x7F) | 0x80, UInt8((data + 1) >> 7)]
      + [UInt8](repeating: 65, count: data + 1)
    #expect(throws: ChainError.self) { try SolanaMessage(longer) }
  }

  @Test func refusesStrangeFeeSettings() throws {
    func fee(_ calls: [[UInt8]]) throws -> UInt64? {
      var bytes: [UInt8] = [1, 0, 1, 2]
      bytes += try SolanaMessages.bytes(Self.payer)
      bytes += try SolanaMessages.bytes(SolanaProgram.computeBudget.rawValue)
      bytes += [UInt8](repeating: 7, count: 32)
      bytes.append(UInt8(calls.count))
      for call in calls { bytes += [1, 0, UInt8(call.count)] + call }
      return try SolanaFee(SolanaMessage(bytes)).lamports
    }
    let limit: [UInt8] = [2, 64, 66, 15, 0]  // 1,000,000
    let price: [UInt8] = [3, 1, 0, 0, 0, 0, 0, 0, 0]
    #expect(try fee([]) == 5000)
    #expect(try fee([limit, price]) == 5001)
    #expect(try fee([price]) == 5000)
    #expect(try fee([[1, 0, 0, 4, 0], [4, 0, 0, 4, 0]]) == 5000)
    for bad in [
      [limit, limit], [price, price], [[0, 0, 0, 0, 0]], [[2]], [[3, 1]], [[]], [[5, 0, 0, 0, 0]],
    ] {
      #expect(throws: ChainError.self) { try fee(bad) }
    }
  }

  /// Signatures that programs check cost as much as those of the transaction.
  @Test(arguments: [SolanaProgram.ed25519, .secp256k1, .secp256r1]) func countsTheSignaturesThatProgramsCheck(
    program: SolanaProgram
  ) throws {
    for (data, fee) in [([], 5000), ([0], 5000), ([1, 0, 9], 10_000), ([255], 1_280_000)]
      as [([UInt8], UInt64)]
    {
      let message = try SolanaMessages.call(program, data: data, payer: Self.payer)
      #expect(try SolanaFee(SolanaMessage(message)).lamports == fee)
    }
  }

  @Test func summariesTellWhatHappens() throws {
    let to = "2KW2XRd9kwqet15Aha2oK3tYvd3nWbTFH1MBiRAv1BE1"
    let transfer = try SolanaMessage(
      SolanaMessages.transfer(from: Self.payer, to: to, unitPrice: 7, unitLimit: 300))
    #expect(
      transfer.summary
        == "legacy message, fee paid by \(Self.payer); at most 300 compute units; 7 microlamports per compute unit; "
        + "5 lamports from \(Self.payer) to \(to)")
    let versioned = try SolanaMessage(SolanaMessages.versionedTransfer(from: Self.payer))
    #expect(
      versioned.summary
        == "version 0 message, fee paid by \(Self.payer); 1000000 lamports from \(Self.payer) to \(to)[9]")
    let memo = try SolanaMessage(SolanaMessages.call(.memo, data: Array("\u{1B}[2J".utf8), payer: Self.payer))
    #expect(memo.summary.hasSuffix("; memo of 4 bytes"))
    for message in try Self.vectorMessages() {
      let summary = try SolanaMessage(message).summary
      #expect(summary.utf8.allSatisfy { (32...126).contains($0) })
    }
  }
}
