import KMSRecords
import Testing

/// Members that are looked into where they stand in the line, without building them.
@Suite struct RecordLookTests {
  private func record(pending: String, more: String = "") throws -> Record {
    let line = #"{"v":1,"id":"5f","chain":"ETH","testnet":true,"pending":\#(pending)\#(more)}"#
    return try Record(parsing: Array(line.utf8)[...], chains: testChains)
  }

  @Test func findsWhatBuildingFinds() throws {
    let pending = #"{ "a":1, "b" : "x\u0079\n", "list":[1,{"a":2}],"none":null,"\u0063":{"d":[]} , "é":true}"#
    let object = try #require(try record(pending: pending).object(.pending))
    #expect(object.json == (try JSONValue(parsing: pending)))
    #expect(object.members.map { object.name($0) } == ["a", "b", "list", "none", "c", "é"])
    for member in object.members {
      #expect(object.value(member.value) == object.json.object?[object.name(member)])
    }
    #expect(object["none"] == nil)
    #expect(object["lists"] == nil)
    #expect(object["c"].map(object.value) == ["d": []])
    #expect(object["b"].flatMap(object.string) == "xy\n")
    #expect(object["b"].map { object.says($0, "xy\n") } == true)
    #expect(object["b"].map { object.says($0, "xy") } == false)
  }

  @Test func tellsNamesApartThatBeginAlike() throws {
    // As long as the right one, and different from its eighth letter on.
    let other = #","approvaX":{"url":"wrong"}"#
    #expect(try record(pending: "{}", more: other).object(.approval) == nil)
    let both = try record(pending: "{}", more: other + #","approval":{"url":"right"}"#)
    #expect(both.object(.approval).flatMap { object in object["url"].flatMap(object.string) } == "right")
    let escaped = try record(pending: "{}", more: #","a\u0070proval":{"url":"right"}"# + other)
    #expect(escaped.object(.approval).flatMap { object in object["url"].flatMap(object.string) } == "right")
  }

  @Test func looksIntoObjectsOfAnySize() throws {
    for count in [0, 1, 12, 63, 64, 65, 66, 500] {
      let pending = "{" + (0..<count).map { #""name\#($0)":\#($0)"# }.joined(separator: ",") + "}"
      let record = try record(pending: pending, more: #","context":{"nonce":"7"}"#)
      let object = try #require(record.object(.pending))
      #expect(object.members.count == count)
      #expect(
        object[JSONName("name\(count - 1)")].map(object.value)?.uint64
          == (count > 0 ? UInt64(count - 1) : nil))
      let context = try #require(record.object(.context))
      #expect(context["nonce"].flatMap(context.string) == "7", "\(count)")
    }
  }

  @Test func followsWhatIsSet() throws {
    var record = try record(pending: #"{"a":1}"#)
    #expect(record.object(.context) == nil)
    record["context"] = ["nonce": "1"]
    let context = try #require(record.object(.context))
    #expect(context["nonce"].flatMap(context.string) == "1")
    let pending = try #require(record.object(.pending))
    #expect(pending["a"].map(pending.value)?.uint64 == 1)
    record["context"] = nil
    #expect(record.object(.context) == nil)
  }

  @Test func handsOnTheItemsOfAList() throws {
    let object = try #require(
      try record(pending: #"{"list":[ "a" ,2, [3],{"b":4} ],"no":{}}"#).object(.pending))
    var items: [JSONValue] = []
    let list = try #require(object["list"])
    object.eachItem(of: list) { items.append(object.value($0)) }
    #expect(items == ["a", 2, [3], ["b": 4]])
    let none = try #require(object["no"])
    object.eachItem(of: none) { items.append(object.value($0)) }
    #expect(items.count == 4)
  }
}
