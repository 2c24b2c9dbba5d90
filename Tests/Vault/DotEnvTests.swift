import Testing

@testable import KMSVault

/// Settings files, against what dotenv 16.4.7 made of each text.
@Suite struct DotEnvTests {
  /// Texts and what `require("dotenv").parse` of that release returns for them.
  private static let cases: [(text: String, settings: [String: String])] = [
    ("A=abc#def", ["A": "abc"]),
    ("A=abc #def", ["A": "abc"]),
    ("A='abc#def'", ["A": "abc#def"]),
    ("A=\"abc#def\"", ["A": "abc#def"]),
    ("A=`abc#def`", ["A": "abc#def"]),
    ("\u{FEFF}A=1", ["A": "1"]),
    ("A=1\nA=2", ["A": "2"]),
    ("A: 1", ["A": "1"]),
    ("A:1", [:]),
    ("A : 1", [:]),
    ("A:\nB=1", ["A": "B=1"]),
    ("A=`it's \"x\"`", ["A": "it's \"x\""]),
    ("A=\"a\\nb\"", ["A": "a\nb"]),
    ("A='a\\nb'", ["A": "a\\nb"]),
    ("A=\"a\\\"b\"", ["A": "a\\\"b"]),
    ("A=\"a\\\\nb\"", ["A": "a\\\nb"]),
    ("A=\"a\nb\"", ["A": "a\nb"]),
    ("A='a\nb'", ["A": "a\nb"]),
    ("A='a'b", ["A": "'a'b"]),
    ("A='it's'", ["A": "it's"]),
    ("A=\"x\" # c", ["A": "x"]),
    ("A=\"x\"#c", ["A": "x"]),
    ("A='x' y # c", ["A": "'x' y"]),
    ("export A=1", ["A": "1"]),
    ("export  A = 1 ", ["A": "1"]),
    ("export=1", ["export": "1"]),
    ("export = 1", ["export": "1"]),
    ("  A = b c  ", ["A": "b c"]),
    ("A=", ["A": ""]),
    ("A=\nB='x'", ["A": "", "B": "x"]),
    ("A=\n'x'", ["A": "x"]),
    ("A= # c", ["A": ""]),
    ("A=#c", ["A": ""]),
    ("#A=1\nB=2", ["B": "2"]),
    ("A", [:]),
    ("A B=1", [:]),
    ("a.b-c=1", ["a.b-c": "1"]),
    ("A=\"unclosed\nB=2", ["A": "\"unclosed", "B": "2"]),
    ("A='x\\'y'", ["A": "x\\'y"]),
    ("A='x\\'y", ["A": "'x\\'y"]),
    ("A=\"a\\rb\\tc\"", ["A": "a\rb\\tc"]),
    ("A=1\r\nB=2\r\n", ["A": "1", "B": "2"]),
    ("A=\u{A0}x\u{A0}", ["A": "x"]),
    ("A=a\\nb", ["A": "a\\nb"]),
    ("A=$B ${C}", ["A": "$B ${C}"]),
    ("A==b", ["A": "=b"]),
    ("A=\"\"", ["A": ""]),
    ("A=''x''", ["A": "'x'"]),
    ("A=\"a'b\"", ["A": "a'b"]),
    ("A='a' 'b'", ["A": "a' 'b"]),
    ("A=\"a\" b\"", ["A": "a\" b"]),
    ("\n\n A=1\n\n# x\n\n B=2\n", ["A": "1", "B": "2"]),
    ("A=1 B=2", ["A": "1 B=2"]),
    ("A=x\u{2028}B=2", ["A": "x\u{2028}B=2"]),
    ("-A=1", ["-A": "1"]),
    ("A=\"a\nB=2\nc\"\nD=4", ["A": "a\nB=2\nc", "D": "4"]),
    ("=x\nA=1", ["A": "1"]),
    ("A=\"\\\"\"", ["A": "\\\""]),
    ("A=\"x\\\"", ["A": "x\\"]),
    ("A='x'\nB=\"y\"\nC=`z`", ["A": "x", "B": "y", "C": "z"]),
    ("A:\u{A0}x", ["A": "x"]),
    ("A=\"a\" # it's \"b\"", ["A": "a"]),
    ("A=a'b'c", ["A": "a'b'c"]),
    ("A='a\n#b'c\nB=1", ["A": "'a", "B": "1"]),
    ("A=\"x\" y\nB=\"z\"", ["A": "\"x\" y", "B": "z"]),
  ]

  private func settings(_ text: String) -> [String: String] {
    let file = DotEnv(parsing: Array(text.utf8))
    return Dictionary(
      file.entries.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }, uniquingKeysWith: { $1 })
  }

  @Test func readsEveryLineAsTheOriginalDoes() {
    for (text, expected) in Self.cases {
      #expect(settings(text) == expected, "\(text.debugDescription)")
    }
  }

  @Test func ofANameThatStandsTwiceTheLastCounts() {
    let file = DotEnv(parsing: Array("A=1\nB=2\nA=3".utf8))
    #expect(file.entry("A")?.value == Array("3".utf8))
    #expect(file.entry("A")?.line == 3)
    #expect(file.entry("C") == nil)
  }

  @Test(
    arguments: [
      ("A=abc#def", "abc#def"), ("A=abc #def ", "abc #def"), ("A= a # b # c\r\nB=1", "a # b # c"),
      ("A=abc", nil),
      ("A='abc#def'", nil), ("A=\"abc\" # x", nil), ("A=#x", nil), ("A= # x", nil), ("#A=1", nil),
    ] as [(String, String?)])
  func knowsWhatEarlierReleasesTookALineFor(text: String, earlier: String?) {
    let file = DotEnv(parsing: Array(text.utf8))
    #expect(file.entry("A")?.earlierReading.map { String(decoding: $0, as: UTF8.self) } == earlier)
  }

  @Test func takesAnyBytes() {
    var state: UInt64 = 9
    let letters = Array("AB=:'\"`#\\\n\r \t\u{feff}\u{a0}\u{2028}x".utf8) + [0, 0xC2, 0xE2, 0x80, 0xEF, 0xFF]
    for _ in 0..<20_000 {
      let bytes = (0..<24).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return letters[Int(state >> 33) % letters.count]
      }
      for entry in DotEnv(parsing: bytes).entries { #expect(!entry.name.isEmpty) }
    }
  }
}
