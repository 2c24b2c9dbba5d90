import KMSRecords
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "0", "-0", "1e400", "123456789012345678901234567890", "0.1000000000000000055511151231257827", "1E+2",
    "-1.5e-7",
  ])
  func keepsEveryDigitOfNumbers(digits: String) throws {
    let value = try JSONValue(parsing: #"{"n":\#(digits)}"#)
    #expect(value.text == #"{"n":\#(digits)}"#)
  }

  @Test(arguments: [
    "", " ", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "01", "+1", ".5", "1.", "1e", "- 1", "NaN",
    "Infinity",
    "tru", "nulll", "\"\u{1}\"", "\"abc", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
    "\"\\udc00\"",
    "[1 2]", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "1 2", "[] x", "\u{feff}{}", "/*c*/1", "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
  ])
  func refuses(text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
  }

  @Test(
    arguments: [
      [0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22],
      [0x22, 0xe2, 0x82, 0x22], [0x22, 0x5c, 0x6e, 0x80, 0x22],
    ] as [[UInt8]])
  func refusesInvalidUTF8(bytes: [UInt8]) {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
  }

  @Test func readsEscapesAndWritesWhatIsNeeded() throws {
    let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\u0000""#)
    #expect(value.string == "\"\\/\u{8}\u{c}\n\r\tAé😀\u{0}")
    #expect(value.text == #""\"\\/\b\f\n\r\tAé😀\u0000""#)
  }

  @Test func acceptsTheDeepestNestingAndRefusesOneMore() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(try JSONValue(parsing: nested(64)).array?.count == 1)
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(65)) }
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(1_000_000)) }
    let objects = String(repeating: #"{"a":"#, count: 100_000)
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: objects) }
  }

  @Test func refusesARepeatedNameAmongManyMembers() throws {
    let members = (0..<5_000).map { #""m\#($0)":\#($0)"# }
    let object = try JSONValue(parsing: "{\(members.joined(separator: ","))}")
    #expect(object.object?.members.count == 5_000)
    #expect(throws: JSONSyntaxError.self) {
      try JSONValue(parsing: "{\(members.joined(separator: ",")),\"m4711\":0}")
    }
  }

  @Test func printsAsJavaScriptDoes() throws {
    let value = try JSONValue(parsing: #"{"a":[],"b":{},"c":[1,{"d":null}],"e":"x"}"#)
    #expect(
      value.prettyText == """
        {
          "a": [],
          "b": {},
          "c": [
            1,
            {
              "d": null
            }
          ],
          "e": "x"
        }
        """)
  }

  @Test(
    arguments: [
      ("5", 5), ("\"5\"", 5), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil),
      ("-1", nil),
      ("1.0", nil), ("1e3", nil), ("\"+5\"", nil), ("\"\"", nil), ("\" 5\"", nil), ("\"0x5\"", nil),
      ("true", nil),
    ] as [(String, UInt64?)])
  func readsUnsignedIntegers(text: String, expected: UInt64?) throws {
    #expect(try JSONValue(parsing: text).uint64 == expected)
  }

  @Test func namesWhereTheTextGoesWrong() {
    #expect {
      try JSONValue(parsing: #"{"a":tru}"#)
    } throws: { error in
      (error as? JSONSyntaxError)?.description == "a value was expected at byte 9"
    }
  }
}
