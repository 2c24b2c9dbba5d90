internal import KMSPrimitives

/// Keccak-256 with the padding of the original submission (byte 0x01), as the EVM has it.
///
/// The Keccak reference, version 3.0, section 1, with r = 1088 and c = 512. OpenSSL offers it from version 3.2 only, and
/// its SHA3-256 has another padding.
enum Keccak256 {
  /// The rate: bytes taken in per permutation.
  private static let rate = 136

  static func hash(_ message: Span<UInt8>) -> [UInt8] {
    // At one place on the stack, to be wiped there: the message may be a secret.
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 25) { buffer in
      unsafe buffer.initialize(repeating: 0)
      var lanes = unsafe buffer.mutableSpan
      defer { lanes.wipe() }
      var offset = 0
      while message.count - offset >= rate {
        absorb(rate / 8, message, from: offset, &lanes)
        permute(&lanes)
        offset += rate
      }
      // The tail, 0x01 after it, and 0x80 at the end of the block. Lanes are little-endian words.
      let rest = message.count - offset
      absorb(rest / 8, message, from: offset, &lanes)
      for i in rest / 8 * 8..<rest { absorb(message[offset + i], at: i, &lanes) }
      absorb(0x01, at: rest, &lanes)
      absorb(0x80, at: rate - 1, &lanes)
      permute(&lanes)
      var digest: [UInt8] = []
      digest.reserveCapacity(32)
      for i in 0..<4 { digest.append(littleEndian: lanes[i]) }
      return digest
    }
  }

  /// Takes in whole words, from a place on.
  @inline(__always)
  private static func absorb(
    _ words: Int, _ message: Span<UInt8>, from place: Int, _ lanes: inout MutableSpan<UInt64>
  ) {
    for lane in 0..<words {
      // The load is checked against the end, and all bits are an integer.
      let word = unsafe message.bytes.unsafeLoadUnaligned(fromByteOffset: place + lane * 8, as: UInt64.self)
      lanes[lane] ^= UInt64(littleEndian: word)
    }
  }

  @inline(__always)
  private static func absorb(_ byte: UInt8, at index: Int, _ lanes: inout MutableSpan<UInt64>) {
    lanes[index / 8] ^= UInt64(byte) << UInt64(index % 8 * 8)
  }

  @inline(__always)
  private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    word &<< count | word &>> (64 &- count)
  }

  /// The permutation Keccak-f[1600]: 24 rounds on 25 lanes.
  ///
  /// Written out, as the state then lives in registers; as loops over an array it takes several times as long.
  private static func permute(_ s: inout MutableSpan<UInt64>) {
    precondition(s.count == 25)  // once, instead of at each lane
    var a00 = s[0], a01 = s[1], a02 = s[2], a03 = s[3], a04 = s[4]
    var a05 = s[5], a06 = s[6], a07 = s[7], a08 = s[8], a09 = s[9]
    var a10 = s[10], a11 = s[11], a12 = s[12], a13 = s[13], a14 = s[14]
    var a15 = s[15], a16 = s[16], a17 = s[17], a18 = s[18], a19 = s[19]
    var a20 = s[20], a21 = s[21], a22 = s[22], a23 = s[23], a24 = s[24]
    for round in 0..<24 {
      let constant = roundConstants[round]
      // theta
      let c0 = a00 ^ a05 ^ a10 ^ a15 ^ a20
      let c1 = a01 ^ a06 ^ a11 ^ a16 ^ a21
      let c2 = a02 ^ a07 ^ a12 ^ a17 ^ a22
      let c3 = a03 ^ a08 ^ a13 ^ a18 ^ a23
      let c4 = a04 ^ a09 ^ a14 ^ a19 ^ a24
      let d0 = c4 ^ rotate(c1, 1)
      let d1 = c0 ^ rotate(c2, 1)
      let d2 = c1 ^ rotate(c3, 1)
      let d3 = c2 ^ rotate(c4, 1)
      let d4 = c3 ^ rotate(c0, 1)
      // rho and pi: lane (x, y) turns by a fixed count and moves to (y, 2x + 3y)
      let b00 = a00 ^ d0
      let b10 = rotate(a01 ^ d1, 1)
      let b20 = rotate(a02 ^ d2, 62)
      let b05 = rotate(a03 ^ d3, 28)
      let b15 = rotate(a04 ^ d4, 27)
      let b16 = rotate(a05 ^ d0, 36)
      let b01 = rotate(a06 ^ d1, 44)
      let b11 = rotate(a07 ^ d2, 6)
      let b21 = rotate(a08 ^ d3, 55)
      let b06 = rotate(a09 ^ d4, 20)
      let b07 = rotate(a10 ^ d0, 3)
      let b17 = rotate(a11 ^ d1, 10)
      let b02 = rotate(a12 ^ d2, 43)
      let b12 = rotate(a13 ^ d3, 25)
      let b22 = rotate(a14 ^ d4, 39)
      let b23 = rotate(a15 ^ d0, 41)
      let b08 = rotate(a16 ^ d1, 45)
      let b18 = rotate(a17 ^ d2, 15)
      let b03 = rotate(a18 ^ d3, 21)
      let b13 = rotate(a19 ^ d4, 8)
      let b14 = rotate(a20 ^ d0, 18)
      let b24 = rotate(a21 ^ d1, 2)
      let b09 = rotate(a22 ^ d2, 61)
      let b19 = rotate(a23 ^ d3, 56)
      let b04 = rotate(a24 ^ d4, 14)
      // chi, and iota on the first lane
      a00 = b00 ^ (~b01 & b02) ^ constant
      a01 = b01 ^ (~b02 & b03)
      a02 = b02 ^ (~b03 & b04)
      a03 = b03 ^ (~b04 & b00)
      a04 = b04 ^ (~b00 & b01)
      a05 = b05 ^ (~b06 & b07)
      a06 = b06 ^ (~b07 & b08)
      a07 = b07 ^ (~b08 & b09)
      a08 = b08 ^ (~b09 & b05)
      a09 = b09 ^ (~b05 & b06)
      a10 = b10 ^ (~b11 & b12)
      a11 = b11 ^ (~b12 & b13)
      a12 = b12 ^ (~b13 & b14)
      a13 = b13 ^ (~b14 & b10)
      a14 = b14 ^ (~b10 & b11)
      a15 = b15 ^ (~b16 & b17)
      a16 = b16 ^ (~b17 & b18)
      a17 = b17 ^ (~b18 & b19)
      a18 = b18 ^ (~b19 & b15)
      a19 = b19 ^ (~b15 & b16)
      a20 = b20 ^ (~b21 & b22)
      a21 = b21 ^ (~b22 & b23)
      a22 = b22 ^ (~b23 & b24)
      a23 = b23 ^ (~b24 & b20)
      a24 = b24 ^ (~b20 & b21)
    }
    s[0] = a00
    s[1] = a01
    s[2] = a02
    s[3] = a03
    s[4] = a04
    s[5] = a05
    s[6] = a06
    s[7] = a07
    s[8] = a08
    s[9] = a09
    s[10] = a10
    s[11] = a11
    s[12] = a12
    s[13] = a13
    s[14] = a14
    s[15] = a15
    s[16] = a16
    s[17] = a17
    s[18] = a18
    s[19] = a19
    s[20] = a20
    s[21] = a21
    s[22] = a22
    s[23] = a23
    s[24] = a24
  }

  /// The constants of iota (reference, section 1.2).
  private static let roundConstants: InlineArray<24, UInt64> = [
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
  ]
}
