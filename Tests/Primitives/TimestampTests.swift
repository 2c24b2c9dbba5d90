import KMSPrimitives
import Testing

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
      (951_782_400, "2000-02-29T00:00:00Z"),
      (1_709_164_800, "2024-02-29T00:00:00Z"), (1_800_000_000, "2027-01-15T08:00:00Z"),
      (4_107_542_400, "2100-03-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
      (-1, "1969-12-31T23:59:59Z"),
      (-62_167_219_200, "0000-01-01T00:00:00Z"),
    ] as [(Int64, String)]) func writesAndReadsTimes(time: Int64, text: String)
  {
    #expect(Timestamp.text(unixTime: time) == text)
    #expect(Timestamp.unixTime(of: text) == time)
    #expect(Timestamp.text(unixTime: time, milliseconds: 7) == text.dropLast() + ".007Z")
    #expect(Timestamp.unixTime(of: text.dropLast() + ".123456789Z") == time)
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    for day in stride(from: Int64(-146_097), through: 146_097, by: 1) {
      let time = day * 86_400 + 43_210
      #expect(Timestamp.unixTime(of: Timestamp.text(unixTime: time)) == time)
    }
  }

  @Test(arguments: [Int64.min, .max]) func clampsWhatHasNoFourDigitYear(time: Int64) {
    #expect(Timestamp.unixTime(of: Timestamp.text(unixTime: time)) != nil)
  }

  @Test(arguments: [
    "", "2027-01-15", "2027-01-15T08:00:00", "2027-01-15T08:00:00z", "2027-01-15t08:00:00Z",
    "2027-01-15 08:00:00Z",
    "2027-01-15T08:00:00+00:00", "2027-13-15T08:00:00Z", "2027-00-15T08:00:00Z", "2027-02-29T08:00:00Z",
    "2027-01-32T08:00:00Z", "2027-01-15T24:00:00Z", "2027-01-15T08:60:00Z", "2027-01-15T08:00:60Z",
    "2027-01-15T08:00:00.Z", "2027-01-15T08:00:00.1234567890Z", "2027-01-15T08:00:00,5Z",
    "+027-01-15T08:00:00Z",
    "２027-01-15T08:00:00Z",
  ]) func readsNothingElse(text: String) { #expect(Timestamp.unixTime(of: text) == nil) }
}
